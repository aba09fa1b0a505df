"""Payments, refunds, webhook events and breaks."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class PaymentState(StrEnum):
    open = "open"
    captured = "captured"
    expired = "expired"
    broken = "broken"


PAYMENT = States(
    "payment",
    {
        PaymentState.open: {PaymentState.captured, PaymentState.expired, PaymentState.broken},
        PaymentState.captured: set(),
        PaymentState.expired: set(),
        PaymentState.broken: set(),
    },
)


class RefundState(StrEnum):
    requested = "requested"
    sent = "sent"
    succeeded = "succeeded"
    failed = "failed"


REFUND = States(
    "refund",
    {
        RefundState.requested: {RefundState.sent, RefundState.succeeded, RefundState.failed},
        RefundState.sent: {RefundState.succeeded, RefundState.failed},
        RefundState.succeeded: set(),
        RefundState.failed: set(),
    },
)


class Payment(Base):
    """One attempt to pay an order online. At most one is open for an order."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(state = 'captured') <= (capture_reference IS NOT NULL)", name="captured"),
        Index("ix_payments_one_open", "order_id", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    amount_fen: Mapped[int]
    state: Mapped[PaymentState]
    checkout_reference: Mapped[str | None] = mapped_column(unique=True)
    checkout_url: Mapped[str | None]
    capture_reference: Mapped[str | None] = mapped_column(unique=True)
    method: Mapped[str | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Refund(Base):
    """Money on its way back to the buyer; `reference` says for what, once."""

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    id: Mapped[Id]
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    reference: Mapped[str] = mapped_column(unique=True)
    amount_fen: Mapped[int]
    state: Mapped[RefundState]
    provider_reference: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class WebhookEvent(Base):
    """That the provider had something to say, and about what. The truth is fetched, never read from it."""

    __tablename__ = "webhook_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_reference: Mapped[str]
    received_at: Mapped[datetime]


class PaymentBreak(Base):
    """The provider's truth contradicts ours; a person has to look."""

    __tablename__ = "payment_breaks"

    id: Mapped[Id]
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    detail: Mapped[str]
    found_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
