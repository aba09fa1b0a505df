"""Where the yuan for a thing sent in go, and when they went."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base


class Payout(StrEnum):
    """What the consumer is paid in."""

    points = "points"
    yuan = "yuan"


class BankPayout(Base):
    """The bank account that an order is paid to. The number is sealed; `tail` is its last four digits.

    `amount_fen` is there once it is owed, the rest once the county's bank has paid it.
    """

    __tablename__ = "recycling_bank_payouts"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("num_nulls(bank_reference, paid_by_id, paid_at) IN (0, 3)", name="paid_whole"),
        CheckConstraint("(paid_at IS NOT NULL) <= (amount_fen IS NOT NULL)", name="owed_before_paid"),
        UniqueConstraint("county_code", "bank_reference"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recycling_orders.id"), primary_key=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    holder: Mapped[str]
    bank: Mapped[str]
    number_sealed: Mapped[str]
    tail: Mapped[str]
    amount_fen: Mapped[int | None]
    bank_reference: Mapped[str | None]
    paid_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    paid_at: Mapped[datetime | None]
