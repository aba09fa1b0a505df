"""A visit as its inspectors write it down, until they stand by it."""

import uuid
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.notices.notify import notify
from market.oversight.models import Finding, Inspection
from market.oversight.rules import ITEMS
from market.oversight.states import INSPECTION_STATES, InspectionState, Severity
from market.recycling.models import RecyclerStaff
from market.recycling.photos import bare

WORDS_CHARS = range(1, 301)


def add_finding(
    session: Session,
    county_code: str,
    inspector_id: uuid.UUID,
    inspection_id: uuid.UUID,
    item: str,
    severity: Severity,
    words: str,
    due_on: date,
    photo: bytes | None,
    now: datetime,
) -> Finding:
    """Write down what is wrong. A major or critical finding needs its photo.

    Raises NotFound where it is not the inspector's; Refused ``oversight.words``, ``oversight.item``,
    ``oversight.due_on``, ``oversight.photo_needed`` (each at its field), ``photo.unreadable``,
    ``state.illegal_move``.
    """
    visit = _own_draft(session, county_code, inspector_id, inspection_id)
    _check(item, words, due_on, now)
    if severity is not Severity.minor and not photo:
        raise Refused("oversight.photo_needed", field="photo")
    jpeg, sha256 = bare(photo) if photo else (None, None)
    found = Finding(
        inspection_id=visit.id,
        item=item,
        severity=severity,
        words=words.strip(),
        due_on=due_on,
        jpeg=jpeg,
        sha256=sha256,
        report="",
        created_at=now,
    )
    session.add(found)
    session.flush()
    return found


def drop_finding(
    session: Session, county_code: str, inspector_id: uuid.UUID, finding_id: uuid.UUID
) -> Inspection:
    """Take a finding out of a draft. Raises NotFound, Refused(``state.illegal_move``)."""
    found = session.get(Finding, finding_id)
    if found is None:
        raise NotFound
    visit = _own_draft(session, county_code, inspector_id, found.inspection_id)
    session.delete(found)
    session.flush()
    return visit


def confirm(
    session: Session,
    county_code: str,
    inspector_id: uuid.UUID,
    inspection_id: uuid.UUID,
    visited_on: date,
    summary: str,
    now: datetime,
) -> Inspection:
    """The inspector stands by what is written down; a second person looks at it next.

    Raises NotFound, Refused ``oversight.visited_on``, ``oversight.words`` (field summary),
    ``state.illegal_move``.
    """
    visit = _own_draft(session, county_code, inspector_id, inspection_id)
    if visited_on > local_date(now):
        raise Refused("oversight.visited_on", field="visited_on")
    if len(summary.strip()) not in WORDS_CHARS:
        raise Refused("oversight.words", field="summary")
    INSPECTION_STATES.move(visit, InspectionState.confirmed)
    visit.visited_on, visit.summary, visit.confirmed_by_id = visited_on, summary.strip(), inspector_id
    visit.sent_back = ""
    session.flush()
    return visit


def findings(session: Session, inspection_id: uuid.UUID) -> list[Finding]:
    """What a visit found, in the order in which it was written down."""
    of_visit = select(Finding).where(Finding.inspection_id == inspection_id)
    return list(session.scalars(of_visit.order_by(Finding.id)))


def lock(session: Session, county_code: str, inspection_id: uuid.UUID) -> Inspection:
    """An inspection of the county, locked and read anew. Raises NotFound."""
    found = session.get(Inspection, inspection_id, with_for_update=True, populate_existing=True)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def tell_recycler(
    session: Session, visit: Inspection, kind: str, once: str, now: datetime, **values: object
) -> None:
    """A notice (``oversight.`` and what happened) to everybody who works for the inspected recycler."""
    staff = select(RecyclerStaff.account_id).where(RecyclerStaff.recycler_id == visit.recycler_id)
    for account_id in session.scalars(staff.order_by(RecyclerStaff.account_id)):
        key = f"oversight.{kind}:{once}:{account_id}"
        reference = f"inspection:{visit.id}"
        notify(session, account_id, f"oversight.{kind}", values, now, reference=reference, dedupe_key=key)


def left_open(session: Session, inspection_id: uuid.UUID) -> int:
    """How many findings of a visit are not put right."""
    still = select(func.count()).where(Finding.inspection_id == inspection_id, Finding.rectified_at.is_(None))
    return session.scalar(still) or 0


def _own_draft(
    session: Session, county_code: str, inspector_id: uuid.UUID, inspection_id: uuid.UUID
) -> Inspection:
    visit = lock(session, county_code, inspection_id)
    if str(inspector_id) not in visit.inspector_ids:
        raise NotFound
    if visit.state is not InspectionState.draft:
        raise Refused("state.illegal_move")
    return visit


def _check(item: str, words: str, due_on: date, now: datetime) -> None:
    if item not in ITEMS:
        raise Refused("oversight.item", field="item")
    if len(words.strip()) not in WORDS_CHARS:
        raise Refused("oversight.words", field="words")
    if due_on < local_date(now):
        raise Refused("oversight.due_on", field="due_on")
