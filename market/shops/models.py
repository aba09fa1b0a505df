"""Shops, who works in them, their papers and what was done about them."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class ShopState(StrEnum):
    applied = "applied"
    in_review = "in_review"
    open = "open"
    holiday = "holiday"
    suspended = "suspended"
    closed = "closed"


SHOP_STATES = States(
    "shop",
    {
        ShopState.applied: {ShopState.in_review, ShopState.closed},
        ShopState.in_review: {ShopState.open, ShopState.closed},
        ShopState.open: {ShopState.holiday, ShopState.suspended, ShopState.closed},
        ShopState.holiday: {ShopState.open, ShopState.suspended, ShopState.closed},
        ShopState.suspended: {ShopState.open, ShopState.closed},
        ShopState.closed: set(),
    },
)

# What buyers see; only an open shop sells.
ON_SHOW = (ShopState.open, ShopState.holiday)


class PaperState(StrEnum):
    missing = "missing"
    submitted = "submitted"
    accepted = "accepted"
    rejected = "rejected"
    waived = "waived"
    expired = "expired"


PAPER_STATES = States(
    "shop_paper",
    {
        PaperState.missing: {PaperState.submitted, PaperState.waived},
        PaperState.submitted: {
            PaperState.submitted,
            PaperState.accepted,
            PaperState.rejected,
            PaperState.waived,
        },
        # A renewed paper is looked at before it counts; until then the old one is not shown as valid.
        PaperState.accepted: {PaperState.submitted, PaperState.rejected, PaperState.expired},
        PaperState.rejected: {PaperState.submitted, PaperState.waived},
        PaperState.waived: {PaperState.submitted, PaperState.rejected},
        PaperState.expired: {PaperState.submitted, PaperState.waived},
    },
)
SETTLED = (PaperState.accepted, PaperState.waived)


class ShopRole(StrEnum):
    owner = "owner"
    clerk = "clerk"
    driver = "driver"


class Shop(Base):
    """A county shop. `commission_bp` is the market's share of the goods in basis points (1/100 of 1 %).

    `categories` are codes of what it means to sell. A holiday, ahead or running, has its first and its last
    day and the words that buyers read.
    """

    __tablename__ = "shops"
    __table_args__ = (
        CheckConstraint("commission_bp BETWEEN 0 AND 10000", name="commission"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="position_whole"),
        CheckConstraint(
            "state IN ('applied', 'in_review', 'open') OR state_reason IS NOT NULL", name="state_reasoned"
        ),
        CheckConstraint(
            "num_nulls(holiday_from, holiday_until, holiday_words) IN (0, 3)"
            " AND holiday_from <= holiday_until",
            name="holiday_whole",
        ),
        CheckConstraint("state <> 'holiday' OR holiday_until IS NOT NULL", name="holiday_ends"),
        # The unified social credit code, GB 32100-2015: 18 characters without I, O, S, V and Z.
        CheckConstraint("licence_number ~ '^[0-9A-HJ-NP-RTUW-Y]{18}$'", name="licence_shape"),
        Index("ix_shops_county_code", "county_code"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    name: Mapped[str]
    state: Mapped[ShopState] = mapped_column(default=ShopState.applied)
    state_reason: Mapped[str | None]
    state_since: Mapped[datetime]
    licence_number: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str]
    address: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    commission_bp: Mapped[int] = mapped_column(default=0)
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    holiday_from: Mapped[date | None]
    holiday_until: Mapped[date | None]
    holiday_words: Mapped[str | None]
    created_at: Mapped[datetime]


class ShopPaper(Base):
    """One paper of a shop: a photo, re-encoded without its metadata, and what the county said of it."""

    __tablename__ = "shop_papers"
    __table_args__ = (
        UniqueConstraint("shop_id", "kind"),
        CheckConstraint("octet_length(jpeg) <= 1000000", name="size"),
        CheckConstraint("state NOT IN ('rejected', 'waived') OR reason IS NOT NULL", name="reasoned"),
        CheckConstraint("state NOT IN ('submitted', 'accepted') OR jpeg IS NOT NULL", name="seen"),
        CheckConstraint("state <> 'expired' OR valid_to IS NOT NULL", name="dated"),
        Index("ix_shop_papers_waiting", "shop_id", postgresql_where=text("state = 'submitted'")),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    kind: Mapped[str]
    state: Mapped[PaperState] = mapped_column(default=PaperState.missing)
    reason: Mapped[str | None]
    valid_to: Mapped[date | None]
    jpeg: Mapped[bytes | None] = mapped_column(deferred=True)
    sha256: Mapped[str | None]
    submitted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    submitted_at: Mapped[datetime | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]


class ShopChange(Base):
    """What became of a shop, or of one thing of its own (`what`: ``shop``, a paper's kind, ``staff``).

    Never rewritten. Nobody did it where the clock did.
    """

    __tablename__ = "shop_changes"
    __table_args__ = (Index("ix_shop_changes_shop_id", "shop_id", "id"),)

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    what: Mapped[str]
    became: Mapped[str]
    reason: Mapped[str]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]


class ShopStaff(Base):
    """An account that works for a shop."""

    __tablename__ = "shop_staff"
    __table_args__ = (Index("ix_shop_staff_shop_id", "shop_id"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    role: Mapped[ShopRole]
    created_at: Mapped[datetime]


class ShopInvitation(Base):
    """Somebody with this phone is asked to work for the shop. The code is kept as an argon2id hash."""

    __tablename__ = "shop_invitations"
    __table_args__ = (
        CheckConstraint("phone ~ '^1[3-9][0-9]{9}$'", name="phone_shape"),
        CheckConstraint("expires_at > invited_at", name="expires_later"),
        CheckConstraint("wrong_tries BETWEEN 0 AND 5", name="tries"),
        Index("ix_shop_invitations_phone", "phone", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    phone: Mapped[str]
    role: Mapped[ShopRole]
    code_hash: Mapped[str]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    invited_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
