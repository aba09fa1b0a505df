"""What could not be mended is replaced (三包): a return of its own, which no shop is asked about."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales import jobs, trail
from market.aftersales.models import Actor, Outcome, Repair, ReturnRequest, Way
from market.aftersales.rules import HAND_IN_WITHIN, REFUND_WITHIN, Ground, Remedy
from market.aftersales.states import RepairState, ReturnState
from market.kernel.ids import new_id
from market.orders.models import OrderLine
from market.recycling.codes import new_code


def open_replacement(session: Session, line: OrderLine, words: str, way: Way, now: datetime) -> ReturnRequest:
    """Two repairs did not hold: fetch it, and give her another one."""
    case = _case(line, words, way, now)
    trail.begin(session, case, now)
    trail.move_return(session, case, ReturnState.approved, Actor.clock, now, due_at=now + HAND_IN_WITHIN)
    if way is Way.pickup:
        jobs.fetch_return(session, case, now)
    return case


def replace(session: Session, repair: Repair, by: Actor, now: datetime, note: str = "") -> ReturnRequest:
    """A locked repair comes to nothing: the piece, which stands at the station, is exchanged by its shop."""
    repair.outcome, repair.clock_to = Outcome.replaced, now
    trail.move_repair(session, repair, RepairState.replaced, by, now, note)
    case = _case(repair.line, repair.words, repair.way, now)
    case.repair_id = repair.id
    trail.begin(session, case, now)
    case.received_at, case.received_quantity = now, 1
    trail.move_return(session, case, ReturnState.approved, by, now)
    trail.move_return(session, case, ReturnState.received, by, now, due_at=now + REFUND_WITHIN, pieces=1)
    return case


def _case(line: OrderLine, words: str, way: Way, now: datetime) -> ReturnRequest:
    return ReturnRequest(
        id=new_id(),
        code=new_code("T"),
        account_id=line.shop_order.order.account_id,
        county_code=line.shop_order.order.county_code,
        shop_id=line.shop_order.shop_id,
        order_line_id=line.id,
        ground=Ground.fault,
        remedy=Remedy.exchange,
        quantity=1,
        words=words,
        way=way,
        state=ReturnState.requested,
        state_since=now,
        created_at=now,
        freight_fen=0,
        line=line,
    )
