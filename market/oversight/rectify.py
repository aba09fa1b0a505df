"""What was found is put right: the recycler says so, the county sees for itself, and late ones alarm."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.notices.notify import notify
from market.oversight.inspect import WORDS_CHARS, left_open, lock, tell_recycler
from market.oversight.models import Finding, Inspection
from market.oversight.rules import over_at
from market.oversight.states import INSPECTION_STATES, PUBLIC, InspectionState
from market.people.models import CountyStaff
from market.recycling.models import Recycler
from market.recycling.photos import bare


def report_rectified(
    session: Session, recycler: Recycler, finding_id: uuid.UUID, words: str, photo: bytes, now: datetime
) -> Finding:
    """The recycler says, with a photo, that it is put right.

    Raises NotFound where it is another's or not published; Refused ``oversight.words``,
    ``photo.unreadable``, ``state.illegal_move`` where it was accepted already.
    """
    visit, found = _locked(session, recycler.county_code, finding_id)
    if visit.recycler_id != recycler.id or visit.state not in PUBLIC:
        raise NotFound
    if found.rectified_at is not None:
        raise Refused("state.illegal_move")
    if len(words.strip()) not in WORDS_CHARS:
        raise Refused("oversight.words", field="words")
    found.fixed_jpeg, _ = bare(photo)
    found.report, found.reported_at = words.strip(), now
    session.flush()
    return found


def accept_report(session: Session, county_code: str, finding_id: uuid.UUID, now: datetime) -> Inspection:
    """The county has seen that it is put right. With the last one the visit is rectified.

    Raises NotFound, Refused(``state.illegal_move``) where the recycler has reported nothing.
    """
    visit, found = _locked(session, county_code, finding_id)
    if found.reported_at is None or found.rectified_at is not None:
        raise Refused("state.illegal_move")
    found.rectified_at = now
    session.flush()
    if not left_open(session, visit.id):
        INSPECTION_STATES.move(visit, InspectionState.rectified)
    session.flush()
    return visit


def refuse_report(session: Session, county_code: str, finding_id: uuid.UUID, now: datetime) -> Inspection:
    """It is not put right; its date stands. Raises as `accept_report`."""
    visit, found = _locked(session, county_code, finding_id)
    if found.reported_at is None or found.rectified_at is not None:
        raise Refused("state.illegal_move")
    found.reported_at = None
    session.flush()
    tell_recycler(session, visit, "not_rectified", f"{found.id}:{now.isoformat()}", now)
    return visit


def close(session: Session, county_code: str, inspection_id: uuid.UUID, now: datetime) -> Inspection:
    """Everything is put right and looked at: the visit is over. Raises NotFound, Refused(
    ``state.illegal_move``)."""
    visit = lock(session, county_code, inspection_id)
    INSPECTION_STATES.move(visit, InspectionState.closed)
    visit.closed_at = now
    session.flush()
    return visit


def note_overdue(session: Session, finding_id: uuid.UUID, now: datetime) -> None:
    """The date of a finding has passed: an alarm to the county and a reminder to the recycler. Once; early or
    where it was put right, nothing."""
    known = session.get(Finding, finding_id)
    visit = session.get(Inspection, known.inspection_id) if known else None
    if visit is None:
        return
    visit, found = _locked(session, visit.county_code, finding_id)
    if found.rectified_at is not None or found.overdue_at is not None or now < over_at(found.due_on):
        return
    found.overdue_at = now
    session.flush()
    recycler = session.get_one(Recycler, visit.recycler_id)
    tell_recycler(session, visit, "overdue", str(found.id), now, recycler=recycler.name)
    tell_county(session, visit.county_code, "oversight.overdue", str(found.id), now, recycler=recycler.name)


def tell_county(
    session: Session, county_code: str, kind: str, once: str, now: datetime, **values: object
) -> None:
    """A notice of `kind` to everybody who works for the county, once for each `once`."""
    staff = select(CountyStaff.account_id).where(CountyStaff.county_code == county_code)
    for account_id in session.scalars(staff.order_by(CountyStaff.account_id)):
        notify(session, account_id, kind, values, now, dedupe_key=f"{kind}:{once}:{account_id}")


def _locked(session: Session, county_code: str, finding_id: uuid.UUID) -> tuple[Inspection, Finding]:
    """The visit first, and then its finding. Raises NotFound."""
    found = session.get(Finding, finding_id)
    if found is None:
        raise NotFound
    visit = lock(session, county_code, found.inspection_id)
    session.refresh(found)
    return visit, found
