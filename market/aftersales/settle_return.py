"""What is agreed is settled: a refund document that the county approves, or another one of the same."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales import trail
from market.aftersales.models import Actor, ReturnRequest
from market.aftersales.rules import Ground, Remedy, comes_back
from market.aftersales.states import ReturnState
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.inventory.queries import left
from market.orders.models import ShopOrder
from market.payments import refund
from market.payments.models import Refund, RefundState
from market.payments.refund import Wanted

REASONS = {
    Ground.no_reason: "七天无理由退货",
    Ground.fault: "有故障",
    Ground.damaged: "送到时已坏",
    Ground.wrong: "送错了",
    Ground.missing: "少了东西",
}


def settle(session: Session, case: ReturnRequest, by: Actor, now: datetime, note: str = "") -> None:
    """Give the buyer of a locked return what she is to have.

    Another one of the same where that is wanted and there; else her money: all tenders of the pieces that
    came back, or the price cut. Raises Refused as `payments.refund.request`.
    """
    same = case.remedy is Remedy.exchange and case.other_listing_id is None
    if same and left(session, [case.line.listing_id]).get(case.line.listing_id, 0) >= pieces(case):
        trail.move_return(session, case, ReturnState.exchanging, by, now, note, due_at=case.due_at)
        return
    pay_back(session, case, by, now, note)


def pay_back(session: Session, case: ReturnRequest, by: Actor, now: datetime, note: str = "") -> None:
    """Ask for the money of a locked return, as its buyer; the county approves. Raises as `settle`."""
    key = f"{case.reference}:{now.isoformat()}"  # a rejected one is asked for again
    document = refund.request(
        session, case.line.shop_order_id, _wanted(session, case), case.account_id, key, now
    )
    case.refund_id = document.id
    values = {"fen": document.amount_fen}
    trail.move_return(session, case, ReturnState.settling, by, now, note, due_at=case.due_at, **values)


def follow_refund(session: Session, refund_id: uuid.UUID, now: datetime) -> None:
    """The county has decided on a refund. Nothing happens the second time, or for refunds of other rooms."""
    found = session.scalar(select(ReturnRequest.id).where(ReturnRequest.refund_id == refund_id))
    if found is None:
        return
    case = trail.lock_return(session, found)
    document = session.get_one(Refund, refund_id)
    if case.state is not ReturnState.settling:
        return
    if document.state is RefundState.rejected:
        # A new document is made if the dispute ends for the buyer.
        trail.move_return(session, case, ReturnState.disputed, Actor.county, now)
        case.refund_id = None
        session.flush()
        return
    trail.move_return(session, case, ReturnState.refunded, Actor.county, now, fen=document.amount_fen)
    note_fault(session, case, now)


def note_fault(session: Session, case: ReturnRequest, now: datetime) -> None:
    """What went back because it was faulty is told to its shop's rating. Once."""
    if case.ground is Ground.fault and case.received_at is not None:
        record_event(session, SubjectKind.shop, case.shop_id, "returned_for_fault", case.reference, now)


def pieces(case: ReturnRequest) -> int:
    """How many pieces it is about, now that they have been counted."""
    return case.received_quantity or case.quantity


def _wanted(session: Session, case: ReturnRequest) -> Wanted:
    reason = REASONS[case.ground]
    if case.remedy is Remedy.price_cut:
        return Wanted(reason, {}, {case.order_line_id: case.cut_fen or 0})
    back = {case.order_line_id: pieces(case)}
    return Wanted(reason, back, {}, with_delivery=_with_delivery(session, case))


def _with_delivery(session: Session, case: ReturnRequest) -> bool:
    """Where something was wrong with all that was brought, bringing it was for nothing too."""
    part = case.line.shop_order
    whole = len(part.lines) == 1 and pieces(case) == case.line.quantity
    wrong = case.ground is not Ground.no_reason and comes_back(case.ground, case.remedy)
    return whole and wrong and not _fee_given_back(session, part)


def _fee_given_back(session: Session, part: ShopOrder) -> bool:
    given = select(Refund.id).where(
        Refund.shop_order_id == part.id, Refund.delivery_fee_fen > 0, Refund.state != RefundState.rejected
    )
    return session.scalar(given) is not None
