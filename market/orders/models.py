"""Carts, orders, shop orders, lines, tenders and the log of what happened."""

import uuid
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, UUID, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.kernel.db import Base, Id
from market.kernel.states import States


class OrderState(StrEnum):
    placed = "placed"
    completed = "completed"
    canceled = "canceled"


ORDER_STATES = States(
    "order",
    {
        OrderState.placed: {OrderState.completed, OrderState.canceled},
        OrderState.completed: set(),
        OrderState.canceled: set(),
    },
)


class PaymentState(StrEnum):
    due = "due"
    paid = "paid"
    void = "void"


PAYMENT_STATES = States(
    "order_payment",
    {
        PaymentState.due: {PaymentState.paid, PaymentState.void},
        PaymentState.paid: set(),
        PaymentState.void: set(),
    },
)


class Fulfillment(StrEnum):
    placed = "placed"
    confirmed = "confirmed"
    handed_over = "handed_over"
    at_hub = "at_hub"
    scheduled = "scheduled"
    out_for_delivery = "out_for_delivery"
    at_station = "at_station"
    delivered = "delivered"
    undelivered = "undelivered"
    refused = "refused"
    returned_to_hub = "returned_to_hub"
    returned = "returned"
    declined = "declined"
    canceled = "canceled"


FULFILLMENT = States(
    "shop_order",
    {
        Fulfillment.placed: {Fulfillment.confirmed, Fulfillment.declined, Fulfillment.canceled},
        Fulfillment.confirmed: {Fulfillment.handed_over, Fulfillment.declined, Fulfillment.canceled},
        # What is called back ends as if it had been refused, wherever it is until a courier has it.
        Fulfillment.handed_over: {Fulfillment.at_hub, Fulfillment.refused},
        Fulfillment.at_hub: {Fulfillment.scheduled, Fulfillment.refused},
        # A batch that is planned again, or a stop that fails, puts the goods back on the hub's floor.
        Fulfillment.scheduled: {Fulfillment.out_for_delivery, Fulfillment.at_hub, Fulfillment.refused},
        Fulfillment.out_for_delivery: {
            Fulfillment.at_station,
            Fulfillment.delivered,
            Fulfillment.undelivered,
            Fulfillment.refused,
        },
        # With the station's keeper; it is the buyer's once she has fetched it.
        Fulfillment.at_station: {Fulfillment.delivered, Fulfillment.refused},
        Fulfillment.undelivered: {Fulfillment.scheduled, Fulfillment.at_hub, Fulfillment.refused},
        # Refused for good: the order goes on without these goods, which go back the way they came.
        Fulfillment.refused: {Fulfillment.returned_to_hub},
        Fulfillment.returned_to_hub: {Fulfillment.returned},
        Fulfillment.returned: set(),
        Fulfillment.delivered: set(),
        Fulfillment.declined: set(),
        Fulfillment.canceled: set(),
    },
)

# The ends at which the buyer has no goods and gets back whatever she gave for them.
RETURNING = frozenset({Fulfillment.refused, Fulfillment.returned_to_hub, Fulfillment.returned})
UNDONE = RETURNING | {Fulfillment.declined, Fulfillment.canceled}


class PaymentMethod(StrEnum):
    stripe = "stripe"
    cash = "cash"


class Place(StrEnum):
    door = "door"
    station = "station"


class TenderKind(StrEnum):
    online = "online"
    cash = "cash"
    points = "points"
    subsidy = "subsidy"
    trade_in = "trade_in"
    deposit = "deposit"


class Cart(Base):
    """A buyer's cart, or a visitor's by the hash of the token in her session.

    `recalled_titles` is what was taken out because it is called back: the cart says so until it is changed.
    `scene_ids` are the sets that were put in: each counts while all of its pieces are there.
    """

    __tablename__ = "carts"
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (token_hash IS NULL)", name="one_owner"),
        Index("ix_carts_updated_at", "updated_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), unique=True)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    updated_at: Mapped[datetime]
    recalled_titles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    scene_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(UUID(as_uuid=True)), default=list, server_default="{}"
    )

    lines: Mapped[list["CartLine"]] = relationship(cascade="all, delete-orphan", order_by="CartLine.added_at")


class CartLine(Base):
    """So many pieces of one listing."""

    __tablename__ = "cart_lines"
    __table_args__ = (CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),)

    cart_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    quantity: Mapped[int]
    added_at: Mapped[datetime]


class Order(Base):
    """What a buyer placed: one address, one payment. `total_fen` is goods after coupons, plus delivery.

    `deposit_fen` is her own money too, paid before; `payable_fen` is what was still to be paid.

    `earliest` and `latest` are the hours in which she is at home; None where any will do.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("account_id", "placement_key"),
        CheckConstraint("total_fen = goods_fen + delivery_fee_fen", name="total"),
        CheckConstraint(
            "total_fen = points_fen + subsidy_fen + trade_in_fen + deposit_fen + payable_fen"
            " AND least(deposit_fen, payable_fen) >= 0",
            name="payable",
        ),
        CheckConstraint("(place = 'station') = (station_id IS NOT NULL)", name="station"),
        CheckConstraint("place <> 'station' OR station_consent_at IS NOT NULL", name="station_consent"),
        CheckConstraint("earliest < latest", name="window"),
        Index("ix_orders_account_id_placed_at", "account_id", "placed_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    placement_key: Mapped[str]
    state: Mapped[OrderState]
    payment_state: Mapped[PaymentState]
    payment_method: Mapped[PaymentMethod]
    place: Mapped[Place]
    station_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stations.id"))
    station_consent_at: Mapped[datetime | None]
    address: Mapped[dict[str, Any]]
    promised_on: Mapped[date]
    earliest: Mapped[time | None]
    latest: Mapped[time | None]
    goods_fen: Mapped[int]
    delivery_fee_fen: Mapped[int]
    total_fen: Mapped[int]
    points_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    trade_in_fen: Mapped[int]
    deposit_fen: Mapped[int] = mapped_column(default=0)
    payable_fen: Mapped[int]
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    pay_before: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    shop_orders: Mapped[list["ShopOrder"]] = relationship(
        back_populates="order", order_by="ShopOrder.number", lazy="selectin"
    )
    tenders: Mapped[list["Tender"]] = relationship(order_by="Tender.kind", lazy="selectin")


class ShopOrder(Base):
    """One shop's part of an order. `payable_fen` is the buyer's own money for it, its delivery included, but
    for `deposit_fen`, which she had paid before."""

    __tablename__ = "shop_orders"
    __table_args__ = (
        UniqueConstraint("order_id", "shop_id"),
        CheckConstraint(
            "goods_fen + delivery_fee_fen"
            " = points_fen + subsidy_fen + trade_in_fen + deposit_fen + payable_fen",
            name="payable",
        ),
        Index("ix_shop_orders_shop_id_state", "shop_id", "state"),
    )

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    number: Mapped[str] = mapped_column(unique=True)
    shop_name: Mapped[str]
    state: Mapped[Fulfillment]
    reason: Mapped[str | None]
    decline_code: Mapped[str | None]
    packed_at: Mapped[datetime | None]
    packed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    commission_bp: Mapped[int]
    goods_fen: Mapped[int]
    delivery_fee_fen: Mapped[int]
    points_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    trade_in_fen: Mapped[int]
    deposit_fen: Mapped[int] = mapped_column(default=0)
    payable_fen: Mapped[int]

    order: Mapped[Order] = relationship(back_populates="shop_orders")
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="shop_order", order_by="OrderLine.id", lazy="selectin"
    )
    steps: Mapped[list["ShopOrderStep"]] = relationship(
        order_by="(ShopOrderStep.at, ShopOrderStep.id)", lazy="selectin"
    )

    @property
    def reference(self) -> str:
        """What other rooms call it."""
        return f"shop_order:{self.id}"

    @property
    def is_over(self) -> bool:
        """Whether the buyer waits for nothing more; refused goods may still be on their way back."""
        return self.state is Fulfillment.delivered or self.state in UNDONE


class OrderLine(Base):
    """So many pieces of one listing, as it was: every reduction in fen, for the whole line."""

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "subsidy_base_fen = list_fen - shop_promotion_fen - coupon_fen - points_fen", name="subsidy_base"
        ),
        CheckConstraint("paid_fen = subsidy_base_fen - subsidy_fen - trade_in_fen", name="paid"),
        CheckConstraint(
            "least(shop_promotion_fen, coupon_fen, points_fen, subsidy_fen, trade_in_fen, paid_fen) >= 0",
            name="not_negative",
        ),
        Index("ix_order_lines_shop_order_id", "shop_order_id"),
    )

    id: Mapped[Id]
    shop_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shop_orders.id"))
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    quantity: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    list_fen: Mapped[int]
    shop_promotion_fen: Mapped[int]
    coupon_fen: Mapped[int]
    points_fen: Mapped[int]
    subsidy_base_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    subsidy_programme_id: Mapped[str | None]
    subsidy_reason: Mapped[str | None]
    trade_in_fen: Mapped[int]
    paid_fen: Mapped[int]

    shop_order: Mapped[ShopOrder] = relationship(back_populates="lines")

    @property
    def reference(self) -> str:
        """What other rooms call it."""
        return f"order_line:{self.id}"


class Tender(Base):
    """One way in which an order's total is met."""

    __tablename__ = "tenders"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    kind: Mapped[TenderKind] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]


class ShopOrderStep(Base):
    """When a shop order entered a state: what the buyer follows. A state entered again is a new row."""

    __tablename__ = "shop_order_steps"
    __table_args__ = (Index("ix_shop_order_steps_shop_order_id", "shop_order_id"),)

    id: Mapped[Id]
    shop_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shop_orders.id"))
    state: Mapped[Fulfillment]
    at: Mapped[datetime]
