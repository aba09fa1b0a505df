"""What happens to a return when time is up. Safe to run twice, early, or long after it moved on."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales import trail
from market.aftersales.answer_return import go_on
from market.aftersales.models import Actor, ReturnRequest
from market.aftersales.request_return import call_off, pickup
from market.aftersales.rules import HAND_IN_WITHIN, Ground
from market.aftersales.states import REFUND_RUNS, ReturnState
from market.delivery.queries import is_on_the_road
from market.notices.notify import notify


def return_due(session: Session, return_id: uuid.UUID, now: datetime) -> None:
    """Let a return that has waited long enough go on without whoever did not act."""
    case = trail.lock_return(session, return_id)
    if case.due_at is None or now < case.due_at:
        return
    if case.state is ReturnState.requested:
        _unanswered(session, case, now)
    elif case.state is ReturnState.refused:
        trail.move_return(session, case, ReturnState.closed, Actor.clock, now)
    elif case.state is ReturnState.approved:
        _not_handed_in(session, case, now)
    elif case.state in REFUND_RUNS and case.late_at is None:
        _late(session, case, now)


def _unanswered(session: Session, case: ReturnRequest, now: datetime) -> None:
    """The law asks no shop for its consent to a return without reason; of the rest a person decides."""
    if case.ground is Ground.no_reason:
        go_on(session, case, Actor.clock, now)
    else:
        trail.move_return(session, case, ReturnState.disputed, Actor.clock, now)


def _not_handed_in(session: Session, case: ReturnRequest, now: datetime) -> None:
    if is_on_the_road(session, pickup(case)):
        case.due_at = now + HAND_IN_WITHIN
        session.flush()
        trail.wait(session, case, case.due_at, now)
        return
    call_off(session, case, Actor.clock, now)


def _late(session: Session, case: ReturnRequest, now: datetime) -> None:
    """The law's time to pay is over: the operator's desk shows it, and the buyer hears that it is known."""
    case.late_at = now
    trail.write(session, case, Actor.clock, now, "")
    notify(
        session,
        case.account_id,
        "return.late",
        {"code": case.code},
        now,
        reference=case.reference,
        dedupe_key=f"{case.reference}:late",
    )
