"""Collections, hand-ins, deposits and breaks. Amounts in fen."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.delivery.models import Courier
from market.kernel.db import Base, Id
from market.kernel.states import States


class HandInState(StrEnum):
    open = "open"
    received = "received"
    canceled = "canceled"


HAND_IN_STATES = States(
    "hand_in",
    {
        HandInState.open: {HandInState.received, HandInState.canceled},
        HandInState.received: set(),
        HandInState.canceled: set(),
    },
)


class BreakKind(StrEnum):
    """Where a difference was found: at the hub's counter, or at the bank's."""

    hand_in = "hand_in"
    deposit = "deposit"


class BreakState(StrEnum):
    open = "open"
    resolved = "resolved"


BREAK_STATES = States("cash_break", {BreakState.open: {BreakState.resolved}, BreakState.resolved: set()})


class Deposit(Base):
    """Cash of a county's hub in the bank: `amount_fen` is what the slip says."""

    __tablename__ = "cash_deposits"
    __table_args__ = (
        UniqueConstraint("county_code", "slip_number"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("char_length(slip_number) BETWEEN 4 AND 40", name="slip_number_length"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    amount_fen: Mapped[int]
    slip_number: Mapped[str]
    slip_photo: Mapped[bytes | None] = mapped_column(deferred=True)
    banked_at: Mapped[datetime]
    banked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))


class HandIn(Base):
    """A courier passes her collections to the hub; counted once it is received."""

    __tablename__ = "cash_hand_ins"
    __table_args__ = (
        CheckConstraint("expected_fen > 0 AND counted_fen >= 0", name="amounts"),
        CheckConstraint("wrong_tries >= 0", name="wrong_tries"),
        CheckConstraint(
            "(state = 'received') = (num_nonnulls(counted_fen, received_by, received_at) = 3)",
            name="received_whole",
        ),
        CheckConstraint("deposit_id IS NULL OR state = 'received'", name="banked_after_received"),
        Index("uq_cash_hand_ins_open", "courier_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_cash_hand_ins_county_code_state", "county_code", "state"),
    )

    id: Mapped[Id]
    courier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("couriers.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    expected_fen: Mapped[int]
    counted_fen: Mapped[int | None]
    code_hash: Mapped[str]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[HandInState]
    received_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    received_at: Mapped[datetime | None]
    deposit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cash_deposits.id"))

    courier: Mapped[Courier] = relationship(lazy="joined", innerjoin=True)


class CashCollection(Base):
    """Cash taken for one reference. An open hand-in holds it; a received one has passed it on."""

    __tablename__ = "cash_collections"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount"),
        Index("ix_cash_collections_courier_id", "courier_id", postgresql_where=text("deposit_id IS NULL")),
        Index("ix_cash_collections_hand_in_id", "hand_in_id"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    # Named as the book's account names the courier: what was taken is told even of one who is not on file.
    courier_id: Mapped[uuid.UUID]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    amount_fen: Mapped[int]
    collected_at: Mapped[datetime]
    hand_in_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cash_hand_ins.id"))
    deposit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cash_deposits.id"))


class CashBreak(Base):
    """Counted was not what was expected. `written_off_fen` of the difference was booked as lost."""

    __tablename__ = "cash_breaks"
    __table_args__ = (
        UniqueConstraint("kind", "reference"),
        CheckConstraint("expected_fen <> counted_fen", name="differs"),
        CheckConstraint("(kind = 'hand_in') = (courier_id IS NOT NULL)", name="courier"),
        CheckConstraint(
            "(state = 'resolved') = (num_nonnulls(resolved_at, resolved_by, note) = 3)", name="resolved_whole"
        ),
        CheckConstraint("written_off_fen IN (0, expected_fen - counted_fen)", name="written_off_whole"),
        Index("ix_cash_breaks_county_code_state", "county_code", "state"),
    )

    id: Mapped[Id]
    kind: Mapped[BreakKind]
    reference: Mapped[str]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    courier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("couriers.id"))
    expected_fen: Mapped[int]
    counted_fen: Mapped[int]
    written_off_fen: Mapped[int] = mapped_column(default=0)
    state: Mapped[BreakState]
    found_at: Mapped[datetime]
    note: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))

    courier: Mapped[Courier | None] = relationship(lazy="joined")

    @property
    def missing_fen(self) -> int:
        """What was short; negative where there was too much."""
        return self.expected_fen - self.counted_fen
