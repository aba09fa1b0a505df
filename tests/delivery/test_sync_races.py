"""Phones at once: the same events from five uploads count once, two phones at one stop give one winner."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from market.delivery.models import Courier, CourierEvent, EventKind, EventOutcome, Proof, Stop, StopState
from market.delivery.sync import Answer, settle_event, sync
from market.delivery.told import Told
from market.kernel.ids import new_id
from market.kernel.outbox import OutboxRow
from tests.builders.delivery import a_courier, a_ready_job, a_run_underway

pytestmark = pytest.mark.race
LONG_AGO = timedelta(minutes=11)


def _at_once(engine: Engine, works: list[Callable[[Session], object]]) -> list[object]:
    gate = Barrier(len(works))

    def one(work: Callable[[Session], object]) -> object:
        with Session(engine) as session, session.begin():
            session.connection()
            gate.wait()
            return work(session)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def _a_stop(engine: Engine, now: datetime) -> tuple[uuid.UUID, uuid.UUID]:
    with Session(engine) as session, session.begin():
        courier = a_courier(session, now)
        a_ready_job(session, now, cash_due_fen=100)
        return courier.id, a_run_underway(session, courier, now).stops[0].id


def _proof(stop_id: uuid.UUID, at: datetime) -> list[Told]:
    def told(sequence: int, kind: EventKind, **data: object) -> Told:
        return Told(new_id(), sequence, kind, stop_id, at, data)

    checks = [told(n, EventKind.check, code=code) for n, code in enumerate(("level", "earthing", "shown"))]
    evidence = [*checks, told(3, EventKind.cash, fen=100)]
    needs = [str(event.event_id) for event in evidence]
    return [*evidence, told(4, EventKind.done, recipient="self", needs=needs)]


def _upload(
    courier_id: uuid.UUID, device_id: uuid.UUID, events: list[Told], now: datetime
) -> Callable[[Session], list[Answer]]:
    return lambda session: sync(session, session.get_one(Courier, courier_id), device_id, events, now, now)


def _count(session: Session, of: type) -> int:
    return session.scalars(select(func.count()).select_from(of)).one()


def test_five_uploads_of_the_same_events_at_once_count_once(fresh_engine: Engine, now: datetime) -> None:
    courier_id, stop_id = _a_stop(fresh_engine, now)
    events, device_id = _proof(stop_id, now - LONG_AGO), new_id()
    _at_once(fresh_engine, [_upload(courier_id, device_id, events, now)] * 5)
    with Session(fresh_engine) as session:
        assert (_count(session, CourierEvent), _count(session, Proof)) == (5, 1)
        done = select(func.count()).where(OutboxRow.kind == "delivery.job_done")
        assert session.scalar(done) == 1


@pytest.mark.parametrize("ago", [timedelta(), LONG_AGO])
def test_two_phones_at_one_stop_at_once_give_one_winner(
    fresh_engine: Engine, now: datetime, ago: timedelta
) -> None:
    courier_id, stop_id = _a_stop(fresh_engine, now)
    uploads = [_upload(courier_id, new_id(), _proof(stop_id, now - ago), now) for _ in range(4)]
    _at_once(fresh_engine, uploads)
    with Session(fresh_engine) as session:
        endings = session.scalars(select(CourierEvent).where(CourierEvent.kind == EventKind.done)).all()
        outcomes = sorted(ending.outcome for ending in endings)
        assert outcomes == sorted(["conflict"] * 3 + ["open" if not ago else "applied"])
        (winner,) = (ending.id for ending in endings if ending.outcome is not EventOutcome.conflict)
    later = now + timedelta(minutes=10)
    _at_once(fresh_engine, [lambda session: settle_event(session, winner, later)] * 3)
    with Session(fresh_engine) as session:
        assert (session.get_one(Stop, stop_id).state, _count(session, Proof)) == (StopState.done, 1)
