"""Tables of recycling."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States
from market.recycling.parcel_models import FreightCampaign as FreightCampaign  # its tables are the room's
from market.recycling.payout_models import Payout
from market.recycling.states import DueState, RecyclingState, TradeInState
from market.recycling.ways import Way


class RecyclerState(StrEnum):
    """`lapsed` is what its licence is; `suspended` is what the county has decided."""

    active = "active"
    suspended = "suspended"
    lapsed = "lapsed"


RECYCLER_STATES = States(
    "recycler",
    {
        RecyclerState.active: {RecyclerState.suspended, RecyclerState.lapsed},
        RecyclerState.suspended: {RecyclerState.active},
        RecyclerState.lapsed: {RecyclerState.active, RecyclerState.suspended},
    },
)


class RegisterAct(StrEnum):
    """What may happen to an entry of the register."""

    added = "added"
    edited = "edited"
    renewed = "renewed"
    document_added = "document_added"
    suspended = "suspended"
    reopened = "reopened"
    lapsed = "lapsed"


class WipeMethod(StrEnum):
    """How data is removed: the ways that GB 46864-2025 names; and what is done to a thing that no longer
    starts, whose memory is shredded or drilled through before a witness."""

    overwrite = "overwrite"
    block_erase = "block_erase"
    shredded = "shredded"
    drilled = "drilled"


DESTROYING = frozenset({WipeMethod.shredded, WipeMethod.drilled})


class DeviceGrade(StrEnum):
    """What a taken-in device is fit for; scrap goes to a dismantler."""

    a = "A"
    b = "B"
    c = "C"
    d = "D"
    e = "E"
    scrap = "scrap"


class RecyclerKind(StrEnum):
    """What a licence allows: to take in, grade and resell; or to treat what is scrap (条例, facts §3.1)."""

    collector = "collector"
    dismantler = "dismantler"


class DeviceKind(StrEnum):
    """How a thing came back."""

    mail_in = "mail_in"
    trade_in = "trade_in"


class Recycler(Base):
    """A licensed recycler or dismantler, and the categories its licence covers.

    `state_reason` is why it may not work.
    """

    __tablename__ = "recyclers"
    __table_args__ = (CheckConstraint("valid_from < valid_to", name="validity"),)

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"), index=True)
    name: Mapped[str]
    kind: Mapped[RecyclerKind] = mapped_column(default=RecyclerKind.collector)
    licence_number: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    address: Mapped[str]
    phone: Mapped[str]
    state: Mapped[RecyclerState] = mapped_column(default=RecyclerState.active)
    state_reason: Mapped[str | None]
    created_at: Mapped[datetime]


class RecyclerDocument(Base):
    """A photo of a licence, a filing or a contract: JPEG, re-encoded without its metadata."""

    __tablename__ = "recycler_documents"
    __table_args__ = (
        CheckConstraint("octet_length(jpeg) <= 1000000", name="size"),
        UniqueConstraint("recycler_id", "sha256"),
    )

    id: Mapped[Id]
    recycler_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recyclers.id"))
    title: Mapped[str]
    jpeg: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    added_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class RegisterChange(Base):
    """Who changed an entry of the register, and why; nobody where the clock did."""

    __tablename__ = "register_changes"
    __table_args__ = (
        CheckConstraint("(act = 'lapsed') = (by_id IS NULL)", name="somebody"),
        CheckConstraint("act <> 'suspended' OR reason <> ''", name="reasoned"),
        Index("ix_register_changes_recycler_id", "recycler_id", "id"),
    )

    id: Mapped[Id]
    recycler_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recyclers.id"))
    act: Mapped[RegisterAct]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str]
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class RecyclerStaff(Base):
    """An account that works for a recycler."""

    __tablename__ = "recycler_staff"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    recycler_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recyclers.id"), index=True)
    created_at: Mapped[datetime]


class DueReason(StrEnum):
    """Why a buyer owes what she had been credited."""

    lower_worth = "lower_worth"
    given_back = "given_back"
    not_handed_in = "not_handed_in"


class PaidBy(StrEnum):
    """How a due was paid."""

    online = "online"
    desk = "desk"


class Decision(StrEnum):
    """How an operator settles what the buyer did not agree to, and at whose cost."""

    county_bears = "county_bears"
    recycler_bears = "recycler_bears"
    give_back = "give_back"


class PriceTableRow(Base):
    """One version of a category's prices. Unverified ones are shown as 参考值."""

    __tablename__ = "recycling_prices"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="validity"),
        UniqueConstraint("category_code", "valid_from"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    prices: Mapped[dict[str, Any]]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    source: Mapped[str]
    verified: Mapped[bool]


class TradeIn(Base):
    """An old appliance handed over with an order; `reference` is that order, `credit_fen` its tender.

    Weight and size are those typical of the category, for the truck; the scale's word comes at the end.
    `withdrawn_fen` of the credit went with goods that were undone; `worth_fen` is what the appliance counts
    for in the end. Where that is more than she had, she was given `topped_up_fen` in points; where it is
    less she owes it (`TradeInDue`), but for `waived_fen`, which the county bears.
    """

    __tablename__ = "trade_ins"
    __table_args__ = (
        CheckConstraint("credit_fen > 0", name="credit"),
        CheckConstraint("age_years BETWEEN 0 AND 50", name="age"),
        CheckConstraint("weight_grams > 0 AND confirmed_weight_grams > 0", name="weight"),
        CheckConstraint(
            "(state IN ('confirmed', 'wiped', 'graded', 'resold', 'dismantled'))"
            " <= (confirmed_weight_grams IS NOT NULL)",
            name="weighed",
        ),
        CheckConstraint("withdrawn_fen BETWEEN 0 AND credit_fen", name="withdrawn"),
        CheckConstraint("least(worth_fen, topped_up_fen, waived_fen) >= 0 AND offer_fen > 0", name="amounts"),
        CheckConstraint("(state = 'reoffer') = (answer_by IS NOT NULL)", name="answer_by"),
        CheckConstraint(
            "(state IN ('not_handed_in', 'kept', 'confirmed', 'wiped', 'graded', 'resold', 'dismantled',"
            " 'going_home', 'returned')) = (worth_fen IS NOT NULL)",
            name="worth_known",
        ),
        CheckConstraint("(decision IS NULL) = (decided_by_id IS NULL)", name="decided_by"),
        Index("ix_trade_ins_county_code_state", "county_code", "state"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    reference: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    price_table_id: Mapped[str] = mapped_column(ForeignKey("recycling_prices.id"))
    age_years: Mapped[int]
    works: Mapped[bool]
    complete: Mapped[bool]
    credit_fen: Mapped[int]
    state: Mapped[TradeInState]
    weight_grams: Mapped[int]
    volume_cm3: Mapped[int]
    longest_side_mm: Mapped[int]
    people_required: Mapped[int]
    recycler_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recyclers.id"))
    confirmed_weight_grams: Mapped[int | None]
    created_at: Mapped[datetime]
    collected_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    withdrawn_fen: Mapped[int] = mapped_column(default=0)
    offer_fen: Mapped[int | None]
    answer_by: Mapped[datetime | None]
    worth_fen: Mapped[int | None]
    topped_up_fen: Mapped[int] = mapped_column(default=0)
    waived_fen: Mapped[int] = mapped_column(default=0)
    dispute: Mapped[str | None]
    decision: Mapped[Decision | None]
    decision_note: Mapped[str | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    returned_at: Mapped[datetime | None]
    grade: Mapped[DeviceGrade | None]

    @property
    def granted_fen(self) -> int:
        """What of the credit still stands in her order."""
        return self.credit_fen - self.withdrawn_fen


class TradeInAssessment(Base):
    """What the recycler found of a traded-in appliance, with a photo where it is worth less than credited."""

    __tablename__ = "trade_in_assessments"
    __table_args__ = (
        CheckConstraint("value_fen > 0", name="value"),
        CheckConstraint("octet_length(jpeg) <= 1000000", name="size"),
    )

    id: Mapped[Id]
    trade_in_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trade_ins.id"), unique=True)
    assessor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    age_years: Mapped[int]
    faults: Mapped[list[Any]]
    reasons: Mapped[list[Any]]
    value_fen: Mapped[int]
    note: Mapped[str]
    jpeg: Mapped[bytes | None] = mapped_column(deferred=True)
    sha256: Mapped[str | None]
    created_at: Mapped[datetime]


class TradeInDue(Base):
    """A document: what a buyer owes of a credit that her appliance did not bear out. At most one is open."""

    __tablename__ = "trade_in_dues"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "(state = 'paid') = (paid_by IS NOT NULL) AND (state = 'open') = (settled_at IS NULL)",
            name="settled_whole",
        ),
        CheckConstraint(
            "coalesce(paid_by = 'desk', false) = (num_nonnulls(slip_number, received_by_id) = 2)",
            name="desk_whole",
        ),
        Index(
            "ix_trade_in_dues_one_open", "trade_in_id", unique=True, postgresql_where=text("state = 'open'")
        ),
        Index("ix_trade_in_dues_trade_in_id", "trade_in_id"),
        UniqueConstraint("county_code", "slip_number"),  # each county's bank counts for itself
    )

    id: Mapped[Id]
    trade_in_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trade_ins.id"))
    amount_fen: Mapped[int]
    reason: Mapped[DueReason]
    state: Mapped[DueState] = mapped_column(default=DueState.open)
    paid_by: Mapped[PaidBy | None]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    slip_number: Mapped[str | None]
    received_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class RecyclingOrder(Base):
    """A thing sent in, from the first answer to its end. `code` is all that a recycler knows.

    `hazards` are the safety questions answered with yes. `way` and `payout` are null until she has chosen;
    `drop_off` is the place she carries it to, `address_id` where the courier fetches it. `charged_fen` is
    what the recycler owes the market for it (null where it was paid before that was booked).
    """

    __tablename__ = "recycling_orders"
    __table_args__ = (
        CheckConstraint("age_years BETWEEN 0 AND 50", name="age"),
        CheckConstraint("quote_fen > 0 AND offer_fen > 0", name="offers"),
        CheckConstraint("paid_fen <= offer_fen", name="paid_as_offered"),
        CheckConstraint(
            "(state IN ('paid', 'wiped', 'graded', 'resold')) <= (paid_fen IS NOT NULL)",
            name="paid_before_wiped",
        ),
        CheckConstraint("state IN ('draft', 'cancelled') OR quote_fen IS NOT NULL", name="quoted"),
        CheckConstraint(
            "(state IN ('reoffer', 'locked_device')) = (answer_by IS NOT NULL)", name="answer_by"
        ),
        CheckConstraint("weight_grams > 0", name="weight"),
        CheckConstraint(
            "coalesce(way, 'post') <> 'post' OR hazards = '[]' OR state IN"
            " ('draft', 'quoted', 'expired', 'cancelled')",
            name="post_is_safe",
        ),
        CheckConstraint("charged_fen = paid_fen", name="charged_as_paid"),
        Index("ix_recycling_orders_county_code_state", "county_code", "state"),
        Index("ix_recycling_orders_recycler_id_state", "recycler_id", "state"),
        Index("ix_recycling_orders_account_id", "account_id"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    model: Mapped[str]
    age_years: Mapped[int]
    faults: Mapped[list[Any]]
    state: Mapped[RecyclingState]
    state_since: Mapped[datetime]
    created_at: Mapped[datetime]
    price_table_id: Mapped[str | None] = mapped_column(ForeignKey("recycling_prices.id"))
    quote_fen: Mapped[int | None]
    valid_until: Mapped[datetime | None]
    recycler_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recyclers.id"))
    pickup_on: Mapped[date | None]
    tracking_number: Mapped[str | None]
    received_at: Mapped[datetime | None]
    weight_grams: Mapped[int | None]
    seal_number: Mapped[str | None]
    offer_fen: Mapped[int | None]
    answer_by: Mapped[datetime | None]
    paid_fen: Mapped[int | None]
    grade: Mapped[DeviceGrade | None]
    return_tracking_number: Mapped[str | None]
    hazards: Mapped[list[Any]] = mapped_column(default=list)
    way: Mapped[Way | None]
    drop_off: Mapped[str | None]
    address_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("addresses.id", ondelete="SET NULL"))
    payout: Mapped[Payout | None]
    label_until: Mapped[datetime | None]
    charged_fen: Mapped[int | None]


class Assessment(Base):
    """What the recycler found on opening the parcel, and the reasons where it differs from what was told."""

    __tablename__ = "recycling_assessments"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recycling_orders.id"), index=True)
    assessor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    age_years: Mapped[int]
    faults: Mapped[list[Any]]
    reasons: Mapped[list[Any]]
    value_fen: Mapped[int]
    note: Mapped[str]
    created_at: Mapped[datetime]


class RecyclingPhoto(Base):
    """A photo of a thing, its owner's (``told``) or the recycler's: JPEG, re-encoded without metadata."""

    __tablename__ = "recycling_photos"
    __table_args__ = (CheckConstraint("octet_length(jpeg) <= 1000000", name="size"),)

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recycling_orders.id"), index=True)
    occasion: Mapped[str]
    jpeg: Mapped[bytes]
    sha256: Mapped[str]
    created_at: Mapped[datetime]
