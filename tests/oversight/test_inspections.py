"""Nobody chooses who is inspected; two people publish; what is late alarms."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.kernel.seal import hashed
from market.notices.models import Notice
from market.oversight import audit, inspect, publish, queries, rectify
from market.oversight.draw_inspections import announce, draw, drawn_by
from market.oversight.events import DrawDue, RectificationDue
from market.oversight.models import Finding, Inspection
from market.oversight.states import DrawState, InspectionState, Severity
from tests.builders.oversight import a_drawn_visit, a_published_finding
from tests.builders.recycling import a_photo, a_recycler, a_recycler_clerk

COUNTY = "610924"
DUE = date(2026, 12, 7)
OVER = datetime(2026, 12, 8, 0, 0, tzinfo=SHANGHAI)


def refused(code, act, *args):
    with pytest.raises(Refused) as caught:
        act(*args)
    assert caught.value.code == code


def told(session, account):
    kinds = select(Notice.kind).where(Notice.account_id == account.id).order_by(Notice.id)
    return list(session.scalars(kinds))


def test_a_draw_publishes_its_lists_and_the_seeds_hash_before_and_the_seed_after(
    session, recycler, staff, seal, now
):
    other = a_recycler(session, now, name="另一家")
    at = now + timedelta(days=1)
    found = announce(session, COUNTY, staff[0].id, 1, 2, at, seal, now)
    assert found.recyclers == sorted([recycler.licence_number, other.licence_number])
    assert (len(found.inspectors), found.seed, drawn_by(found)) == (3, None, [])
    timer = session.scalars(select(OutboxRow).where(OutboxRow.kind == DrawDue.kind)).one()
    assert timer.due_at == at
    draw(session, found.id, seal, at - timedelta(minutes=1))
    assert (found.state, found.seed) == (DrawState.announced, None)
    for moment in (at, at + timedelta(days=1)):
        draw(session, found.id, seal, moment)
    assert (found.state, hashed(found.seed or "")) == (DrawState.drawn, found.seed_hash)
    visit = session.scalars(select(Inspection)).one()
    (drawn,) = drawn_by(found)
    assert visit.inspector_numbers == list(drawn.inspectors)
    assert list(audit.breaks(session)) == []


def test_the_drawn_inspectors_are_told(session, recycler, staff, seal, now):
    _, inspector, reviewer = a_drawn_visit(session, staff, seal, now)
    assert told(session, inspector) == ["oversight.drawn"]
    assert told(session, reviewer) == []


@pytest.mark.parametrize(
    ("places", "each", "hours", "code"),
    [
        (0, 1, 1, "oversight.places"),
        (2, 1, 1, "oversight.places"),
        (1, 3, 1, "oversight.inspectors"),
        (1, 0, 1, "oversight.inspectors"),
        (1, 1, 0, "oversight.draws_at"),
    ],
)
def test_a_draw_that_cannot_be_is_refused(session, recycler, staff, seal, now, places, each, hours, code):
    at = now + timedelta(hours=hours)
    refused(code, announce, session, COUNTY, staff[0].id, places, each, at, seal, now)
    assert queries.draws(session, COUNTY) == []


def test_who_was_not_drawn_writes_nothing_down(session, recycler, staff, seal, now):
    visit, _inspector, reviewer = a_drawn_visit(session, staff, seal, now)
    with pytest.raises(NotFound):
        inspect.confirm(session, COUNTY, reviewer.id, visit.id, now.date(), "都好", now)
    assert visit.state is InspectionState.draft


def test_who_was_drawn_publishes_nothing(session, recycler, staff, seal, now):
    visit, inspector, _reviewer = a_drawn_visit(session, staff, seal, now)
    inspect.confirm(session, COUNTY, inspector.id, visit.id, now.date(), "都好", now)
    for drawn in (it for it in staff if str(it.id) in visit.inspector_ids):
        refused("oversight.own_inspection", publish.publish, session, COUNTY, drawn.id, visit.id, now)
    assert (visit.state, visit.published_at) == (InspectionState.confirmed, None)
    assert queries.published(session, recycler.id) == []


def test_a_visit_without_findings_is_closed_when_it_is_published(session, recycler, staff, seal, now):
    visit, inspector, reviewer = a_drawn_visit(session, staff, seal, now)
    inspect.confirm(session, COUNTY, inspector.id, visit.id, now.date(), "都好", now)
    publish.publish(session, COUNTY, reviewer.id, visit.id, now)
    assert (visit.state, visit.closed_at) == (InspectionState.closed, now)
    assert queries.published(session, recycler.id) == [visit]


def test_what_is_sent_back_is_a_draft_again_with_why(session, recycler, staff, seal, now):
    visit, inspector, reviewer = a_drawn_visit(session, staff, seal, now)
    inspect.confirm(session, COUNTY, inspector.id, visit.id, now.date(), "都好", now)
    refused("oversight.words", publish.send_back, session, COUNTY, reviewer.id, visit.id, " ")
    publish.send_back(session, COUNTY, reviewer.id, visit.id, "没写台账")
    assert (visit.state, visit.sent_back) == (InspectionState.draft, "没写台账")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"item": "luck"}, "oversight.item"),
        ({"words": ""}, "oversight.words"),
        ({"due_on": date(2026, 11, 22)}, "oversight.due_on"),
        ({"photo": None}, "oversight.photo_needed"),
        ({"photo": b"no"}, "photo.unreadable"),
    ],
)
def test_a_finding_that_proves_nothing_is_refused(session, recycler, staff, seal, now, change, code):
    visit, inspector, _ = a_drawn_visit(session, staff, seal, now)
    fields = {"item": "fire", "severity": Severity.major, "words": "过期", "due_on": DUE, "photo": a_photo()}
    what = (fields | change).values()
    refused(code, inspect.add_finding, session, COUNTY, inspector.id, visit.id, *what, now)
    assert session.scalar(select(func.count()).select_from(Finding)) == 0


def test_what_is_published_is_not_changed_any_more(session, recycler, staff, seal, now):
    found, visit = a_published_finding(session, staff, seal, now, DUE)
    inspector = next(it for it in staff if str(it.id) in visit.inspector_ids)
    refused("state.illegal_move", inspect.drop_finding, session, COUNTY, inspector.id, found.id)
    again = "fire", Severity.minor, "还有", DUE, None
    refused("state.illegal_move", inspect.add_finding, session, COUNTY, inspector.id, visit.id, *again, now)
    assert inspect.findings(session, visit.id) == [found]


def test_a_finding_alarms_at_the_midnight_after_its_date_and_once(session, recycler, staff, seal, now):
    clerk = a_recycler_clerk(session, recycler, now)
    found, _visit = a_published_finding(session, staff, seal, now, DUE)
    timer = session.scalars(select(OutboxRow).where(OutboxRow.kind == RectificationDue.kind)).one()
    assert timer.due_at == OVER
    rectify.note_overdue(session, found.id, OVER - timedelta(minutes=1))
    assert (found.overdue_at, queries.overdue(session, COUNTY)) == (None, [])
    for late in (OVER, OVER + timedelta(days=1)):
        rectify.note_overdue(session, found.id, late)
    assert found.overdue_at == OVER
    assert [it for it, _ in queries.overdue(session, COUNTY)] == [found]
    assert told(session, clerk) == ["oversight.published", "oversight.overdue"]
    assert told(session, staff[0]).count("oversight.overdue") == 1


def test_with_the_worker_dead_for_a_day_it_alarms_then(session, recycler, staff, seal, now):
    found, _ = a_published_finding(session, staff, seal, now, DUE)
    rectify.note_overdue(session, found.id, OVER + timedelta(days=1))
    assert found.overdue_at == OVER + timedelta(days=1)


def test_what_is_put_right_in_time_does_not_alarm(session, recycler, staff, seal, now):
    found, visit = a_published_finding(session, staff, seal, now, DUE)
    rectify.report_rectified(session, recycler, found.id, "换了新的", a_photo(), now)
    rectify.accept_report(session, COUNTY, found.id, now)
    rectify.note_overdue(session, found.id, OVER)
    assert (found.overdue_at, visit.state) == (None, InspectionState.rectified)
    rectify.close(session, COUNTY, visit.id, now)
    assert (visit.state, list(audit.breaks(session))) == (InspectionState.closed, [])


def test_nothing_is_accepted_that_was_not_reported(session, recycler, staff, seal, now):
    found, visit = a_published_finding(session, staff, seal, now, DUE)
    refused("state.illegal_move", rectify.accept_report, session, COUNTY, found.id, now)
    refused("state.illegal_move", rectify.close, session, COUNTY, visit.id, now)
    rectify.report_rectified(session, recycler, found.id, "换了新的", a_photo(), now)
    rectify.refuse_report(session, COUNTY, found.id, now)
    assert (found.reported_at, found.rectified_at, visit.state) == (None, None, InspectionState.published)


def test_another_recycler_reports_nothing_for_this_one(session, recycler, staff, seal, now):
    found, _ = a_published_finding(session, staff, seal, now, DUE)
    other = a_recycler(session, now, name="另一家")
    with pytest.raises(NotFound):
        rectify.report_rectified(session, other, found.id, "换了新的", a_photo(), now)
    assert found.reported_at is None


def test_the_audit_draws_again(session, recycler, staff, seal, now):
    visit, *_ = a_drawn_visit(session, staff, seal, now)
    visit.inspector_numbers = [9, 8]
    session.flush()
    said = f"draw {visit.draw_id}: {recycler.licence_number} is inspected by others than were drawn"
    assert list(audit.breaks(session)) == [said]
