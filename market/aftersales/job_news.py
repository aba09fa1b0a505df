"""What the truck tells a case: fetched, brought home, not taken at the door."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales import exchange, jobs, trail
from market.aftersales.models import Actor, Repair, ReturnRequest
from market.aftersales.repair_desk import come_home, pay
from market.aftersales.states import RETURN_STATES, RepairState, ReturnState
from market.cash.collect import record_collection
from market.delivery.models import Job
from market.ledger.post import post
from market.ledger.rules import DELIVERY_FEES, courier_cash, credit, debit


def job_done(
    session: Session, reference: str, courier_id: uuid.UUID, done_at: datetime, now: datetime
) -> None:
    """Fetched, or brought home. Harmless the second time, and for references of other rooms."""
    case, leg = _case(session, reference)
    if isinstance(case, ReturnRequest):
        _return_done(session, case, leg, courier_id, done_at, now)
    elif isinstance(case, Repair):
        _repair_done(session, case, leg, courier_id, done_at, now)
    if case is not None:
        _note_cash(session, case, reference, courier_id, done_at, now)


def job_refused(session: Session, reference: str, now: datetime) -> None:
    """Its owner did not take it at the door: it stands at the hub until a person sends it again."""
    case, leg = _case(session, reference)
    if case is None or leg == jobs.PICKUP or case.out_refused:
        return
    case.out_refused = True
    trail.write(session, case, Actor.courier, now, "")


def _return_done(
    session: Session, case: ReturnRequest, leg: str, courier_id: uuid.UUID, done_at: datetime, now: datetime
) -> None:
    if leg == jobs.PICKUP:
        if ReturnState.collected not in RETURN_STATES[case.state]:
            return
        case.collected_at = done_at
        lines = [debit(courier_cash(courier_id), case.freight_fen), credit(DELIVERY_FEES, case.freight_fen)]
        post(session, "return.freight", case.reference, f"return_freight:{case.id}", lines, now)
        trail.move_return(session, case, ReturnState.collected, Actor.courier, now)
    elif leg == jobs.NEW:
        exchange.brought(session, case, now)
    elif case.state is ReturnState.going_home:
        trail.move_return(session, case, ReturnState.home, Actor.courier, now)


def _repair_done(
    session: Session, case: Repair, leg: str, courier_id: uuid.UUID, done_at: datetime, now: datetime
) -> None:
    if leg == jobs.PICKUP:
        if case.state in (RepairState.requested, RepairState.withdrawn):
            case.clock_from = done_at
            trail.move_repair(session, case, RepairState.collected, Actor.courier, now)
    elif case.state is RepairState.going_home:
        if case.fee_fen and case.paid_at is None:
            pay(session, case, courier_cash(courier_id), now)
        come_home(session, case, Actor.courier, now)


def _note_cash(
    session: Session,
    case: ReturnRequest | Repair,
    reference: str,
    courier_id: uuid.UUID,
    done_at: datetime,
    now: datetime,
) -> None:
    """What was taken at the door goes the way of all couriers' cash."""
    due_fen = session.scalar(select(Job.cash_due_fen).where(Job.reference == reference)) or 0
    if due_fen:
        record_collection(session, reference, courier_id, case.county_code, due_fen, done_at, now)


def _case(session: Session, reference: str) -> tuple[ReturnRequest | Repair | None, str]:
    """The case that ``return:ID:LEG`` or ``repair:ID:LEG`` names, locked, and which of its legs."""
    kind, _, rest = reference.partition(":")
    identifier, _, leg = rest.partition(":")
    leg = leg.partition(":")[0]
    if kind == "return":
        return trail.lock_return(session, uuid.UUID(identifier)), leg
    if kind == "repair":
        return trail.lock_repair(session, uuid.UUID(identifier)), leg
    return None, ""
