"""Orders against their parts, and the money that waits for delivery against the book."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.cash.models import CashCollection
from market.ledger.models import Entry, LedgerAccount, Phase, Posting
from market.ledger.queries import balance
from market.ledger.rules import UNEARNED, trade_in
from market.orders.assisted_models import AssistedOrder
from market.orders.models import (
    UNDONE,
    Fulfillment,
    Order,
    OrderLine,
    PaymentMethod,
    PaymentState,
    ShopOrder,
    Tender,
)
from market.recycling.models import TradeIn, TradeInDue
from market.recycling.states import TAKEN_OVER, DueState

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
    yield from _credited_breaks(session)
    yield from _assisted_breaks(session)


def _assisted_breaks(session: Session) -> Iterator[str]:
    """Nobody is ordered for who did not agree before, in her own account."""
    found = session.scalars(
        select(Order.number)
        .join(AssistedOrder, AssistedOrder.order_id == Order.id)
        .where((AssistedOrder.account_id != Order.account_id) | (AssistedOrder.agreed_at > Order.placed_at))
    )
    for number in found:
        yield f"order {number} was placed at the counter without its buyer's consent"


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
    names = (
        "goods_fen",
        "delivery_fee_fen",
        "points_fen",
        "subsidy_fen",
        "trade_in_fen",
        "payable_fen",
        "deposit_fen",
    )
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
    """Each delivered cash order has its one collection, of its own sum, and no other order has any."""
    orders = select(CashCollection).where(CashCollection.reference.like("shop_order:%")).subquery()
    delivered = (
        select(func.concat("shop_order:", ShopOrder.id).label("reference"), ShopOrder.payable_fen)
        .join(ShopOrder.order)
        .where(Order.payment_method == PaymentMethod.cash, ShopOrder.state == Fulfillment.delivered)
        .subquery()
    )
    found = session.execute(
        select(
            delivered.c.reference,
            orders.c.reference,
            delivered.c.payable_fen,
            orders.c.amount_fen,
        )
        .join_from(delivered, orders, orders.c.reference == delivered.c.reference, full=True)
        .where(delivered.c.payable_fen.is_distinct_from(orders.c.amount_fen))
    )
    for due, taken, due_fen, taken_fen in found:
        yield f"{due or taken}: delivered for {due_fen} fen in cash, collections say {taken_fen} fen"


def _trade_in_breaks(session: Session) -> Iterator[str]:
    """A trade-in's credit is its order's tender, and what was withdrawn of it went with undone parts."""
    undone = case((ShopOrder.state.in_(UNDONE), ShopOrder.trade_in_fen), else_=0)
    found = session.execute(
        select(Order.number, Order.trade_in_fen, TradeIn.credit_fen, _sum(undone), TradeIn.withdrawn_fen)
        .join(TradeIn, TradeIn.reference == func.concat("order:", Order.id))
        .join(ShopOrder, ShopOrder.order_id == Order.id)
        .group_by(Order.id, TradeIn.id)
        .having((Order.trade_in_fen != TradeIn.credit_fen) | (_sum(undone) != TradeIn.withdrawn_fen))
    )
    for number, tender, credit_fen, undone_fen, withdrawn_fen in found:
        yield (
            f"order {number}: trade-in of {tender} fen, {undone_fen} undone;"
            f" credited {credit_fen}, {withdrawn_fen} withdrawn"
        )


def _credited_breaks(session: Session) -> Iterator[str]:
    """By county: credit captured, less what was paid back, is owed or waived, less what recyclers took."""
    captured = ShopOrder.state == Fulfillment.delivered
    online = (Order.payment_state == PaymentState.paid) & (Order.payment_method == PaymentMethod.stripe)
    standing = (captured | (online & ShopOrder.state.not_in(UNDONE))) & (Order.trade_in_fen > 0)
    credited = select(Order.county_code, _sum(ShopOrder.trade_in_fen)).join(ShopOrder.order)
    worth = case((TradeIn.state.in_(TAKEN_OVER), TradeIn.worth_fen), else_=0)
    moved = select(TradeIn.county_code, _sum(TradeIn.topped_up_fen - TradeIn.waived_fen - worth))
    dues = (
        select(TradeIn.county_code, -_sum(TradeInDue.amount_fen))
        .join(TradeInDue, TradeInDue.trade_in_id == TradeIn.id)
        .where(TradeInDue.state != DueState.void)
    )
    told: Counter[str] = Counter()
    for query, by in ((credited.where(standing), Order), (moved, TradeIn), (dues, TradeIn)):
        for county_code, fen in session.execute(query.group_by(by.county_code)):
            told[county_code] += int(fen)
    for county_code, fen in sorted(told.items()):
        booked = balance(session, trade_in(county_code))
        if booked != fen:
            yield f"tradein:{county_code}: book {booked} fen, orders and trade-ins {fen} fen"


def _sum(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)
