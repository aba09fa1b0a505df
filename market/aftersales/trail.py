"""Move a case: its state, the step that is kept, the timer of what it waits for, a word to its buyer."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales.events import RepairDue, ReturnDue
from market.aftersales.models import Actor, AftersalesStep, Repair, ReturnRequest
from market.aftersales.states import REPAIR_STATES, RETURN_STATES, RepairState, ReturnState
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.notices.notify import notify

NOTE_LENGTH = 300


def lock_return(session: Session, return_id: uuid.UUID) -> ReturnRequest:
    """The return, its row locked and read anew. Raises NotFound."""
    found = session.get(
        ReturnRequest, return_id, with_for_update={"of": ReturnRequest}, populate_existing=True
    )
    if found is None:
        raise NotFound
    return found


def lock_repair(session: Session, repair_id: uuid.UUID) -> Repair:
    """The repair, its row locked and read anew. Raises NotFound."""
    found = session.get(Repair, repair_id, with_for_update={"of": Repair}, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def begin(session: Session, case: ReturnRequest | Repair, now: datetime) -> None:
    """A new case in its first state, asked for by its buyer."""
    session.add(case)
    session.flush()
    _write(session, case, Actor.buyer, now, case.words)


def move_return(
    session: Session,
    case: ReturnRequest,
    to: ReturnState,
    by: Actor,
    now: datetime,
    note: str = "",
    *,
    due_at: datetime | None = None,
    **values: object,
) -> None:
    """Put a locked return in state `to`. Raises Refused(``state.illegal_move``)."""
    RETURN_STATES.move(case, to)
    _moved(session, case, by, now, note, due_at)
    _tell_buyer(session, case, "return", now, note=note, **values)


def move_repair(
    session: Session,
    case: Repair,
    to: RepairState,
    by: Actor,
    now: datetime,
    note: str = "",
    *,
    due_at: datetime | None = None,
    **values: object,
) -> None:
    """Put a locked repair in state `to`. Raises Refused(``state.illegal_move``)."""
    REPAIR_STATES.move(case, to)
    _moved(session, case, by, now, note, due_at)
    _tell_buyer(session, case, "repair", now, note=note, **values)


def checked(text: str, field: str) -> str:
    """A reason that somebody else reads. Raises Refused(``aftersales.note``)."""
    if not 0 < len(text.strip()) <= NOTE_LENGTH:
        raise Refused("aftersales.note", field=field, most=NOTE_LENGTH)
    return text.strip()


def write(session: Session, case: ReturnRequest | Repair, by: Actor, now: datetime, note: str) -> None:
    """Note something that left the case in its state."""
    _write(session, case, by, now, note)
    session.flush()


def _moved(
    session: Session,
    case: ReturnRequest | Repair,
    by: Actor,
    now: datetime,
    note: str,
    due_at: datetime | None,
) -> None:
    case.state_since, case.due_at = now, due_at
    _write(session, case, by, now, note)
    session.flush()
    if due_at is not None:
        wait(session, case, due_at, now)


def wait(session: Session, case: ReturnRequest | Repair, due_at: datetime, now: datetime) -> None:
    """Have the clock look at the case at `due_at`. Once per state and moment."""
    key = f"{case.reference}:{case.state}:{due_at.isoformat()}"
    timer = ReturnDue(case.id) if isinstance(case, ReturnRequest) else RepairDue(case.id)
    emit(session, timer, now, due_at=max(due_at, now), dedupe_key=key)


def _write(session: Session, case: ReturnRequest | Repair, by: Actor, now: datetime, note: str) -> None:
    step = AftersalesStep(
        id=new_id(), reference=case.reference, state=case.state.value, by=by, note=note, at=now
    )
    session.add(step)


def _tell_buyer(
    session: Session, case: ReturnRequest | Repair, kind: str, now: datetime, **values: object
) -> None:
    until = {"until": case.due_at.isoformat()} if case.due_at else {}
    notify(
        session,
        case.account_id,
        f"{kind}.{case.state.value}",
        {"code": case.code, **until, **values},
        now,
        reference=case.reference,
        dedupe_key=f"{case.reference}:{case.state.value}:{now.isoformat()}",
    )
