"""Somebody rated does not accept an event: a person of the county decides, and says why.

The deadlines are the market's own; that a person looks again at what a computer concluded is the law's (PIPL
art. 24). An upheld appeal records an event that voids the other: nothing is deleted, and a replay agrees.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.appeal_models import APPEAL_STATES, WORDS_CHARS, AppealState, RatingAppeal
from market.credit.criteria import criteria
from market.credit.events import AppealDue
from market.credit.history import FULL_WEIGHT, VOIDED, WEIGHED
from market.credit.models import RatingEvent, SubjectKind
from market.credit.record_event import record_event
from market.credit.review_models import ReviewWeighing
from market.credit.signals import CLEARED
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.people.queries import staff_of_county

APPEAL_WITHIN = timedelta(days=30)
DECIDE_WITHIN = timedelta(days=15)


def may_appeal(event: RatingEvent, now: datetime) -> bool:
    """Whether an event can be appealed against at `now`: it counts against its subject, and is recent."""
    against = criteria(event.subject_kind).adverse | {WEIGHED}
    return event.kind in against and now < event.happened_at + APPEAL_WITHIN


def appeal(
    session: Session,
    subject_kind: SubjectKind,
    subject_id: uuid.UUID,
    county_code: str,
    account_id: uuid.UUID,
    event_id: uuid.UUID,
    words: str,
    now: datetime,
) -> RatingAppeal:
    """Ask the county to look at an event of one's own rating again; the caller has checked whose it is.

    Raises NotFound where the event is another's; Refused: ``credit.appeal_words`` (field words),
    ``credit.not_appealable`` (good news, or older than 30 days), ``credit.already_appealed``.
    """
    event = session.get(RatingEvent, event_id)
    if event is None or (event.subject_kind, event.subject_id) != (subject_kind, subject_id):
        raise NotFound
    if not 0 < len(words.strip()) <= WORDS_CHARS:
        raise Refused("credit.appeal_words", field="words", most=WORDS_CHARS)
    if not may_appeal(event, now):
        raise Refused("credit.not_appealable", days=APPEAL_WITHIN.days)
    appeal_id = session.scalar(
        insert(RatingAppeal)
        .values(
            id=new_id(),
            event_id=event_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            county_code=county_code,
            state=AppealState.open,
            words=words.strip(),
            appealed_by_id=account_id,
            appealed_at=now,
            due_at=now + DECIDE_WITHIN,
        )
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(RatingAppeal.id)
    )
    if appeal_id is None:
        raise Refused("credit.already_appealed")
    found = session.get_one(RatingAppeal, appeal_id)
    emit(session, AppealDue(found.id), now, due_at=found.due_at, dedupe_key=f"{AppealDue.kind}:{found.id}")
    return found


def decide_appeal(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    appeal_id: uuid.UUID,
    is_upheld: bool,
    answer: str,
    now: datetime,
) -> RatingAppeal:
    """Say whether the event stands, and why; where it does not, it counts no longer.

    Whoever appealed is told. Raises NotFound; Refused ``credit.appeal_answer`` (field answer),
    ``credit.own_appeal``, ``state.illegal_move``.
    """
    found = session.get(RatingAppeal, appeal_id, with_for_update=True, populate_existing=True)
    if found is None or found.county_code != county_code:
        raise NotFound
    if not 0 < len(answer.strip()) <= WORDS_CHARS:
        raise Refused("credit.appeal_answer", field="answer", most=WORDS_CHARS)
    if found.appealed_by_id == operator_id:
        raise Refused("credit.own_appeal")
    APPEAL_STATES.move(found, AppealState.upheld if is_upheld else AppealState.rejected)
    found.answer, found.decided_by_id, found.decided_at = answer.strip(), operator_id, now
    session.flush()
    if is_upheld:
        _void(session, found, now)
    kind = "credit.appeal_upheld" if is_upheld else "credit.appeal_rejected"
    params = {"answer": found.answer}
    notify(session, found.appealed_by_id, kind, params, now, f"appeal:{found.id}", f"{kind}:{found.id}")
    return found


def note_late(session: Session, appeal_id: uuid.UUID, now: datetime) -> None:
    """Nobody has decided in time: the county hears of it, once. Safe early, late and again."""
    found = session.get(RatingAppeal, appeal_id, with_for_update=True, populate_existing=True)
    if found is None or found.state is not AppealState.open or found.late_at or now < found.due_at:
        return
    found.late_at = now
    session.flush()
    for account_id in staff_of_county(session, found.county_code):
        key = f"credit.appeal_late:{found.id}:{account_id}"
        notify(session, account_id, "credit.appeal_late", {}, now, f"appeal:{found.id}", key)


def _void(session: Session, found: RatingAppeal, now: datetime) -> None:
    event = session.get_one(RatingEvent, found.event_id)
    reference = f"appeal:{found.id}"
    record_event(session, found.subject_kind, found.subject_id, VOIDED, reference, now, amends_id=event.id)
    if event.kind == WEIGHED:
        _clear(session, uuid.UUID(event.reference.removeprefix("weighing:")), now)


def _clear(session: Session, weighing_id: uuid.UUID, now: datetime) -> None:
    """A person found nothing wrong with the review: it counts in full, and is not weighed again."""
    weighing = session.get_one(ReviewWeighing, weighing_id)
    row = {"kind": CLEARED, "keeps_milli": FULL_WEIGHT, "others": 0}
    session.add(
        ReviewWeighing(review_id=weighing.review_id, weight_milli=FULL_WEIGHT, signals=[row], weighed_at=now)
    )
    session.flush()
