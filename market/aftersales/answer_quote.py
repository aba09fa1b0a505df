"""The owner says whether it is to be mended at her own cost; silence costs her nothing."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales import trail
from market.aftersales.models import Actor, Outcome, Repair
from market.aftersales.repair_desk import go_home
from market.aftersales.replace import replace
from market.aftersales.states import RepairState
from market.kernel.errors import NotFound, Refused


def accept_quote(session: Session, account_id: uuid.UUID, repair_id: uuid.UUID, now: datetime) -> Repair:
    """Mend it for that. Raises NotFound, Refused(``aftersales.late`` | ``state.illegal_move``)."""
    case = _asked(session, account_id, repair_id, now)
    trail.move_repair(session, case, RepairState.repairing, Actor.buyer, now)
    return case


def decline_quote(session: Session, account_id: uuid.UUID, repair_id: uuid.UUID, now: datetime) -> Repair:
    """Have it back as it is, for nothing. Raises as `accept_quote`."""
    case = _asked(session, account_id, repair_id, now)
    go_home(session, case, Outcome.declined, Actor.buyer, now)
    return case


def repair_due(session: Session, repair_id: uuid.UUID, now: datetime) -> None:
    """Time is up: an unanswered quote sends it home unmended; a part that never came means another one where
    the warranty covers it (三包), else the same. Safe to run twice, early, or long after it moved on."""
    case = trail.lock_repair(session, repair_id)
    if case.due_at is None or now < case.due_at:
        return
    if case.state is RepairState.quoted:
        go_home(session, case, Outcome.declined, Actor.clock, now)
    elif case.state is RepairState.waiting_parts and case.is_covered:
        replace(session, case, Actor.clock, now)
    elif case.state is RepairState.waiting_parts:
        go_home(session, case, Outcome.not_fixed, Actor.clock, now)


def _asked(session: Session, account_id: uuid.UUID, repair_id: uuid.UUID, now: datetime) -> Repair:
    case = trail.lock_repair(session, repair_id)
    if case.account_id != account_id:
        raise NotFound
    if case.state is not RepairState.quoted:
        raise Refused("state.illegal_move")
    if case.due_at is not None and now >= case.due_at:
        raise Refused("aftersales.late")
    return case
