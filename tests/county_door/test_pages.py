"""The operator's pages: receive, close, watch, release, look labels up."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.declare_label import declare
from market.catalog.models import Listing
from market.catalog.rules import LabelState
from market.delivery.models import Batch, BatchState, Job, JobState, RunState
from market.delivery.plan_batch import plan_batch
from market.delivery.planner import Progress
from market.delivery.queries import record_progress
from market.orders.fulfill import confirm_shop_order, hand_over
from market.orders.models import Fulfillment
from tests.builders.catalog import a_label_draft, a_listing
from tests.builders.delivery import a_courier, a_planned_batch, a_ready_job
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_station
from tests.builders.shops import a_shop
from tests.builders.web import Browser


@pytest.fixture
def operator(client: Browser, session: Session, now: datetime) -> Browser:
    client.become(an_operator(session, now))
    return client


@pytest.fixture
def washer(session: Session, now: datetime) -> Listing:
    return a_listing(session, a_shop(session, now), now)


def test_the_desk_is_for_the_countys_staff_only(client: Browser, session: Session, now: datetime) -> None:
    assert client.get("/county/").status_code == 303
    client.become(an_account(session, now))
    assert client.get("/county/").status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        "",
        "hub",
        "cash",
        "batches",
        "labels",
        "vehicles",
        "stations",
        "refunds",
        "points",
        "settlements",
        "invoices",
    ],
)
def test_every_page_says_what_an_empty_county_lacks(operator: Browser, page: str) -> None:
    assert operator.get(f"/county/{page}").status_code == 200


def test_what_a_shop_hands_over_is_received_and_may_be_batched(
    operator: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    (part,) = an_order(session, an_account(session, now), [(washer, 1)], now).shop_orders
    confirm_shop_order(session, washer.shop_id, part.id, now)
    hand_over(session, washer.shop_id, part.id, now)
    assert part.number in operator.get("/county/hub").text
    assert operator.submit(f"/county/hub/{part.id}/receive").status_code == 303
    session.refresh(part)
    assert part.state is Fulfillment.at_hub
    assert session.scalars(select(Job.state)).one() is JobState.ready


def test_a_batch_is_closed_planned_seen_and_released(
    operator: Browser, session: Session, now: datetime
) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    closed = operator.submit("/county/batches/close")
    batch = session.scalars(select(Batch)).one()
    assert closed.location.endswith(f"/county/batches/{batch.id}")
    assert 'http-equiv="refresh"' in operator.get(closed.location).text
    record_progress(session, batch.id, Progress(0.4, 123400, 2), now)
    session.flush()
    assert "1,234.00" in operator.get(closed.location).text
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    page = operator.get(closed.location).text
    assert "<svg" in page
    assert "王秀英" not in page
    assert operator.submit(f"/county/batches/{batch.id}/release").status_code == 303
    session.refresh(batch)
    assert batch.state is BatchState.released
    assert {run.state for run in batch.runs} == {RunState.released}


def test_a_run_whose_cash_passes_the_couriers_limit_is_warned_of_before_its_release(
    operator: Browser, session: Session, now: datetime
) -> None:
    courier = a_courier(session, now)
    a_ready_job(session, now, cash_due_fen=2599_00)
    batch = a_planned_batch(session, now)
    assert "会超过限额" not in operator.get(f"/county/batches/{batch.id}").text
    courier.cash_limit_fen = 2500_00
    session.flush()
    assert "会超过限额 ¥99.00" in operator.get(f"/county/batches/{batch.id}").text


def test_what_was_left_out_says_why(operator: Browser, session: Session, now: datetime) -> None:
    a_courier(session, now, people=1)
    a_ready_job(session, now)
    a_planned_batch(session, now)
    assert "要两个人搬，没有双人车" in operator.get("/county/batches").text


def test_another_countys_batch_is_not_found(client: Browser, session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    batch = a_planned_batch(session, now)
    client.become(an_operator(session, now, "610728"))
    assert client.get(f"/county/batches/{batch.id}").status_code == 404
    assert client.submit(f"/county/batches/{batch.id}/release").status_code == 404
    assert batch.state is BatchState.planned


def test_vehicles_and_stations_are_listed(operator: Browser, session: Session, now: datetime) -> None:
    courier = a_courier(session, now)
    a_station(session)
    assert courier.name in operator.get("/county/vehicles").text
    assert "大连村服务站" in operator.get("/county/stations").text


def test_a_label_counts_once_it_was_looked_up(
    operator: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    label = declare(session, washer.product, a_label_draft(), now)
    assert label.record_number in operator.get("/county/labels").text
    assert operator.submit(f"/county/labels/{label.id}/verify").status_code == 303
    session.refresh(label)
    assert label.state is LabelState.verified


def test_a_label_is_sent_back_for_a_reason_only(
    operator: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    label = declare(session, washer.product, a_label_draft(), now)
    assert operator.submit(f"/county/labels/{label.id}/reject", {"reason": " "}).status_code == 422
    session.refresh(label)
    assert label.state is LabelState.declared
    assert operator.submit(f"/county/labels/{label.id}/reject", {"reason": "备案号不存在"}).status_code == 303
    session.refresh(label)
    assert label.reason == "备案号不存在"
