"""Groups against their places, and deposits against the book."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from market.groups.models import GroupOrder, GroupPlace
from market.groups.states import LIVE, PlaceState
from market.ledger.queries import balance
from market.ledger.rules import DEPOSITS
from market.orders.models import UNDONE, Fulfillment, Order, PaymentMethod, PaymentState, ShopOrder
from market.payments.models import Refund, RefundState


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each group that counts wrongly, and one where deposits held are not those due."""
    yield from _taken_breaks(session)
    yield from _price_breaks(session)
    yield from _penalty_breaks(session)
    expected, booked = _held_fen(session), balance(session, DEPOSITS)
    if booked != expected:
        yield f"deposits: book {booked} fen, live places {expected} fen"


def _taken_breaks(session: Session) -> Iterator[str]:
    counted = case((GroupPlace.state.in_((*LIVE, PlaceState.forfeited)), GroupPlace.pieces), else_=0)
    found = session.execute(
        select(GroupOrder.id, GroupOrder.taken, func.coalesce(func.sum(counted), 0))
        .outerjoin(GroupPlace, GroupPlace.group_id == GroupOrder.id)
        .group_by(GroupOrder.id)
        .having(GroupOrder.taken != func.coalesce(func.sum(counted), 0))
    )
    for group_id, taken, places in found:
        yield f"group {group_id}: {taken} pieces taken, its places {places}"


def _price_breaks(session: Session) -> Iterator[str]:
    """Nobody's order costs more a piece than her group agreed."""
    found = session.execute(
        select(GroupPlace.id, GroupOrder.agreed_price_fen, ShopOrder.goods_fen, GroupPlace.pieces)
        .join(GroupOrder, GroupOrder.id == GroupPlace.group_id)
        .join(ShopOrder, ShopOrder.order_id == GroupPlace.order_id)
        .where(ShopOrder.goods_fen > GroupOrder.agreed_price_fen * GroupPlace.pieces)
    )
    for place_id, agreed_fen, goods_fen, pieces in found:
        yield f"group place {place_id}: {goods_fen} fen for {pieces} pieces at {agreed_fen} fen"


def _penalty_breaks(session: Session) -> Iterator[str]:
    """Every penalty is one refund of its own."""
    reference = func.concat("group_place:", GroupPlace.id, ":penalty")
    owed = func.coalesce(Refund.amount_fen, 0)
    found = session.execute(
        select(GroupPlace.id, GroupPlace.penalty_fen, owed)
        .outerjoin(Refund, Refund.reference == reference)
        .where(GroupPlace.penalty_fen != owed)
    )
    for place_id, penalty_fen, owed_fen in found:
        yield f"group place {place_id}: penalty {penalty_fen} fen, refund {owed_fen} fen"


def _held_fen(session: Session) -> int:
    """What was paid down, less what went back, was forfeit, or is part of an order that is paid."""
    back = (
        select(ShopOrder.order_id, func.sum(Refund.deposit_fen).label("fen"))
        .join(ShopOrder, ShopOrder.id == Refund.shop_order_id)
        .where(Refund.state.not_in((RefundState.requested, RefundState.rejected)))
        .group_by(ShopOrder.order_id)
        .subquery()
    )
    online = and_(
        Order.payment_method == PaymentMethod.stripe,
        Order.payment_state == PaymentState.paid,
        ShopOrder.state.not_in(UNDONE),
    )
    captured = or_(online, ShopOrder.state == Fulfillment.delivered)
    in_order = and_(GroupPlace.state == PlaceState.ordered, captured)
    taken_up = case((in_order, GroupPlace.deposit_fen - func.coalesce(back.c.fen, 0)), else_=0)
    forfeit = case((GroupPlace.state == PlaceState.forfeited, GroupPlace.deposit_fen), else_=0)
    held = GroupPlace.deposit_fen - GroupPlace.given_back_fen - taken_up - forfeit
    found = session.scalar(
        select(func.coalesce(func.sum(held), 0))
        .outerjoin(Order, Order.id == GroupPlace.order_id)
        .outerjoin(ShopOrder, ShopOrder.order_id == Order.id)
        .outerjoin(back, back.c.order_id == Order.id)
        .where(GroupPlace.paid_at.is_not(None))
    )
    return int(found or 0)
