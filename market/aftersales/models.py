"""Tables of returns and repairs."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.aftersales.rules import Ground, Remedy, Verdict
from market.aftersales.states import RepairState, ReturnState
from market.kernel.db import Base, Id
from market.orders.models import OrderLine


class Way(StrEnum):
    """How a thing comes back: fetched by the courier, or brought in by its owner."""

    pickup = "pickup"
    bring = "bring"


class Found(StrEnum):
    """What the inspector of a return found."""

    as_told = "as_told"
    faulty = "faulty"
    damaged = "damaged"
    incomplete = "incomplete"
    wrong = "wrong"
    used = "used"


class Actor(StrEnum):
    """Who made a step."""

    buyer = "buyer"
    shop = "shop"
    county = "county"
    courier = "courier"
    clock = "clock"


class Decision(StrEnum):
    """How the county settles a dispute."""

    for_buyer = "for_buyer"
    for_shop = "for_shop"


class Fault(StrEnum):
    """What the owner sees of a fault."""

    no_power = "no_power"
    no_work = "no_work"
    noise = "noise"
    leak = "leak"
    display = "display"
    other = "other"


class Outcome(StrEnum):
    """How a repair ended."""

    fixed = "fixed"
    not_fixed = "not_fixed"
    declined = "declined"
    replaced = "replaced"


class WarrantyTerms(Base):
    """One version of what 三包 says of a category. Unverified ones are shown as 参考值."""

    __tablename__ = "warranty_terms"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="validity"),
        CheckConstraint("least(whole_months, main_part_months) > 0", name="months"),
        UniqueConstraint("category_code", "valid_from"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    whole_months: Mapped[int]
    main_part_months: Mapped[int]
    main_parts: Mapped[list[Any]]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    observed_at: Mapped[datetime]
    source: Mapped[str]
    confidence: Mapped[str]
    verified: Mapped[bool]


class ReturnRequest(Base):
    """What a buyer wants to give back of one order line, or have cheaper.

    `due_at` is when the state it is in has lasted long enough. `freight_fen` is what the buyer pays the
    courier in cash for fetching it. Of the `received_quantity` pieces, `restocked` can be sold again and
    `written_off` cannot. `late_at` is when the law's time to pay had passed without payment.
    """

    __tablename__ = "return_requests"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND received_quantity BETWEEN 1 AND quantity", name="quantity"),
        CheckConstraint(
            "least(restocked, written_off) >= 0"
            " AND restocked + written_off <= coalesce(received_quantity, 0)",
            name="no_more_than_received",
        ),
        CheckConstraint(
            "(written_off > 0) = (write_off_reason IS NOT NULL)", name="written_off_for_a_reason"
        ),
        CheckConstraint("(remedy = 'price_cut') = (cut_fen IS NOT NULL) AND cut_fen > 0", name="cut"),
        CheckConstraint("freight_fen >= 0", name="freight"),
        CheckConstraint("state NOT IN ('settling', 'refunded') OR refund_id IS NOT NULL", name="documented"),
        CheckConstraint(
            "state NOT IN ('received', 'exchanging', 'exchanged') OR received_at IS NOT NULL", name="received"
        ),
        CheckConstraint("(decision IS NULL) = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("other_listing_id IS NULL OR remedy = 'exchange'", name="other"),
        Index("ix_return_requests_county_code_state", "county_code", "state"),
        Index("ix_return_requests_shop_id_state", "shop_id", "state"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    order_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    repair_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("repairs.id"), unique=True)
    ground: Mapped[Ground]
    remedy: Mapped[Remedy]
    quantity: Mapped[int]
    words: Mapped[str]
    way: Mapped[Way]
    state: Mapped[ReturnState]
    state_since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    cut_fen: Mapped[int | None]
    other_listing_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listings.id"))
    freight_fen: Mapped[int] = mapped_column(default=0)
    collected_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    received_quantity: Mapped[int | None]
    found: Mapped[Found | None]
    restocked: Mapped[int] = mapped_column(default=0)
    written_off: Mapped[int] = mapped_column(default=0)
    write_off_reason: Mapped[str | None]
    decision: Mapped[Decision | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    refund_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    out_number: Mapped[int] = mapped_column(default=0)
    out_refused: Mapped[bool] = mapped_column(default=False)
    late_at: Mapped[datetime | None]

    line: Mapped[OrderLine] = relationship(lazy="joined")

    @property
    def reference(self) -> str:
        """What other rooms call it."""
        return f"return:{self.id}"


class Repair(Base):
    """One piece that is mended. `fee_fen` is what its owner pays in the end, 0 where the warranty covers it.

    From `clock_from` to `clock_to` she was without it, and its warranty stood still.
    """

    __tablename__ = "repairs"
    __table_args__ = (
        CheckConstraint("fee_fen >= 0", name="fee"),
        CheckConstraint("state <> 'quoted' OR (fee_fen > 0 AND due_at IS NOT NULL)", name="quoted"),
        CheckConstraint(
            "(state IN ('going_home', 'home', 'replaced')) = (outcome IS NOT NULL)", name="outcome_known"
        ),
        CheckConstraint("clock_from <= clock_to", name="clock"),
        CheckConstraint("(slip_number IS NULL) = (received_by_id IS NULL)", name="desk_whole"),
        UniqueConstraint("county_code", "slip_number"),
        Index("ix_repairs_county_code_state", "county_code", "state"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"), index=True)
    order_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    fault: Mapped[Fault]
    words: Mapped[str]
    way: Mapped[Way]
    state: Mapped[RepairState]
    state_since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    terms_id: Mapped[str | None] = mapped_column(ForeignKey("warranty_terms.id"))
    verdict: Mapped[Verdict]
    warranty_until: Mapped[datetime | None]
    is_covered: Mapped[bool | None]
    part: Mapped[str | None]
    found: Mapped[str] = mapped_column(default="")
    fee_fen: Mapped[int] = mapped_column(default=0)
    parts_by: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    clock_from: Mapped[datetime | None]
    clock_to: Mapped[datetime | None]
    out_number: Mapped[int] = mapped_column(default=0)
    out_refused: Mapped[bool] = mapped_column(default=False)
    paid_at: Mapped[datetime | None]
    slip_number: Mapped[str | None]
    received_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))

    line: Mapped[OrderLine] = relationship(lazy="joined")

    @property
    def reference(self) -> str:
        """What other rooms call it."""
        return f"repair:{self.id}"


class AftersalesStep(Base):
    """When a case entered a state, who made it, and what was said to it: what its buyer follows."""

    __tablename__ = "aftersales_steps"
    __table_args__ = (Index("ix_aftersales_steps_reference", "reference"),)

    id: Mapped[Id]
    reference: Mapped[str]
    state: Mapped[str]
    by: Mapped[Actor]
    note: Mapped[str]
    at: Mapped[datetime]


class AftersalesPhoto(Base):
    """A photo of a case: JPEG, re-encoded without its metadata."""

    __tablename__ = "aftersales_photos"
    __table_args__ = (
        CheckConstraint("octet_length(jpeg) <= 1000000", name="size"),
        Index("ix_aftersales_photos_reference", "reference"),
    )

    id: Mapped[Id]
    reference: Mapped[str]
    by: Mapped[Actor]
    jpeg: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    created_at: Mapped[datetime]
