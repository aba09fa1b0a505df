"""What the law wants by a day: at its minute with a given now, and with the worker dead for a day."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from market.recalls.close import close
from market.recalls.declare import confirm, declare, dismiss, investigate
from market.recalls.duties import duties_of, file_duty, pass_due
from market.recalls.models import RecallDuty
from market.recalls.shelf import answer_shelf
from market.recalls.states import DutyKind, RecallState
from tests.builders.catalog import a_listing
from tests.builders.life import clean, react
from tests.builders.people import an_account, an_operator
from tests.builders.recalls import COUNTY, a_declaration, a_published_recall
from tests.builders.shops import a_shop

MINUTE = timedelta(minutes=1)


def day(month, number, year=2026):
    return datetime(year, month, number, tzinfo=SHANGHAI)


@pytest.fixture
def washer(session, now):
    return a_listing(session, a_shop(session, now), now)


@pytest.fixture
def operator(session, now, washer):
    return an_operator(session, now)


def late_notices(session, operator):
    found = select(Notice).where(Notice.account_id == operator.id, Notice.kind == "recall.duty_late")
    return [notice.params["duty"] for notice in session.scalars(found.order_by(Notice.id))]


def due(session, recall):
    return {(row.kind, row.number): row.due_at for row in duties_of(session, recall.id)}


def test_each_step_opens_its_duty_until_the_end_of_its_last_day(session, now, washer, operator):
    recall = declare(session, COUNTY, washer.product_id, a_declaration(), operator.id, now)
    assert due(session, recall) == {(DutyKind.report, 1): day(11, 26)}
    investigate(session, COUNTY, recall.id, "", operator.id, now)
    confirm(session, COUNTY, recall.id, "", operator.id, now + timedelta(days=1))
    assert due(session, recall)[DutyKind.plan, 1] == day(12, 9)
    published = a_published_recall(session, washer, now)
    assert due(session, published)[DutyKind.progress, 1] == day(2, 24, 2027)


@pytest.mark.parametrize(
    ("after", "late"), [(-MINUTE, []), (timedelta(0), ["report"]), (timedelta(days=1), ["report"])]
)
def test_a_report_is_late_from_its_minute_on_and_told_of_once(session, now, washer, operator, after, late):
    recall = declare(session, COUNTY, washer.product_id, a_declaration(), operator.id, now)
    moment = day(11, 26) + after
    [duty] = duties_of(session, recall.id)
    assert duty.is_late(moment) is bool(late)
    for _ in range(2):
        react(session, moment)
        pass_due(session, duty.id, moment)
    assert late_notices(session, operator) == late


def test_with_the_worker_dead_for_a_day_it_shows_as_late_all_the_same(session, now, washer, operator):
    recall = declare(session, COUNTY, washer.product_id, a_declaration(), operator.id, now)
    [duty] = duties_of(session, recall.id)
    a_day_later = day(11, 27)
    assert duty.is_late(a_day_later)
    assert late_notices(session, operator) == []
    react(session, a_day_later)
    assert late_notices(session, operator) == ["report"]


def test_a_report_that_was_filed_in_its_last_minute_is_not_late(session, now, washer, operator):
    recall = declare(session, COUNTY, washer.product_id, a_declaration(), operator.id, now)
    [duty] = duties_of(session, recall.id)
    with pytest.raises(Refused, match=r"recalls\.note"):
        file_duty(session, COUNTY, duty.id, "无", operator.id, now)
    with pytest.raises(NotFound):
        file_duty(session, "610728", duty.id, "县市监〔2026〕12 号", operator.id, now)
    file_duty(session, COUNTY, duty.id, "县市监〔2026〕12 号", operator.id, day(11, 26) - MINUTE)
    file_duty(session, COUNTY, duty.id, "第二次不算", operator.id, day(11, 28))
    react(session, day(11, 28))
    assert (duty.is_late(day(11, 28)), duty.note) == (False, "县市监〔2026〕12 号")
    assert late_notices(session, operator) == []


def test_nothing_is_late_of_a_signal_that_nothing_came_of(session, now, washer, operator):
    recall = declare(session, COUNTY, washer.product_id, a_declaration(), operator.id, now)
    dismiss(session, COUNTY, recall.id, "查无此事", operator.id, now)
    react(session, day(11, 28))
    assert late_notices(session, operator) == []


def test_a_progress_report_is_wanted_every_three_months_even_after_a_dead_year(
    session, now, washer, operator
):
    recall = a_published_recall(session, washer, now)
    for kind in (DutyKind.report, DutyKind.plan):
        duty = next(row for row in duties_of(session, recall.id) if row.kind is kind)
        file_duty(session, COUNTY, duty.id, "县市监〔2026〕12 号", operator.id, now)
    react(session, day(2, 23, 2027), {"recalls.published"})
    assert (DutyKind.progress, 2) not in due(session, recall)
    react(session, day(11, 24, 2027))
    wanted = {key: moment for key, moment in due(session, recall).items() if key[0] is DutyKind.progress}
    assert list(wanted.values()) == [
        day(2, 24, 2027), day(5, 24, 2027), day(8, 24, 2027), day(11, 24, 2027), day(2, 24, 2028)
    ]  # fmt: skip
    assert late_notices(session, operator) == ["progress"] * 4


def test_the_summary_is_wanted_after_the_close_and_no_progress_any_more(session, now, washer, operator):
    recall = a_published_recall(session, washer, now)
    react(session, now)
    answer_shelf(session, washer.shop_id, recall.id, 10, operator.id, now)
    assert recall.state is RecallState.notice_sent
    close(session, COUNTY, recall.id, "没有卖出去的", operator.id, now)
    assert (recall.rate_bp, due(session, recall)[DutyKind.summary, 1]) == (10_000, day(12, 15))
    react(session, day(3, 1, 2027))
    assert sorted(late_notices(session, operator)) == ["plan", "report", "summary"]
    assert (DutyKind.progress, 2) not in due(session, recall)


def test_the_first_progress_report_moves_the_recall_on(session, now, washer, operator):
    recall = a_published_recall(session, washer, now)
    recall.state = RecallState.remedy
    duty = session.scalars(select(RecallDuty).where(RecallDuty.kind == DutyKind.progress)).one()
    file_duty(session, COUNTY, duty.id, "第一次进展", operator.id, now)
    assert recall.state is RecallState.progress
    assert due(session, recall)[DutyKind.progress, 2] == day(5, 24, 2027)


def test_a_timer_for_each_duty_is_in_the_outbox_once(session, now, washer, operator):
    declare(session, COUNTY, washer.product_id, a_declaration(), operator.id, now)
    [row] = session.scalars(select(OutboxRow).where(OutboxRow.kind == "recalls.duty_due")).all()
    assert row.due_at == day(11, 26)
    assert an_account(session, now)
    assert clean(session, now)
