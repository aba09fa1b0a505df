"""Who may have a subsidy: real names, coupons, how many there are, and the lottery's rounds and tickets."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class RealName(Base):
    """A person's name and ID number: `sealed`, found again by its `fingerprint`, shown as `masked`.

    Of who took them back after drawing a subsidy the fingerprint alone is left, and the rest is empty.
    """

    __tablename__ = "real_names"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    name: Mapped[str]
    masked: Mapped[str]
    sealed: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(unique=True)
    checked_at: Mapped[datetime]


class CouponState(StrEnum):
    claimed = "claimed"
    used = "used"
    lapsed = "lapsed"


COUPON_STATES = States(
    "coupon",
    {
        CouponState.claimed: {CouponState.used, CouponState.lapsed},
        CouponState.used: {CouponState.claimed, CouponState.lapsed},  # the order was undone
        CouponState.lapsed: set(),
    },
)


class Coupon(Base):
    """One person's right to the subsidy for one piece of a category. `reference` is the line that used it."""

    __tablename__ = "coupons"
    __table_args__ = (
        CheckConstraint("(state = 'used') = (reference IS NOT NULL)", name="used_by_a_line"),
        # Twenty phones of one person: one of them has it.
        Index(
            "uq_coupons_live",
            "account_id",
            "programme_id",
            "category",
            unique=True,
            postgresql_where=text("state = 'claimed'"),
        ),
        ForeignKeyConstraint(
            ["programme_id", "county_code", "category"],
            ["coupon_pools.programme_id", "coupon_pools.county_code", "coupon_pools.category"],
            name="fk_coupons_pool",
        ),
    )

    id: Mapped[Id]
    programme_id: Mapped[str]
    county_code: Mapped[str]
    category: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    round_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lottery_rounds.id"))
    state: Mapped[CouponState]
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reference: Mapped[str | None] = mapped_column(unique=True)


class CouponPool(Base):
    """How many coupons of a category a county hands out, and how many are claimed or used."""

    __tablename__ = "coupon_pools"
    __table_args__ = (
        CheckConstraint("taken BETWEEN 0 AND total", name="within_total"),
        ForeignKeyConstraint(
            ["programme_id", "county_code"],
            ["pots.programme_id", "pots.county_code"],
            name="fk_coupon_pools_pot",
        ),
    )

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    total: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class CouponChances(Base):
    """How often one person has claimed a coupon of a category, and how often she may."""

    __tablename__ = "coupon_chances"
    __table_args__ = (CheckConstraint("used BETWEEN 0 AND chances", name="within_chances"),)

    programme_code: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
    chances: Mapped[int]


class RoundState(StrEnum):
    open = "open"
    drawn = "drawn"


ROUND_STATES = States("lottery_round", {RoundState.open: {RoundState.drawn}, RoundState.drawn: set()})


class LotteryRound(Base):
    """A draw of coupons: `seed_hash` is published while people register, `seed` once it is drawn."""

    __tablename__ = "lottery_rounds"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="period"),
        CheckConstraint("places > 0", name="places"),
        CheckConstraint("(state = 'drawn') = (seed IS NOT NULL)", name="seed_when_drawn"),
        ForeignKeyConstraint(
            ["programme_id", "county_code", "category"],
            ["coupon_pools.programme_id", "coupon_pools.county_code", "coupon_pools.category"],
            name="fk_lottery_rounds_pool",
        ),
        Index("ix_lottery_rounds_county_code_closes_at", "county_code", "closes_at"),
    )

    id: Mapped[Id]
    programme_id: Mapped[str]
    county_code: Mapped[str]
    category: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    places: Mapped[int]
    tickets: Mapped[int] = mapped_column(default=0)
    seed_hash: Mapped[str]
    sealed_seed: Mapped[str]
    seed: Mapped[str | None]
    state: Mapped[RoundState]
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))


class LotteryTicket(Base):
    """One person's place in a round, by the number she was given."""

    __tablename__ = "lottery_tickets"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lottery_rounds.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    number: Mapped[int]
    won: Mapped[bool | None]
