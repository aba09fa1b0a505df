"""Payments, refunds, webhook events and breaks."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
    approved = "approved"
    sent = "sent"
    succeeded = "succeeded"
    failed = "failed"
    rejected = "rejected"


REFUND = States(
    "refund",
    {
        RefundState.requested: {RefundState.approved, RefundState.rejected},
        RefundState.approved: {RefundState.sent, RefundState.succeeded, RefundState.failed},
        RefundState.sent: {RefundState.succeeded, RefundState.failed},
        # A bank or a wallet may send money back days after it said it had arrived.
        RefundState.succeeded: {RefundState.failed},
        # The buyer is still owed it: it is tried again.
        RefundState.failed: {RefundState.approved},
        RefundState.rejected: set(),
    },
)


class RefundKind(StrEnum):
    unclaimed = "unclaimed"  # came too late, or a second time
    undone = "undone"  # the goods never reached the buyer
    returned = "returned"  # they came back
    reduced = "reduced"  # their price fell, they stay
    goodwill = "goodwill"
    deposit = "deposit"  # what it was paid down for never came about, or came back
    penalty = "penalty"  # as much again as a deposit, of whoever let its payer down


class Bearer(StrEnum):
    county = "county"
    shop = "shop"


class Payment(Base):
    """One attempt to pay an order online, what is due for its old appliance (`due_id`), or a bill of a higher
    room's, which `bill` names (``repair:ID``) and which counts it at `credited_at`. A deposit is a bill that
    has no order yet.

    At most one is open for each. `payer_hash` is a keyed hash of the card, as the provider tells cards apart:
    it says that two payments came from one card, and not from which.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(state = 'captured') <= (capture_reference IS NOT NULL)", name="captured"),
        Index(
            "ix_payments_one_open",
            "order_id",
            unique=True,
            postgresql_where=text("state = 'open' AND due_id IS NULL AND bill IS NULL"),
        ),
        Index("ix_payments_one_open_bill", "bill", unique=True, postgresql_where=text("state = 'open'")),
        CheckConstraint("due_id IS NULL OR bill IS NULL", name="for_one_thing"),
        CheckConstraint("order_id IS NOT NULL OR bill IS NOT NULL", name="for_something"),
        CheckConstraint("(credited_at IS NOT NULL) <= (bill IS NOT NULL)", name="credited"),
        Index("ix_payments_one_open_due", "due_id", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orders.id"))
    due_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("trade_in_dues.id"))
    bill: Mapped[str | None]
    credited_at: Mapped[datetime | None]
    amount_fen: Mapped[int]
    state: Mapped[PaymentState]
    checkout_reference: Mapped[str | None] = mapped_column(unique=True)
    checkout_url: Mapped[str | None]
    capture_reference: Mapped[str | None] = mapped_column(unique=True)
    method: Mapped[str | None]
    payer_hash: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Refund(Base):
    """A document: money on its way back to the buyer. `reference` says for what, once.

    `account_id` is owed it, and its `county_code`'s desk looks after it. Without a payment it is paid out in
    cash at the hub. What is requested by a person is approved by another; what nobody requested follows from
    what happened. `to_county_fen` and `to_shop_fen` are what the buyer had been given as goodwill before, and
    so is not given twice. `deposit_fen` goes back besides, the way the deposit was paid. Of cash it says who
    took it (`paid_to`, until the account ends) and who handed it out.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount"),
        CheckConstraint(
            "payment_id IS NOT NULL OR shop_order_id IS NOT NULL OR kind = 'penalty'", name="of_something"
        ),
        CheckConstraint("(kind = 'goodwill') = (bearer IS NOT NULL)", name="bearer_named"),
        CheckConstraint("paid_to IS NULL OR paid_out_by_id IS NOT NULL", name="paid_out"),
        CheckConstraint("decided_by_id <> requested_by_id OR state = 'rejected'", name="four_eyes"),
        CheckConstraint(
            "requested_by_id IS NULL OR decided_by_id IS NOT NULL OR state = 'requested'",
            name="decided",
        ),
        CheckConstraint(
            "least(delivery_fee_fen, to_county_fen, to_shop_fen, deposit_fen) >= 0", name="not_negative"
        ),
        Index("ix_refunds_county_code_state", "county_code", "state"),
        Index("ix_refunds_account_id", "account_id"),
    )

    id: Mapped[Id]
    kind: Mapped[RefundKind]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payments.id"), index=True)
    shop_order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shop_orders.id"), index=True)
    reference: Mapped[str] = mapped_column(unique=True)
    amount_fen: Mapped[int]
    delivery_fee_fen: Mapped[int] = mapped_column(default=0)
    to_county_fen: Mapped[int] = mapped_column(default=0)
    to_shop_fen: Mapped[int] = mapped_column(default=0)
    deposit_fen: Mapped[int] = mapped_column(default=0)
    bearer: Mapped[Bearer | None]
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[RefundState]
    attempt: Mapped[int] = mapped_column(default=1)
    failure: Mapped[str | None]
    provider_reference: Mapped[str | None] = mapped_column(unique=True)
    requested_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    paid_to: Mapped[str | None]
    paid_out_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    lines: Mapped[list["RefundLine"]] = relationship(order_by="RefundLine.order_line_id", lazy="selectin")

    @property
    def number(self) -> str:
        """What a person calls it by."""
        return f"TK-{self.id.hex[-8:].upper()}"


class RefundLine(Base):
    """What of one order line goes back, by tender, in fen; `quantity` 0 where the goods stay."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("least(money_fen, subsidy_fen, points_fen, trade_in_fen) >= 0", name="not_negative"),
    )

    refund_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("refunds.id"), primary_key=True)
    order_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"), primary_key=True)
    quantity: Mapped[int]
    money_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    points_fen: Mapped[int]
    trade_in_fen: Mapped[int]


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
