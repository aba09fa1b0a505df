"""Take in what a courier's phone has told, once each, in any order, from any number of phones.

Evidence is kept as it comes. An ending (`done`, `failed`, `run_failed`) waits for the evidence it needs, is
tried at once so that a refusal is heard at once, and is booked when the time to correct it is over.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.drive import start_run
from market.delivery.endings import end_run, end_stop
from market.delivery.events import CourierEventSettles
from market.delivery.models import (
    EVENT_STATES,
    Courier,
    CourierEvent,
    EventKind,
    EventOutcome,
    Run,
    RunState,
    Stop,
    StopState,
)
from market.delivery.told import (
    ENDINGS,
    KEPT,
    OF_EVENT,
    OF_RUN,
    Told,
    check_shape,
    claimed_at,
    in_order,
    needs_of,
    settles_at,
)
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.kernel.photo import small_jpeg

_LIVE = (EventOutcome.open, EventOutcome.applied)


class _Conflict(Refused):
    """Another phone, or the page, was there first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one event; `reason` and `details` make its sentence. `is_repeat`: it came before."""

    event_id: uuid.UUID
    outcome: EventOutcome
    reason: str | None
    details: dict[str, Any]
    settles_at: datetime | None
    is_repeat: bool


def sync(
    session: Session,
    courier: Courier,
    device_id: uuid.UUID,
    events: Sequence[Told],
    sent_at: datetime,
    now: datetime,
) -> list[Answer]:
    """Take in `events` of the phone `device_id`, which it sent when its clock showed `sent_at`.

    Never raises for what one event says: that one is answered as refused or as a conflict, the others go on.
    """
    _lock(session, courier)
    before = _known(session, courier, [told.event_id for told in events])
    answers: dict[uuid.UUID, Answer] = {}
    taken: dict[uuid.UUID, CourierEvent] = {}
    for told in in_order(events):
        if earlier := before.get(told.event_id) or taken.get(told.event_id):
            taken.setdefault(told.event_id, earlier)
            continue
        try:
            taken[told.event_id] = _keep(session, courier, device_id, told, sent_at, now)
        except Refused as refused:
            answers[told.event_id] = Answer(
                told.event_id, EventOutcome.refused, refused.code, {}, None, False
            )
    _take_held(session, courier, now)
    for event_id, event in taken.items():
        answers[event_id] = _answer(event, event_id in before)
    return list(answers.values())


def settle_event(session: Session, event_id: uuid.UUID, now: datetime) -> None:
    """Book the ending whose time to be corrected is over. Harmless early, late and twice."""
    courier_id = session.scalars(select(CourierEvent.courier_id).where(CourierEvent.id == event_id)).one()
    courier = session.get_one(Courier, courier_id)
    _lock(session, courier)
    event = session.get_one(CourierEvent, event_id, populate_existing=True)
    if event.outcome is EventOutcome.open and event.settles_at is not None and event.settles_at <= now:
        _settle(session, courier, event, now)


def settle_all(session: Session, courier: Courier, now: datetime) -> int:
    """Book at once all that `courier` might still correct: she hands in her cash. How many there were."""
    _lock(session, courier)
    waiting = _unsettled(session, courier, EventOutcome.open)
    for event in waiting:
        _settle(session, courier, event, now)
    return len(waiting)


def _lock(session: Session, courier: Courier) -> None:
    """One phone of a courier's at a time. Taken before runs, stops and jobs, always."""
    session.execute(select(Courier.id).where(Courier.id == courier.id).with_for_update(key_share=True))


def _known(session: Session, courier: Courier, ids: list[uuid.UUID]) -> dict[uuid.UUID, CourierEvent]:
    rows = session.scalars(
        select(CourierEvent)
        .where(CourierEvent.courier_id == courier.id, CourierEvent.event_id.in_(ids))
        .execution_options(populate_existing=True)
    )
    return {row.event_id: row for row in rows}


def _keep(
    session: Session,
    courier: Courier,
    device_id: uuid.UUID,
    told: Told,
    sent_at: datetime,
    now: datetime,
) -> CourierEvent:
    """The event, written down as held. Raises Refused(``sync.shape``) for what cannot be written down."""
    check_shape(told)
    run_id, stop_id = _target(session, courier, told)
    event = CourierEvent(
        id=new_id(),
        courier_id=courier.id,
        event_id=told.event_id,
        device_id=device_id,
        sequence=told.sequence,
        kind=told.kind,
        run_id=run_id,
        stop_id=stop_id,
        payload={name: value for name, value in told.data.items() if name in KEPT},
        recorded_at=claimed_at(told.recorded_at, now),
        received_at=now,
        outcome=EventOutcome.held,
        details={},
    )
    if told.kind in ENDINGS:
        event.settles_at = settles_at(told.recorded_at, sent_at, now)
    try:
        event.photo = small_jpeg(told.photo) if told.photo else None
    except Refused as refused:
        _turn_down(event, refused)
    if run_id is None and told.kind not in OF_EVENT:
        _turn_down(event, Refused("sync.not_found"))
    session.add(event)
    session.flush()
    return event


def _target(session: Session, courier: Courier, told: Told) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """The run and the stop that `told` is about; nothing where they are not the courier's."""
    if told.kind in OF_EVENT:
        return None, None
    if told.kind in OF_RUN:
        found = select(Run.id).where(Run.id == told.target)
        run_id = session.scalar(found.where(Run.courier_id == courier.id, Run.state != RunState.planned))
        return run_id, None
    row = session.execute(
        select(Run.id, Stop.id)
        .join(Stop, Stop.run_id == Run.id)
        .where(Stop.id == told.target, Run.courier_id == courier.id, Run.state != RunState.planned)
    ).one_or_none()
    return (row[0], row[1]) if row else (None, None)


def _take_held(session: Session, courier: Courier, now: datetime) -> None:
    """Take every event that has what it needs, until none is left that has."""
    is_moving = True
    while is_moving:
        is_moving = False
        for event in _unsettled(session, courier, EventOutcome.held):
            _take(session, courier, event, now)
            session.flush()
            is_moving = is_moving or event.outcome is not EventOutcome.held


def _unsettled(session: Session, courier: Courier, outcome: EventOutcome) -> Sequence[CourierEvent]:
    return session.scalars(
        select(CourierEvent)
        .where(CourierEvent.courier_id == courier.id, CourierEvent.outcome == outcome)
        .order_by(CourierEvent.device_id, CourierEvent.sequence, CourierEvent.id)
        .execution_options(populate_existing=True)
    ).all()


def _take(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    """Do what `event` says, or leave it held."""
    try:
        if event.kind is EventKind.start:
            _take_start(session, courier, event, now)
        elif event.kind in OF_EVENT:
            _take_correction(session, courier, event, now)
        elif event.kind in ENDINGS:
            _take_ending(session, courier, event, now)
        elif (rival := _live_ending(session, event)) and rival.device_id != event.device_id:
            raise _Conflict("sync.stop_over")
        else:
            _become(event, EventOutcome.applied)
    except _Conflict as conflict:
        _turn_down(event, conflict, EventOutcome.conflict)
    except Refused as refused:
        _turn_down(event, refused)


def _take_start(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    begun = _run(session, event).state is not RunState.released
    start_run(session, courier, _run(session, event).id, now)
    _become(event, EventOutcome.duplicate if begun else EventOutcome.applied)


def _take_correction(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    """Take back an ending, or book it before its time."""
    of = uuid.UUID(event.payload["of"])
    ending = _known(session, courier, [of]).get(of)
    if ending is None:
        return
    if ending.kind not in ENDINGS:
        raise Refused("sync.shape")
    event.run_id, event.stop_id = ending.run_id, ending.stop_id
    if event.kind is EventKind.settle and ending.outcome is EventOutcome.open:
        _settle(session, courier, ending, now)
    elif event.kind is EventKind.undo and ending.outcome in (EventOutcome.open, EventOutcome.held):
        _become(ending, EventOutcome.undone)
    elif event.kind is EventKind.undo and ending.outcome is EventOutcome.applied:
        raise Refused("sync.too_late")
    elif ending.outcome is EventOutcome.held:
        return
    _become(event, EventOutcome.applied)


def _take_ending(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    if _run(session, event).state is RunState.released or _lacks_evidence(session, courier, event):
        return
    if rival := _live_ending(session, event):
        if rival.device_id != event.device_id:
            raise _Conflict("sync.stop_over")
        _become(event, EventOutcome.duplicate)
        return
    _try(session, courier, event, now)
    if event.settles_at is None or event.settles_at <= now:
        _settle(session, courier, event, now)
        return
    _become(event, EventOutcome.open)
    told = CourierEventSettles(event.id)
    emit(session, told, now, due_at=event.settles_at, dedupe_key=f"settles:{event.id}")


def _run(session: Session, event: CourierEvent) -> Run:
    return session.scalars(select(Run).where(Run.id == event.run_id)).one()


def _lacks_evidence(session: Session, courier: Courier, event: CourierEvent) -> bool:
    needs = needs_of(event.payload)
    here = _known(session, courier, list(needs))
    return any(one not in here or here[one].outcome is EventOutcome.held for one in needs)


def _live_ending(session: Session, event: CourierEvent) -> CourierEvent | None:
    """What has ended the stop (or the run) of `event` already, and stands."""
    kinds = (EventKind.run_failed,) if event.stop_id is None else (EventKind.done, EventKind.failed)
    of = CourierEvent.run_id == event.run_id, CourierEvent.stop_id.is_not_distinct_from(event.stop_id)
    live = select(CourierEvent).where(*of, CourierEvent.kind.in_(kinds), CourierEvent.outcome.in_(_LIVE))
    return session.scalars(live.where(CourierEvent.id != event.id).limit(1)).one_or_none()


def _try(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    """Raises what booking `event` now would raise, and changes nothing."""
    trial = session.begin_nested()
    try:
        _apply(session, courier, event, now)
    finally:
        trial.rollback()


def _settle(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    try:
        with session.begin_nested():
            _apply(session, courier, event, now)
    except _Conflict as conflict:
        _turn_down(event, conflict, EventOutcome.conflict)
    except Refused as refused:
        _turn_down(event, refused)
    else:
        _become(event, EventOutcome.applied)
    session.flush()


def _apply(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    if event.stop_id is None:
        end_run(session, courier, event, _open_stops(session, event), now)
        return
    state = session.scalars(select(Stop.state).where(Stop.id == event.stop_id)).one()
    if state is not StopState.pending:
        raise _Conflict("sync.stop_over")
    end_stop(session, courier, event, now)


def _open_stops(session: Session, event: CourierEvent) -> set[uuid.UUID]:
    """The stops of the run that a phone has ended and may still correct."""
    ended = select(CourierEvent.stop_id).where(
        CourierEvent.run_id == event.run_id,
        CourierEvent.stop_id.is_not(None),
        CourierEvent.kind.in_(ENDINGS),
        CourierEvent.outcome == EventOutcome.open,
    )
    return {stop_id for stop_id in session.scalars(ended) if stop_id is not None}


def _become(event: CourierEvent, outcome: EventOutcome) -> None:
    event.outcome = EVENT_STATES.step(event.outcome, outcome)


def _turn_down(event: CourierEvent, refused: Refused, outcome: EventOutcome = EventOutcome.refused) -> None:
    _become(event, outcome)
    event.reason, event.details = refused.code, dict(refused.values)


def _answer(event: CourierEvent, is_repeat: bool) -> Answer:
    return Answer(event.event_id, event.outcome, event.reason, event.details, event.settles_at, is_repeat)
