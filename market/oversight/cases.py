"""What people report, and what came of it. Nothing of them is kept: no account, address, number or place."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.oversight.events import CaseDue
from market.oversight.models import CasePhoto, ReportedCase
from market.oversight.rectify import tell_county
from market.oversight.rules import ANSWER_DAYS, TAKE_UP_DAYS
from market.oversight.states import CASE_STATES, CaseKind, CaseState, Outcome
from market.recycling.codes import new_code
from market.recycling.photos import bare
from market.recycling.queries import in_register

WORDS_CHARS = range(10, 1001)
ANSWER_CHARS = range(1, 501)
MOST_PHOTOS = 3
# What a report that was borne out does to a recycler's rating.
GATES = {CaseKind.illegal_dismantling: "illegal_dismantling", CaseKind.fake_parts: "fraud_found"}


def file_case(
    session: Session,
    county_code: str,
    recycler_id: uuid.UUID | None,
    kind: CaseKind,
    place: str,
    words: str,
    photos: Sequence[bytes],
    now: datetime,
) -> ReportedCase:
    """Take a report, of a recycler or of anybody else; its number is the only way back to it.

    Raises NotFound for another county's recycler; Refused ``case.words``, ``case.photos``,
    ``photo.unreadable`` (field photos).
    """
    if len(words.strip()) not in WORDS_CHARS:
        raise Refused("case.words", field="words")
    if len(photos) > MOST_PHOTOS:
        raise Refused("case.photos", field="photos", most=MOST_PHOTOS)
    if recycler_id is not None:
        in_register(session, county_code, recycler_id)
    found = ReportedCase(
        number=new_code("T"),
        county_code=county_code,
        recycler_id=recycler_id,
        kind=kind,
        state=CaseState.filed,
        place=place.strip()[:120],
        words=words.strip(),
        filed_at=now,
        due_at=now + timedelta(days=TAKE_UP_DAYS),
    )
    session.add(found)
    session.flush()
    for jpeg, sha256 in map(bare, photos):
        session.add(CasePhoto(case_id=found.id, jpeg=jpeg, sha256=sha256))
    _ring(session, found, now)
    return found


def take_up(
    session: Session, county_code: str, operator_id: uuid.UUID, case_id: uuid.UUID, now: datetime
) -> ReportedCase:
    """Somebody of the county looks into it. Raises NotFound, Refused(``state.illegal_move``)."""
    found = _lock(session, county_code, case_id)
    CASE_STATES.move(found, CaseState.taken_up)
    found.handler_id, found.taken_up_at = operator_id, now
    found.due_at, found.overdue_at = now + timedelta(days=ANSWER_DAYS), None
    session.flush()
    _ring(session, found, now)
    return found


def answer_case(
    session: Session, county_code: str, case_id: uuid.UUID, outcome: Outcome, answer: str, now: datetime
) -> ReportedCase:
    """Say what it came to, to whoever has the number.

    Raises NotFound, Refused ``case.answer`` (field answer), ``state.illegal_move``.
    """
    found = _lock(session, county_code, case_id)
    if len(answer.strip()) not in ANSWER_CHARS:
        raise Refused("case.answer", field="answer")
    CASE_STATES.move(found, CaseState.answered)
    found.outcome, found.answer, found.answered_at = outcome, answer.strip(), now
    session.flush()
    if outcome is Outcome.borne_out and found.recycler_id and found.kind in GATES:
        recycler_id, kind = found.recycler_id, GATES[found.kind]
        record_event(session, SubjectKind.recycler, recycler_id, kind, f"case:{found.number}", now)
    return found


def note_late(session: Session, case_id: uuid.UUID, now: datetime) -> None:
    """Nobody has taken it up, or answered it, in time: the county hears of it once. Safe early and again."""
    found = session.get(ReportedCase, case_id, with_for_update=True, populate_existing=True)
    if found is None or found.state is CaseState.answered or found.overdue_at or now < found.due_at:
        return
    found.overdue_at = now
    session.flush()
    once = f"{found.id}:{found.state.value}"
    tell_county(session, found.county_code, "oversight.case_late", once, now, number=found.number)


def _ring(session: Session, found: ReportedCase, now: datetime) -> None:
    key = f"{CaseDue.kind}:{found.id}:{found.state.value}"
    emit(session, CaseDue(found.id), now, due_at=found.due_at, dedupe_key=key)


def _lock(session: Session, county_code: str, case_id: uuid.UUID) -> ReportedCase:
    found = session.get(ReportedCase, case_id, with_for_update=True, populate_existing=True)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found
