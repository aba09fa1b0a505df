"""What happened to orders, and the one timer they have."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AssistLapses:
    """What a clerk wrote down for somebody should have been ordered by now."""

    kind: ClassVar[str] = "orders.assist_lapses"
    assist_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PaymentLapses:
    """An order that is to be paid online has run out of time, unless it was paid."""

    kind: ClassVar[str] = "orders.payment_lapses"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The buyer's online payment is in the book."""

    kind: ClassVar[str] = "orders.paid"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ShopOrderUndone:
    """A shop order was declined or canceled; where it was paid, `refund_fen` goes back to the buyer."""

    kind: ClassVar[str] = "orders.shop_order_undone"
    shop_order_id: uuid.UUID
    refund_fen: int


@dataclass(frozen=True, slots=True)
class ShopOrderDelivered:
    """The buyer has the goods."""

    kind: ClassVar[str] = "orders.shop_order_delivered"
    shop_order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ShopShareReduced:
    """A refund on delivered goods lowers what a shop gets, by `goods_fen` less `commission_fen`.

    The tenders say how the goods that were taken back had been paid; goodwill takes none back. Of the subsidy
    the state had paid `clawback_fen` out, and knows it by `clawback_keys`.
    """

    kind: ClassVar[str] = "orders.shop_share_reduced"
    shop_order_id: uuid.UUID
    reference: str
    reason: str
    goods_fen: int
    commission_fen: int
    money_fen: int
    subsidy_fen: int
    points_fen: int
    trade_in_fen: int
    clawback_fen: int = 0
    clawback_keys: tuple[str, ...] = ()
