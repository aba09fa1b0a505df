"""Orders against their parts, and the money that waits for delivery against the book."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.cash.models import CashCollection
from market.ledger.models import Entry, LedgerAccount, Phase, Posting
from market.ledger.queries import balance
from market.ledger.rules import UNEARNED
from market.orders.models import (
    UNDONE,
    Fulfillment,
    Order,
    OrderLine,
    OrderState,
    PaymentMethod,
    PaymentState,
    ShopOrder,
    Tender,
)
from market.recycling.models import TradeIn
from market.recycling.states import TradeInState

_OVER = (Fulfillment.delivered, *UNDONE)


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each order, shop order or account whose parts do not add up."""
    yield from _tender_breaks(session)
    yield from _part_breaks(session)
    yield from _line_breaks(session)
    yield from _unearned_breaks(session)
    yield from _cash_breaks(session)
    yield from _collection_breaks(session)
    yield from _trade_in_breaks(session)


def _tender_breaks(session: Session) -> Iterator[str]:
    found = session.execute(
        select(Order.number, Order.total_fen, _sum(Tender.amount_fen))
        .outerjoin(Tender, Tender.order_id == Order.id)
        .group_by(Order.id)
        .having(Order.total_fen != _sum(Tender.amount_fen))
    )
    for number, total, tendered in found:
        yield f"order {number}: total {total} fen, tenders {tendered} fen"


def _part_breaks(session: Session) -> Iterator[str]:
    names = ("goods_fen", "delivery_fee_fen", "points_fen", "subsidy_fen", "trade_in_fen", "payable_fen")
    for name in names:
        whole: InstrumentedAttribute[int] = getattr(Order, name)
        part: InstrumentedAttribute[int] = getattr(ShopOrder, name)
        found = session.execute(
            select(Order.number, whole, _sum(part))
            .outerjoin(ShopOrder, ShopOrder.order_id == Order.id)
            .group_by(Order.id)
            .having(whole != _sum(part))
        )
        for number, total, parts in found:
            yield f"order {number}: {name} is {total}, its shop orders' {parts}"


def _line_breaks(session: Session) -> Iterator[str]:
    lines = OrderLine.paid_fen + OrderLine.subsidy_fen + OrderLine.points_fen + OrderLine.trade_in_fen
    found = session.execute(
        select(ShopOrder.number, ShopOrder.goods_fen, _sum(lines))
        .outerjoin(OrderLine, OrderLine.shop_order_id == ShopOrder.id)
        .group_by(ShopOrder.id)
        .having(ShopOrder.goods_fen != _sum(lines))
    )
    for number, goods, summed in found:
        yield f"shop order {number}: goods {goods} fen, lines {summed} fen"


def _unearned_breaks(session: Session) -> Iterator[str]:
    waiting = session.scalar(
        select(_sum(ShopOrder.goods_fen + ShopOrder.delivery_fee_fen))
        .join(ShopOrder.order)
        .where(
            Order.payment_state == PaymentState.paid,
            Order.payment_method == PaymentMethod.stripe,
            ShopOrder.state.not_in(_OVER),
        )
    )
    booked = balance(session, UNEARNED)
    if booked != waiting:
        yield f"unearned: book {booked} fen, paid orders on their way {waiting} fen"


def _cash_breaks(session: Session) -> Iterator[str]:
    taken = session.scalar(
        select(_sum(ShopOrder.payable_fen))
        .join(ShopOrder.order)
        .where(Order.payment_method == PaymentMethod.cash, ShopOrder.state == Fulfillment.delivered)
    )
    booked = session.scalar(
        select(_sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .join(LedgerAccount, LedgerAccount.code == Posting.account_code)
        .where(Entry.phase == Phase.posted, Entry.kind == "order.captured")
        .where(LedgerAccount.code.like("courier:%:cash"))
    )
    if booked != taken:
        yield f"cash: couriers were booked {booked} fen, cash orders delivered are {taken} fen"


def _collection_breaks(session: Session) -> Iterator[str]:
    """Each delivered cash order has its one collection, of its own sum, and nothing else has any."""
    delivered = (
        select(func.concat("shop_order:", ShopOrder.id).label("reference"), ShopOrder.payable_fen)
        .join(ShopOrder.order)
        .where(Order.payment_method == PaymentMethod.cash, ShopOrder.state == Fulfillment.delivered)
        .subquery()
    )
    found = session.execute(
        select(
            delivered.c.reference,
            CashCollection.reference,
            delivered.c.payable_fen,
            CashCollection.amount_fen,
        )
        .join_from(delivered, CashCollection, CashCollection.reference == delivered.c.reference, full=True)
        .where(delivered.c.payable_fen.is_distinct_from(CashCollection.amount_fen))
    )
    for due, taken, due_fen, taken_fen in found:
        yield f"{due or taken}: delivered for {due_fen} fen in cash, collections say {taken_fen} fen"


def _trade_in_breaks(session: Session) -> Iterator[str]:
    """Old appliances that were taken for an order of which then everything was refused."""
    not_taken = (TradeInState.awaiting_pickup, TradeInState.cancelled)
    found = session.execute(
        select(Order.number, TradeIn.code)
        .join(TradeIn, TradeIn.reference == func.concat("order:", Order.id))
        .where(Order.state == OrderState.canceled, TradeIn.state.not_in(not_taken))
    )
    for number, code in found:
        yield f"order {number}: canceled, and its trade-in {code} was collected without credit"


def _sum(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)
