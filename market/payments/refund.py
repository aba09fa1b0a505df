"""Refunds are documents: requested, approved by somebody else, and then sent.

What is requested is reserved at once: under the lock of the payment (of the order, where it was paid in cash)
no two refunds together give back more than a line, a tender or the payment has. What it does to the books is
written when it is approved.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.rules import GOODWILL, shop_pending
from market.orders import book, pay
from market.orders.events import ShopShareReduced
from market.orders.models import Fulfillment, OrderLine, PaymentMethod, ShopOrder
from market.payments import rules
from market.payments.events import RefundDecided
from market.payments.models import (
    REFUND,
    Bearer,
    Payment,
    Refund,
    RefundKind,
    RefundLine,
    RefundState,
)
from market.payments.refund_by_itself import locked_payment, reserved_fen, to_be_sent
from market.payments.rules import Share
from market.points.earn import grant
from market.points.rules import FEN_PER_POINT
from market.points.spend import restore
from market.points.take_back import take_back
from market.subsidies import claim

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks to be given back of one delivered shop order, and why.

    `pieces` come back, `cuts_fen` lower the price of what stays, both by order line; or else `goodwill_fen`,
    which `bearer` bears. The delivery fee only goes back on request.
    """

    reason: str
    pieces: dict[uuid.UUID, int]
    cuts_fen: dict[uuid.UUID, int]
    with_delivery: bool = False
    goodwill_fen: int = 0
    bearer: Bearer | None = None


def request(
    session: Session, shop_order_id: uuid.UUID, wanted: Wanted, by_id: uuid.UUID, key: str, now: datetime
) -> Refund:
    """A person asks for money back on a delivered shop order; `key` makes it one document.

    The caller has checked that the shop order is the actor's. Raises Refused: ``refund.not_delivered``,
    ``refund.reason_missing`` (field reason), ``refund.nothing``, ``refund.pieces`` (field pieces),
    ``refund.cut`` (field cut), ``refund.bearer_missing`` (field bearer), ``refund.too_much``.
    """
    shop_order = session.get_one(ShopOrder, shop_order_id)
    payment = _lock(session, shop_order)
    known = session.scalar(select(Refund).where(Refund.reference == f"request:{key}"))
    if known is not None:
        return known
    if shop_order.state is not Fulfillment.delivered:
        raise Refused("refund.not_delivered")
    if not wanted.reason.strip():
        raise Refused("refund.reason_missing", field="reason")
    refund = Refund(
        id=new_id(),
        kind=_kind(wanted),
        payment_id=payment.id if payment else None,
        shop_order_id=shop_order.id,
        account_id=shop_order.order.account_id,
        county_code=shop_order.order.county_code,
        reference=f"request:{key}",
        bearer=wanted.bearer if wanted.goodwill_fen else None,
        reason=wanted.reason.strip()[:REASON_LENGTH],
        state=RefundState.requested,
        requested_by_id=by_id,
        created_at=now,
        lines=_lines(session, shop_order, wanted),
    )
    _reckon(session, shop_order, refund, wanted)
    session.add(refund)
    session.flush()
    return refund


def approve(
    session: Session, county_code: str, operator_id: uuid.UUID, refund_id: uuid.UUID, now: datetime
) -> Refund:
    """The county agrees: the books are written, and the money goes on its way. Unchanged the second time.

    Raises NotFound where it is another county's; Refused(``refund.own_request`` | ``state.illegal_move``).
    """
    refund = _locked_refund(session, county_code, refund_id)
    if refund.state not in (RefundState.requested, RefundState.rejected):
        return refund
    if refund.requested_by_id == operator_id:
        raise Refused("refund.own_request")
    REFUND.move(refund, RefundState.approved)
    refund.decided_by_id, refund.decided_at = operator_id, now
    shop_order = session.get_one(ShopOrder, refund.shop_order_id)
    if refund.kind is RefundKind.goodwill:
        bearer = GOODWILL if refund.bearer is Bearer.county else shop_pending(shop_order.shop_id)
        book.goodwill(session, shop_order, refund.amount_fen, bearer, refund.reference, now)
        if refund.bearer is Bearer.shop:
            _tell_shop_share(session, shop_order, refund, refund.amount_fen, 0, now)
    else:
        _undo_sale(session, shop_order, refund, now)
    if refund.amount_fen == 0:
        REFUND.move(refund, RefundState.succeeded)
        refund.settled_at = now
    session.flush()
    _tell_decided(session, refund, now)
    to_be_sent(session, refund, now)
    return refund


def reject(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    refund_id: uuid.UUID,
    now: datetime,
) -> Refund:
    """The county does not agree; what was reserved is free again. Raises as `approve`."""
    refund = _locked_refund(session, county_code, refund_id)
    if refund.state is RefundState.rejected:
        return refund
    REFUND.move(refund, RefundState.rejected)
    refund.decided_by_id, refund.settled_at = operator_id, now
    session.flush()
    _tell_decided(session, refund, now)
    return refund


def try_again(session: Session, county_code: str, refund_id: uuid.UUID, now: datetime) -> Refund:
    """Send a refund that failed once more; to the provider it is a new one.

    Raises NotFound where it is another county's; Refused(``state.illegal_move``).
    """
    refund = _locked_refund(session, county_code, refund_id)
    REFUND.move(refund, RefundState.approved)
    refund.attempt += 1
    refund.provider_reference = refund.failure = refund.settled_at = None
    session.flush()
    to_be_sent(session, refund, now)
    return refund


def _kind(wanted: Wanted) -> RefundKind:
    if wanted.goodwill_fen:
        if wanted.bearer is None:
            raise Refused("refund.bearer_missing", field="bearer")
        return RefundKind.goodwill
    if any(wanted.pieces.values()):
        return RefundKind.returned
    if any(wanted.cuts_fen.values()):
        return RefundKind.reduced
    raise Refused("refund.nothing")


def _lines(session: Session, shop_order: ShopOrder, wanted: Wanted) -> list[RefundLine]:
    if wanted.goodwill_fen:
        return []
    found = []
    for line in shop_order.lines:
        left = _left(session, line)
        if pieces := wanted.pieces.get(line.id, 0):
            if not 0 < pieces <= left.quantity:
                raise Refused("refund.pieces", field="pieces", left=left.quantity)
            rest = rules.rest_base_fen(left, pieces)
            entitled = _entitled(session, line, left.quantity - pieces, rest)
            share = rules.returned(left, pieces, entitled)
        elif cut_fen := wanted.cuts_fen.get(line.id, 0):
            entitled = _entitled(session, line, left.quantity, max(0, left.base_fen - cut_fen))
            try:
                share = rules.reduced(left, cut_fen, entitled)
            except ValueError as error:
                raise Refused("refund.cut", field="cut", left_fen=left.money_fen) from error
        else:
            continue
        found.append(
            RefundLine(
                order_line_id=line.id,
                quantity=share.quantity,
                money_fen=share.money_fen,
                subsidy_fen=share.subsidy_fen,
                points_fen=share.points_fen,
                trade_in_fen=share.trade_in_fen,
            )
        )
    return found


def _entitled(session: Session, line: OrderLine, quantity: int, base_fen: int) -> int:
    if quantity == 0 or base_fen == 0:
        return 0
    return claim.entitled_fen(session, line.reference, line.snapshot.get("grade"), quantity, base_fen)


def _left(session: Session, line: OrderLine) -> Share:
    """What of an order line has not been asked back yet."""
    whole = Share(line.quantity, line.paid_fen, line.subsidy_fen, line.points_fen, line.trade_in_fen)
    gone = session.scalars(
        select(RefundLine)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(RefundLine.order_line_id == line.id, Refund.state != RefundState.rejected)
    )
    return whole.less(
        Share(row.quantity, row.money_fen, row.subsidy_fen, row.points_fen, row.trade_in_fen) for row in gone
    )


def _reckon(session: Session, shop_order: ShopOrder, refund: Refund, wanted: Wanted) -> None:
    """Set the document's sums. Raises Refused(``refund.too_much``)."""
    own = Refund.shop_order_id == shop_order.id
    refundable = shop_order.payable_fen - reserved_fen(session, own)
    if refund.kind is RefundKind.goodwill:
        if not 0 < wanted.goodwill_fen <= refundable:
            raise Refused("refund.too_much", left_fen=refundable)
        refund.amount_fen = wanted.goodwill_fen
        return
    refund.delivery_fee_fen = shop_order.delivery_fee_fen if wanted.with_delivery else 0
    if refund.delivery_fee_fen and session.scalar(
        select(Refund.id).where(own, Refund.delivery_fee_fen > 0, Refund.state != RefundState.rejected)
    ):
        raise Refused("refund.delivery_twice", field="with_delivery")
    money = sum(line.money_fen for line in refund.lines) + refund.delivery_fee_fen
    left_fen = refundable + shop_order.deposit_fen - _deposit_back_fen(session, own)
    buyer_fen, refund.to_county_fen, refund.to_shop_fen = rules.refund_of(
        money, left_fen, _county_goodwill_fen(session, shop_order)
    )
    # First from what paid the order; what that has no longer comes out of the deposit.
    refund.amount_fen = min(buyer_fen, refundable)
    refund.deposit_fen = buyer_fen - refund.amount_fen


def _deposit_back_fen(session: Session, condition: ColumnElement[bool]) -> int:
    found = session.scalar(
        select(func.coalesce(func.sum(Refund.deposit_fen), 0)).where(
            condition, Refund.state != RefundState.rejected
        )
    )
    return int(found or 0)


def _county_goodwill_fen(session: Session, shop_order: ShopOrder) -> int:
    """What the county has given as goodwill on `shop_order` and not got back."""
    rows = session.scalars(
        select(Refund).where(Refund.shop_order_id == shop_order.id, Refund.state != RefundState.rejected)
    )
    return sum((row.amount_fen if row.bearer is Bearer.county else 0) - row.to_county_fen for row in rows)


def _undo_sale(session: Session, shop_order: ShopOrder, refund: Refund, now: datetime) -> None:
    goods_fen = sum(_goods_fen(line) for line in refund.lines)
    subsidy_fen = sum(line.subsidy_fen for line in refund.lines)
    points_fen = sum(line.points_fen for line in refund.lines)
    trade_in_fen = sum(line.trade_in_fen for line in refund.lines)
    commission_fen = rules.commission_back(
        book.commission_fen(shop_order), shop_order.goods_fen, _goods_back_fen(session, refund), goods_fen
    )
    what = book.GivenBack(
        goods_fen=goods_fen,
        commission_fen=commission_fen,
        delivery_fee_fen=refund.delivery_fee_fen,
        subsidy_fen=subsidy_fen,
        points_fen=points_fen + trade_in_fen,
        money_fen=refund.amount_fen,
        to_county_fen=refund.to_county_fen,
        to_shop_fen=refund.to_shop_fen,
        deposit_fen=refund.deposit_fen,
    )
    book.give_back(session, shop_order, what, refund.reference, now)
    account_id = shop_order.order.account_id
    if points_fen:
        order_reference = f"order:{shop_order.order_id}"
        restore(session, account_id, points_fen // FEN_PER_POINT, order_reference, refund.reference, now)
    paid_fen = sum(line.paid_fen for line in shop_order.lines)
    take_back(session, shop_order.reference, _money_back_fen(session, shop_order), paid_fen, now)
    # The old appliance is gone: its credit comes back as points, which are worth the same.
    grant(session, account_id, trade_in_fen // FEN_PER_POINT, f"trade_in_back:{refund.id}", now)
    # Points before pots, as at checkout.
    clawback_fen = 0
    for line in refund.lines:
        reference, key = f"order_line:{line.order_line_id}", clawback_key(refund, line)
        goods_back = line.quantity > 0
        clawback_fen += claim.give_back(session, reference, line.subsidy_fen, key, now, goods_back=goods_back)
    shop_fen = goods_fen - refund.to_shop_fen
    _tell_shop_share(session, shop_order, refund, shop_fen, commission_fen, now, clawback_fen)


def clawback_key(refund: Refund, line: RefundLine) -> str:
    """What the claim knows this line's return by."""
    return f"{refund.reference}:{line.order_line_id}"


def _goods_back_fen(session: Session, refund: Refund) -> int:
    """What of the shop order's goods went back by refunds approved before this one."""
    rows = session.scalars(
        select(RefundLine)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.shop_order_id == refund.shop_order_id, Refund.id != refund.id)
        .where(Refund.state.not_in((RefundState.requested, RefundState.rejected)))
    )
    return sum(_goods_fen(row) for row in rows)


def _money_back_fen(session: Session, shop_order: ShopOrder) -> int:
    """The buyer's own money for goods of `shop_order` that has been given back by approved refunds."""
    found = session.scalar(
        select(func.coalesce(func.sum(RefundLine.money_fen), 0))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.shop_order_id == shop_order.id)
        .where(Refund.state.not_in((RefundState.requested, RefundState.rejected)))
    )
    return int(found or 0)


def _goods_fen(line: RefundLine) -> int:
    return line.money_fen + line.subsidy_fen + line.points_fen + line.trade_in_fen


def _tell_shop_share(
    session: Session,
    shop_order: ShopOrder,
    refund: Refund,
    goods_fen: int,
    commission_fen: int,
    now: datetime,
    clawback_fen: int = 0,
) -> None:
    event = ShopShareReduced(
        shop_order_id=shop_order.id,
        reference=f"refund:{refund.id}",
        reason=refund.kind.value,
        goods_fen=goods_fen,
        commission_fen=commission_fen,
        money_fen=sum(line.money_fen for line in refund.lines),
        subsidy_fen=sum(line.subsidy_fen for line in refund.lines),
        points_fen=sum(line.points_fen for line in refund.lines),
        trade_in_fen=sum(line.trade_in_fen for line in refund.lines),
        clawback_fen=clawback_fen,
        clawback_keys=tuple(clawback_key(refund, line) for line in refund.lines) if clawback_fen else (),
    )
    emit(session, event, now, dedupe_key=f"share_reduced:{refund.id}")


def _tell_decided(session: Session, refund: Refund, now: datetime) -> None:
    emit(session, RefundDecided(refund.id), now, dedupe_key=f"refund_decided:{refund.id}")


def _lock(session: Session, shop_order: ShopOrder) -> Payment | None:
    """Lock the payment (None where it was paid in cash) and then the order, as everywhere."""
    online = shop_order.order.payment_method is PaymentMethod.stripe
    delivered = shop_order.state is Fulfillment.delivered
    payment = locked_payment(session, shop_order.order_id) if online and delivered else None
    pay.lock(session, shop_order.order_id)
    session.refresh(shop_order)
    return payment


def _locked_refund(session: Session, county_code: str, refund_id: uuid.UUID) -> Refund:
    found = session.scalar(select(Refund).where(Refund.id == refund_id, Refund.county_code == county_code))
    if found is None:
        raise NotFound
    if found.shop_order_id is not None:
        _lock(session, session.get_one(ShopOrder, found.shop_order_id))
    elif found.payment_id is not None:
        session.get_one(Payment, found.payment_id, with_for_update=True)
    session.refresh(found, with_for_update=True)
    return found
