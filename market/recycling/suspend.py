"""A recycler may not work any more, or may again: what it has not received yet moves in the same moment."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.recycling.events import RecyclerStopped
from market.recycling.models import (
    RECYCLER_STATES,
    Recycler,
    RecyclerStaff,
    RecyclerState,
    RegisterAct,
)
from market.recycling.queries import is_licensed
from market.recycling.register import lapses_at, lock_in_county, note, resume
from market.recycling.reroute import move_on

REASON_CHARS = range(1, 301)


def suspend(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    recycler_id: uuid.UUID,
    reason: str,
    now: datetime,
) -> int:
    """Stop a recycler: it gets no new order from this transaction on, and those under way go to another.

    What it has already received it finishes. How many things were moved.
    Raises NotFound, Refused(``register.reason``, field reason | ``state.illegal_move``).
    """
    found = lock_in_county(session, county_code, recycler_id)
    if len(reason.strip()) not in REASON_CHARS:
        raise Refused("register.reason", field="reason")
    RECYCLER_STATES.move(found, RecyclerState.suspended)
    found.state_reason = reason.strip()
    return _stop(session, found, RegisterAct.suspended, operator_id, now)


def reopen(
    session: Session, county_code: str, operator_id: uuid.UUID, recycler_id: uuid.UUID, now: datetime
) -> Recycler:
    """Let a suspended recycler work again.

    Raises NotFound, Refused(``register.licence_over`` | ``state.illegal_move``).
    """
    found = lock_in_county(session, county_code, recycler_id)
    if now >= lapses_at(found.valid_to):
        raise Refused("register.licence_over")
    if found.state is not RecyclerState.suspended:
        raise Refused("state.illegal_move")
    RECYCLER_STATES.move(found, RecyclerState.active)
    found.state_reason = None
    session.flush()
    note(session, found, RegisterAct.reopened, operator_id, "", now)
    resume(session, found, now)
    return found


def lapse(session: Session, recycler_id: uuid.UUID, now: datetime) -> None:
    """The licence is over: as `suspend`, by the clock. Safe early, late and again.

    While nobody has called this yet, `recycler_for` looks at the dates.
    """
    county_code = session.scalar(select(Recycler.county_code).where(Recycler.id == recycler_id))
    if county_code is None:
        raise NotFound
    found = lock_in_county(session, county_code, recycler_id)
    if found.state is not RecyclerState.active or now < lapses_at(found.valid_to):
        return
    RECYCLER_STATES.move(found, RecyclerState.lapsed)
    record_event(session, SubjectKind.recycler, found.id, "licence_lapsed", f"until:{found.valid_to}", now)
    _stop(session, found, RegisterAct.lapsed, None, now)


def require_licensed(session: Session, recycler_id: uuid.UUID, now: datetime) -> Recycler:
    """The recycler, its row held (FOR SHARE) before that of what it takes in, as `suspend` locks them.

    Raises Refused(``register.stopped``) where it may not work.
    """
    found = session.get_one(Recycler, recycler_id, with_for_update={"read": True}, populate_existing=True)
    if not is_licensed(found, local_date(now)):
        raise Refused("register.stopped")
    return found


def _stop(
    session: Session, recycler: Recycler, act: RegisterAct, by_id: uuid.UUID | None, now: datetime
) -> int:
    session.flush()
    moved = move_on(session, recycler, now)
    note(session, recycler, act, by_id, recycler.state_reason or "", now, moved=moved)
    emit(session, RecyclerStopped(recycler.id), now)
    _tell_staff(session, recycler, act, now)
    return moved


def _tell_staff(session: Session, recycler: Recycler, act: RegisterAct, now: datetime) -> None:
    staff = select(RecyclerStaff.account_id).where(RecyclerStaff.recycler_id == recycler.id)
    params = {"name": recycler.name, "reason": recycler.state_reason or ""}
    for account_id in session.scalars(staff.order_by(RecyclerStaff.account_id)):
        notify(session, account_id, f"register.{act.value}", params, now)
