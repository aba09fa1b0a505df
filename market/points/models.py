"""Balances, lots and what was spent from which lot."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class LotState(StrEnum):
    pending = "pending"
    available = "available"
    expired = "expired"


LOT_STATES = States(
    "points_lot",
    {
        LotState.pending: {LotState.available},
        LotState.available: {LotState.expired},
        LotState.expired: set(),
    },
)


class PointsAccount(Base):
    """A buyer's balances, and the row that everything that moves her points locks first."""

    __tablename__ = "points_accounts"
    __table_args__ = (
        CheckConstraint("pending >= 0", name="pending"),
        CheckConstraint("available >= 0", name="available"),
        CheckConstraint("debt >= 0", name="debt"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    pending: Mapped[int] = mapped_column(default=0)
    available: Mapped[int] = mapped_column(default=0)
    debt: Mapped[int] = mapped_column(default=0)


class PointsLot(Base):
    """Points that came together: `points` at first, `remaining` unspent, one expiry.

    `taken_back` counts those whose money was refunded.
    """

    __tablename__ = "points_lots"
    __table_args__ = (
        CheckConstraint("points > 0 AND remaining BETWEEN 0 AND points", name="remaining"),
        CheckConstraint("taken_back BETWEEN 0 AND points", name="taken_back"),
        Index("ix_points_lots_account_id_expires_at", "account_id", "expires_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    points: Mapped[int]
    remaining: Mapped[int]
    taken_back: Mapped[int] = mapped_column(default=0)
    state: Mapped[LotState]
    vests_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class PointsSpend(Base):
    """What one reference (an order) took from one lot, and how much of it came back."""

    __tablename__ = "points_spends"
    __table_args__ = (CheckConstraint("points > 0 AND restored BETWEEN 0 AND points", name="restored"),)

    reference: Mapped[str] = mapped_column(primary_key=True)
    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("points_lots.id"), primary_key=True)
    points: Mapped[int]
    restored: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
