"""Inspections, for tests: drawn, written down, published."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.seal import Seal
from market.oversight import inspect
from market.oversight.draw_inspections import announce, draw
from market.oversight.models import Finding, Inspection
from market.oversight.publish import publish
from market.oversight.states import Severity
from market.people.models import Account
from tests.builders.recycling import a_photo


def a_drawn_visit(
    session: Session, staff: list[Account], seal: Seal, now: datetime
) -> tuple[Inspection, Account, Account]:
    """The visit of the one drawn recycler, an inspector of it, and the one who is left to review."""
    found = announce(session, "610924", staff[0].id, 1, 2, now + timedelta(hours=1), seal, now)
    draw(session, found.id, seal, now + timedelta(hours=1))
    visit = session.scalars(select(Inspection).where(Inspection.draw_id == found.id)).one()
    inspector = next(it for it in staff if str(it.id) in visit.inspector_ids)
    reviewer = next(it for it in staff if str(it.id) not in visit.inspector_ids)
    return visit, inspector, reviewer


def a_published_finding(
    session: Session, staff: list[Account], seal: Seal, now: datetime, due_on: date
) -> tuple[Finding, Inspection]:
    """A major finding, published."""
    visit, inspector, reviewer = a_drawn_visit(session, staff, seal, now)
    what = "fire", Severity.major, "灭火器过期", due_on, a_photo()
    found = inspect.add_finding(session, "610924", inspector.id, visit.id, *what, now)
    inspect.confirm(session, "610924", inspector.id, visit.id, now.date(), "有一处要改", now)
    publish(session, "610924", reviewer.id, visit.id, now)
    return found, visit
