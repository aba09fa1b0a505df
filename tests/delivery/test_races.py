"""Two at once: two closers make one batch, two phones end a stop once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_batch
from market.delivery.drive import Left, complete_stop
from market.delivery.models import Batch, Courier, Job, Proof
from market.kernel.outbox import OutboxRow
from tests.builders.delivery import DAY, a_courier, a_ready_job, a_run_underway

pytestmark = pytest.mark.race
T = TypeVar("T")


def _at_once(engine: Engine, times: int, work: Callable[[Session], T]) -> list[T]:
    gate = Barrier(times)

    def one(_: int) -> T:
        with Session(engine) as session, session.begin():
            session.connection()
            gate.wait()
            return work(session)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def _count(session: Session, kind: str) -> int:
    found = select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == kind)
    return session.scalars(found).one()


def test_five_closers_at_once_make_one_batch(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        a_courier(session, now)
        for _ in range(10):
            a_ready_job(session, now)
    ids = _at_once(fresh_engine, 5, lambda session: close_batch(session, "610924", DAY, 1, now).id)
    with Session(fresh_engine) as session:
        assert session.scalars(select(Batch.id)).all() == [ids[0]]
        assert set(session.scalars(select(Job.batch_id))) == set(ids) == {ids[0]}
        assert _count(session, "delivery.batch_closed") == 1


def test_a_stop_synced_from_five_phones_at_once_has_one_effect(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        courier = a_courier(session, now)
        a_ready_job(session, now, cash_due_fen=100)
        stop_id = a_run_underway(session, courier, now).stops[0].id
        courier_id = courier.id
    left = Left("王秀英", 100, checks=frozenset({"level", "earthing", "shown"}))

    def sync(session: Session) -> None:
        complete_stop(session, session.get_one(Courier, courier_id), stop_id, left, now)

    _at_once(fresh_engine, 5, sync)
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(Proof)) == 1
        assert _count(session, "delivery.job_done") == 1
