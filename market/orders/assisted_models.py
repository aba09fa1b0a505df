"""Table of orders that a shop's clerk places at the counter for somebody."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class AssistState(StrEnum):
    asked = "asked"
    agreed = "agreed"
    placed = "placed"


ASSIST_STATES = States(
    "assisted_order",
    {
        AssistState.asked: {AssistState.agreed},
        AssistState.agreed: {AssistState.placed},
        AssistState.placed: set(),
    },
)


class AssistedOrder(Base):
    """A clerk helps somebody buy. She agreed by a code that was sent to her, or on paper (`paper_jpeg`).

    `account_id` is None where nobody has the number that was typed: the clerk is not told. `draft` is what is
    to be ordered, until it is.
    """

    __tablename__ = "assisted_orders"
    __table_args__ = (
        CheckConstraint("(state = 'asked') = (agreed_at IS NULL)", name="agreed"),
        CheckConstraint("agreed_at IS NULL OR account_id IS NOT NULL", name="agreed_by_somebody"),
        CheckConstraint("(agreed_at IS NULL) = (consent_version IS NULL)", name="versioned"),
        CheckConstraint("(state = 'placed') = (order_id IS NOT NULL)", name="placed"),
        CheckConstraint("code_hash IS NOT NULL OR agreed_at IS NOT NULL", name="by_code_or_paper"),
        Index("ix_assisted_orders_shop_id_created_at", "shop_id", "created_at"),
        Index("ix_assisted_orders_account_id", "account_id"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    clerk_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[AssistState]
    code_hash: Mapped[str | None]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    paper_jpeg: Mapped[bytes | None]
    consent_version: Mapped[int | None]
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    created_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
