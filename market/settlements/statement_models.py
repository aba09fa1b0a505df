"""What a recycler owes the market, month by month."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.kernel.db import Base, Id
from market.kernel.states import States


class StatementState(StrEnum):
    due = "due"
    paid = "paid"


STATEMENT_STATES = States(
    "recycler_statement", {StatementState.due: {StatementState.paid}, StatementState.paid: set()}
)


class RecyclerStatement(Base):
    """A recycler's month on one page: what consumers were credited for its devices, which it pays by bank.

    `month` is the first of the month (in China) up to whose end the entries go; `number` has no gap in its
    county.
    """

    __tablename__ = "recycler_statements"
    __table_args__ = (
        UniqueConstraint("recycler_id", "month"),
        UniqueConstraint("county_code", "number"),
        UniqueConstraint("county_code", "bank_reference"),
        CheckConstraint("amount_fen > 0", name="owes"),
        CheckConstraint(
            "num_nonnulls(bank_reference, confirmed_by_id, paid_at)"
            " = CASE WHEN state = 'paid' THEN 3 ELSE 0 END",
            name="paid_whole",
        ),
    )

    id: Mapped[Id]
    recycler_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recyclers.id"))
    recycler_name: Mapped[str]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    month: Mapped[date]
    number: Mapped[int]
    amount_fen: Mapped[int]
    due_on: Mapped[date]
    state: Mapped[StatementState]
    drawn_up_at: Mapped[datetime]
    bank_reference: Mapped[str | None]
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    paid_at: Mapped[datetime | None]

    lines: Mapped[list["StatementLine"]] = relationship(order_by="StatementLine.entry_id")


class StatementLine(Base):
    """One entry of the book on a recycler's account; `code` is the device's. Each is on one statement."""

    __tablename__ = "recycler_statement_lines"

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)
    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recycler_statements.id"), index=True)
    kind: Mapped[str]
    code: Mapped[str]
    amount_fen: Mapped[int]
    happened_at: Mapped[datetime]
