"""The outbox: claimed once, worked on once, tried again, given up in plain sight."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import market
from market.kernel.once import IdempotencyKey, claim
from market.kernel.outbox import OutboxRow, OutboxState, emit
from worker.handlers import HANDLERS
from worker.relay import relay, sweep
from worker.work import ATTEMPTS, wait_after, work


@dataclass(frozen=True)
class Rang:
    kind: ClassVar[str] = "test.rang"
    bell: str


def ring(session, now, times=1, **when):
    for n in range(times):
        emit(session, Rang(f"bell-{n}"), now, **when)
    session.flush()


def note(session, payload, now):
    claim(session, "handler", payload["bell"], "test", now)


def fail(session, payload, now):
    note(session, payload, now)
    raise ValueError("no rope")


def notes(session):
    return session.scalar(select(func.count()).select_from(IdempotencyKey))


def the_row(session):
    session.expire_all()
    return session.scalars(select(OutboxRow)).one()


def test_a_row_is_sent_when_it_is_due_and_not_before(session, now):
    ring(session, now, due_at=now + timedelta(hours=1))
    sent = []
    assert relay(session, sent.append, now) == 0
    assert relay(session, sent.append, now + timedelta(hours=1)) == 1
    assert sent == [the_row(session).id]
    assert the_row(session).state is OutboxState.sent


def test_a_row_that_the_broker_did_not_take_stays_pending(session, now):
    ring(session, now)

    def refuse(_):
        raise ConnectionError("no broker")

    with pytest.raises(ConnectionError), session.begin_nested():
        relay(session, refuse, now)
    assert the_row(session).state is OutboxState.pending


def test_a_message_that_was_lost_is_sent_again_after_a_minute(session, now):
    ring(session, now)
    relay(session, lambda _: None, now)
    assert sweep(session, now + timedelta(seconds=59)) == 0
    assert sweep(session, now + timedelta(seconds=61)) == 1
    sent = []
    relay(session, sent.append, now + timedelta(seconds=61))
    assert sent == [the_row(session).id]


def test_a_message_that_comes_twice_works_once(session, now):
    ring(session, now)
    row_id = the_row(session).id
    calls = []
    handlers = {"test.rang": (lambda _session, payload, _now: calls.append(payload["bell"]),)}
    assert work(session, row_id, handlers, now) is OutboxState.done
    assert work(session, row_id, handlers, now) is None
    assert calls == ["bell-0"]


def test_a_failure_undoes_the_work_and_waits_ever_longer(session, now):
    ring(session, now)
    assert work(session, the_row(session).id, {"test.rang": (fail,)}, now) is OutboxState.pending
    row = the_row(session)
    assert notes(session) == 0
    assert (row.attempts, row.last_error) == (1, "ValueError: no rope")
    assert row.due_at == now + wait_after(1)
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 10)] == [5, 15, 45, 3600]


def test_a_row_that_always_fails_is_given_up_and_says_why(session, now):
    ring(session, now)
    for _ in range(ATTEMPTS):
        work(session, the_row(session).id, {"test.rang": (fail,)}, now)
    row = the_row(session)
    assert (row.state, row.attempts) == (OutboxState.dead, ATTEMPTS)
    assert work(session, row.id, {"test.rang": (note,)}, now) is None


def test_a_kind_nobody_knows_is_a_failure_and_not_silence(session, now):
    ring(session, now)
    assert work(session, the_row(session).id, {}, now) is OutboxState.pending
    assert the_row(session).last_error == "KeyError: 'test.rang'"


@pytest.mark.race
def test_two_relays_never_send_one_row_twice(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        ring(session, now, times=300)
    sent, start = [], threading.Barrier(4)

    def run():
        start.wait()
        for _ in range(4):
            with Session(fresh_engine) as session, session.begin():
                relay(session, sent.append, now)

    in_threads(4, run)
    assert len(sent) == 300
    assert len(set(sent)) == 300


@pytest.mark.race
def test_one_row_handed_to_many_workers_at_once_is_done_once(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        ring(session, now)
        row_id = the_row(session).id
    calls, start = [], threading.Barrier(6)
    handlers = {"test.rang": (lambda *_: calls.append(1),)}

    def run():
        start.wait()
        with Session(fresh_engine) as session, session.begin():
            work(session, row_id, handlers, now)

    in_threads(6, run)
    assert calls == [1]


@pytest.mark.race
def test_the_sweeper_leaves_a_row_alone_while_it_is_worked_on(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        ring(session, now)
        session.execute(update(OutboxRow).values(state=OutboxState.sent, sent_at=now))
    later = now + timedelta(minutes=5)
    with Session(fresh_engine) as busy, busy.begin():
        busy.scalars(select(OutboxRow).with_for_update()).one()
        with Session(fresh_engine) as other, other.begin():
            assert sweep(other, later) == 0


def test_every_event_of_every_room_has_its_row_of_reactions():
    market.load_models()
    kinds = {cls.kind for cls in events_of_all_rooms()}
    assert kinds == set(HANDLERS)


def events_of_all_rooms():
    import importlib
    from pathlib import Path

    for path in sorted(Path(market.__file__).parent.glob("*/events.py")):
        if path.parent.name in market.ROOMS:
            module = importlib.import_module(f"market.{path.parent.name}.events")
            yield from (
                thing for thing in vars(module).values() if isinstance(getattr(thing, "kind", None), str)
            )


def in_threads(count, run):
    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
