"""What people report: without a name, with a number, and answered in time."""

from datetime import timedelta

import pytest
from sqlalchemy import func, inspect, select

from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from market.oversight import cases, queries
from market.oversight.events import CaseDue
from market.oversight.models import CasePhoto, ReportedCase
from market.oversight.states import CaseKind, CaseState, Outcome
from tests.builders.recycling import a_photo, a_recycler

COUNTY = "610924"
WORDS = "他们夜里在后院烧电线，烟很大"


def refused(code, act, *args):
    with pytest.raises(Refused) as caught:
        act(*args)
    assert caught.value.code == code


@pytest.fixture
def case(session, recycler, now):
    what = CaseKind.illegal_dismantling, "后院", WORDS, [a_photo()]
    return cases.file_case(session, COUNTY, recycler.id, *what, now)


def test_a_report_has_a_number_and_no_author(session, case):
    assert case.number.startswith("T-")
    assert queries.case_by_number(session, f" {case.number.lower()} ") is case
    columns = {column.key for column in inspect(ReportedCase).columns}
    assert not columns & {"account_id", "author_id", "phone", "address", "ip"}
    assert b"Exif" not in session.scalars(select(CasePhoto.jpeg)).one()


@pytest.mark.parametrize(
    ("words", "photos", "code"),
    [("太短", 0, "case.words"), (WORDS, 4, "case.photos"), ("长" * 1001, 0, "case.words")],
)
def test_a_report_that_says_nothing_is_refused(session, recycler, now, words, photos, code):
    what = CaseKind.other, "", words, [a_photo()] * photos
    refused(code, cases.file_case, session, COUNTY, recycler.id, *what, now)
    assert session.scalar(select(func.count()).select_from(ReportedCase)) == 0


def test_a_recycler_of_another_county_is_not_reported_here(session, recycler, now):
    elsewhere = a_recycler(session, now, "610728")
    with pytest.raises(NotFound):
        cases.file_case(session, COUNTY, elsewhere.id, CaseKind.other, "", WORDS, [], now)


def test_a_case_is_taken_up_within_seven_days_and_answered_within_fifteen(session, staff, case, now):
    assert case.due_at == now + timedelta(days=7)
    cases.note_late(session, case.id, now + timedelta(days=7) - timedelta(minutes=1))
    assert case.overdue_at is None
    for late in (timedelta(days=7), timedelta(days=8)):
        cases.note_late(session, case.id, now + late)
    assert case.overdue_at == now + timedelta(days=7)
    then = now + timedelta(days=8)
    cases.take_up(session, COUNTY, staff[0].id, case.id, then)
    assert (case.due_at, case.overdue_at) == (then + timedelta(days=15), None)
    cases.note_late(session, case.id, then + timedelta(days=16))
    assert case.overdue_at == then + timedelta(days=16)
    count = select(func.count()).where(Notice.account_id == staff[0].id, Notice.kind == "oversight.case_late")
    assert session.scalar(count) == 2
    due = select(func.count()).where(OutboxRow.kind == CaseDue.kind)
    assert session.scalar(due) == 2


def test_only_what_was_taken_up_is_answered_and_once(session, staff, case, now):
    answer = Outcome.borne_out, "已责令停止"
    refused("state.illegal_move", cases.answer_case, session, COUNTY, case.id, *answer, now)
    cases.take_up(session, COUNTY, staff[0].id, case.id, now)
    refused("case.answer", cases.answer_case, session, COUNTY, case.id, Outcome.borne_out, " ", now)
    cases.answer_case(session, COUNTY, case.id, *answer, now)
    refused("state.illegal_move", cases.answer_case, session, COUNTY, case.id, *answer, now)
    assert (case.state, case.answer) == (CaseState.answered, "已责令停止")
    assert queries.borne_out(session, case.recycler_id) == 1
    cases.note_late(session, case.id, now + timedelta(days=90))
    assert case.overdue_at is None
