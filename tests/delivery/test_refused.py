"""Refused goods and the courier's cash limit at the stop."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.cash_limit import cash_over_limit_fen
from market.delivery.drive import Left, complete_stop, fail_stop
from market.delivery.models import JobState, StopState
from market.kernel.errors import Refused
from market.kernel.outbox import OutboxRow
from market.ledger.post import post
from market.ledger.rules import UNEARNED, courier_cash, credit, debit
from tests.builders.delivery import a_courier, a_ready_job, a_run_underway

CHECKS = frozenset({"level", "earthing", "shown"})


def test_a_partly_refused_stop_takes_the_cash_of_the_rest(session: Session, now: datetime) -> None:
    courier = a_courier(session, now)
    kept = a_ready_job(session, now, cash_due_fen=2599_00)
    unwanted = a_ready_job(session, now, cash_due_fen=400_00)
    (stop,) = a_run_underway(session, courier, now).stops
    refused = frozenset({unwanted.id})
    for cash, ids, code in (
        (2999_00, refused, "delivery.cash"),
        (0, refused | {kept.id}, "delivery.all_refused"),
    ):
        with pytest.raises(Refused, match=code):
            complete_stop(session, courier, stop.id, Left("王秀英", cash, checks=CHECKS, refused=ids), now)
        assert (stop.state, kept.state, unwanted.state) == ("pending", "underway", "underway")
    for _ in range(2):
        left = Left("王秀英", 2599_00, checks=CHECKS, refused=refused)
        complete_stop(session, courier, stop.id, left, now)
    assert (kept.state, unwanted.state) == (JobState.done, JobState.refused)
    assert stop.cash_due_fen == 2599_00
    news = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "delivery.job_refused")).all()
    assert news == [{"job_id": str(unwanted.id), "reference": unwanted.reference}]


def test_a_refused_stop_sends_goods_back_for_good_and_leaves_the_old_appliance_waiting(
    session: Session, now: datetime
) -> None:
    courier = a_courier(session, now)
    goods, old = a_ready_job(session, now, cash_due_fen=2599_00), a_ready_job(session, now, kind="collect")
    (stop,) = a_run_underway(session, courier, now).stops
    fail_stop(session, courier, stop.id, "refused", now)
    assert (stop.state, stop.cash_due_fen) == (StopState.failed, 0)
    assert (goods.state, old.state) == (JobState.refused, JobState.ready)


def test_cash_above_the_couriers_limit_is_refused_and_not_taken(session: Session, now: datetime) -> None:
    courier = a_courier(session, now)
    assert courier.cash_limit_fen == 20_000_00
    job = a_ready_job(session, now, cash_due_fen=2599_00)
    run = a_run_underway(session, courier, now)
    (stop,) = run.stops
    held = 20_000_00 - 2599_00 + 1
    lines = [debit(courier_cash(courier.id), held), credit(UNEARNED, held)]
    post(session, "order.captured", "shop_order:x", "capture:x", lines, now)
    assert cash_over_limit_fen(session, run) == 1
    left = Left("王秀英", 2599_00, checks=CHECKS)
    with pytest.raises(Refused, match="cash_limit") as caught:
        complete_stop(session, courier, stop.id, left, now)
    assert (caught.value.field, caught.value.values) == ("cash", {"limit_fen": 20_000_00})
    assert (stop.state, job.state) == (StopState.pending, JobState.underway)
    courier.cash_limit_fen += 1
    complete_stop(session, courier, stop.id, left, now)
    assert job.state is JobState.done
