"""Record a fact about somebody rated, and let the rating follow."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.criteria import criteria
from market.credit.events import GradeChanged
from market.credit.history import CRITERIA_CHANGED, Happened
from market.credit.models import Rating, RatingChange, RatingEvent, SubjectKind
from market.credit.rules import Standing, stand
from market.kernel.ids import new_id
from market.kernel.outbox import emit


def record_event(
    session: Session,
    subject_kind: SubjectKind,
    subject_id: uuid.UUID,
    kind: str,
    reference: str,
    now: datetime,
    stars: int | None = None,
    *,
    weight_milli: int | None = None,
    amends_id: uuid.UUID | None = None,
) -> uuid.UUID | None:
    """Record that `kind` happened, and rate the subject anew. Once per subject, kind and `reference`.

    The event's id; None where it is on record already. News that comes late counts from when it happened: the
    rating stays as of the latest event. Raises ValueError where the subject's criteria know no such kind.
    """
    if kind not in criteria(subject_kind).kinds:
        raise ValueError(f"the criteria of a {subject_kind.value} know no event {kind!r}")
    lock_subject(session, subject_kind, subject_id)
    event_id = session.scalar(
        insert(RatingEvent)
        .values(
            id=new_id(),
            subject_kind=subject_kind,
            subject_id=subject_id,
            kind=kind,
            stars=stars,
            weight_milli=weight_milli,
            amends_id=amends_id,
            reference=reference,
            happened_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_rating_events_once")
        .returning(RatingEvent.id)
    )
    if event_id is not None:
        _rate(session, subject_kind, subject_id, event_id, kind, now)
    return event_id


def follow_criteria(session: Session, version: str, now: datetime) -> None:
    """Rate everybody anew whom other criteria rated than those in force, each with a change that says so."""
    if version != criteria(SubjectKind.shop).version:
        return
    stale = select(Rating.subject_kind, Rating.subject_id).where(Rating.criteria_version != version)
    for subject_kind, subject_id in session.execute(
        stale.order_by(Rating.subject_kind, Rating.subject_id)
    ).all():
        record_event(session, subject_kind, subject_id, CRITERIA_CHANGED, f"criteria:{version}", now)


def replay(session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID, as_of: datetime) -> Standing:
    """The standing at `as_of`, computed from zero out of every event recorded until then."""
    return stand(criteria(subject_kind), history(session, subject_kind, subject_id, as_of), as_of)


def history(
    session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID, as_of: datetime | None = None
) -> Sequence[Happened]:
    """Every event of a subject, or those until `as_of`."""
    of_subject = select(RatingEvent).where(
        RatingEvent.subject_kind == subject_kind, RatingEvent.subject_id == subject_id
    )
    if as_of is not None:
        of_subject = of_subject.where(RatingEvent.happened_at <= as_of)
    rows = session.scalars(of_subject)
    return [
        Happened(row.kind, row.happened_at, row.stars, row.weight_milli, row.id, row.amends_id)
        for row in rows
    ]


def lock_subject(session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID) -> None:
    """Two events of one subject are rated one after the other, so that neither misses the other."""
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{subject_kind}:{subject_id}", 0)))
    )


def _rate(
    session: Session,
    subject_kind: SubjectKind,
    subject_id: uuid.UUID,
    event_id: uuid.UUID,
    kind: str,
    now: datetime,
) -> None:
    before = session.get(Rating, (subject_kind, subject_id), populate_existing=True)
    letter_before = before.letter if before else None
    as_of = max(now, before.as_of) if before else now
    after = replay(session, subject_kind, subject_id, as_of)
    session.add(
        RatingChange(
            event_id=event_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            kind=kind,
            score_before=before.score if before else None,
            score_after=after.score,
            grade_before=before.grade if before else None,
            grade_after=after.grade,
            changed_at=now,
        )
    )
    rating = before or Rating(subject_kind=subject_kind, subject_id=subject_id)
    _store(session, rating, after, as_of)
    if rating.letter != letter_before:
        key = f"{GradeChanged.kind}:{event_id}"
        emit(session, GradeChanged(subject_kind.value, subject_id), now, dedupe_key=key)


def _store(session: Session, rating: Rating, standing: Standing, as_of: datetime) -> None:
    rating.score, rating.grade = standing.score, standing.grade
    rating.stars_milli = standing.stars_milli
    rating.positive_lower_milli = standing.positive_lower_milli
    rating.n_effective_centi = standing.n_effective_centi
    rating.known_events = standing.known_events
    rating.reasons = reasons_of(standing)
    rating.criteria_version = criteria(rating.subject_kind).version
    rating.as_of = as_of
    session.add(rating)
    session.flush()


def reasons_of(standing: Standing) -> dict[str, object]:
    """A standing's parts, as a rating keeps them."""
    return {
        "parts": dict(standing.parts),
        "unmeasured": list(standing.unmeasured),
        "gates": list(standing.gates),
    }
