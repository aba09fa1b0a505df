"""A second person looks at a visit, and publishes it or sends it back. Nothing changes after."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.oversight.events import RectificationDue
from market.oversight.inspect import WORDS_CHARS, findings, lock, tell_recycler
from market.oversight.models import Inspection
from market.oversight.rules import over_at
from market.oversight.states import INSPECTION_STATES, InspectionState


def send_back(
    session: Session, county_code: str, reviewer_id: uuid.UUID, inspection_id: uuid.UUID, why: str
) -> Inspection:
    """The second person does not agree: it is a draft again, with why.

    Raises NotFound, Refused ``oversight.words`` (field why), ``oversight.own_inspection``,
    ``state.illegal_move``.
    """
    visit = _for_review(session, county_code, reviewer_id, inspection_id)
    if len(why.strip()) not in WORDS_CHARS:
        raise Refused("oversight.words", field="why")
    INSPECTION_STATES.move(visit, InspectionState.draft)
    visit.sent_back, visit.confirmed_by_id = why.strip(), None
    session.flush()
    return visit


def publish(
    session: Session, county_code: str, reviewer_id: uuid.UUID, inspection_id: uuid.UUID, now: datetime
) -> Inspection:
    """Put it before the public; the dates of its findings run. Without findings it is closed at once.

    Raises NotFound, Refused ``oversight.own_inspection``, ``state.illegal_move``.
    """
    visit = _for_review(session, county_code, reviewer_id, inspection_id)
    INSPECTION_STATES.move(visit, InspectionState.published)
    visit.published_by_id, visit.published_at = reviewer_id, now
    session.flush()
    found = findings(session, visit.id)
    for finding in found:
        due_at = over_at(finding.due_on)
        key = f"{RectificationDue.kind}:{finding.id}"
        emit(session, RectificationDue(finding.id), now, due_at=due_at, dedupe_key=key)
    if not found:
        INSPECTION_STATES.move(visit, InspectionState.rectified)
        INSPECTION_STATES.move(visit, InspectionState.closed)
        visit.closed_at = now
    tell_recycler(session, visit, "published", str(visit.id), now, findings=len(found))
    session.flush()
    return visit


def _for_review(
    session: Session, county_code: str, reviewer_id: uuid.UUID, inspection_id: uuid.UUID
) -> Inspection:
    visit = lock(session, county_code, inspection_id)
    if str(reviewer_id) in visit.inspector_ids:
        raise Refused("oversight.own_inspection")
    return visit
