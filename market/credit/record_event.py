"""Record a fact about a shop, courier or recycler, and let its rating follow."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.criteria import criteria
from market.credit.models import Rating, RatingChange, RatingEvent, SubjectKind
from market.credit.rules import Happened, Standing, stand
from market.kernel.ids import new_id


def record_event(
    session: Session,
    subject_kind: SubjectKind,
    subject_id: uuid.UUID,
    kind: str,
    reference: str,
    now: datetime,
    stars: int | None = None,
) -> None:
    """Record that `kind` happened, and rate the subject anew. Once per subject, kind and `reference`.

    Raises ValueError where the subject's criteria know no such kind.
    """
    if kind not in criteria(subject_kind).kinds:
        raise ValueError(f"the criteria of a {subject_kind.value} know no event {kind!r}")
    _lock(session, subject_kind, subject_id)
    event_id = session.scalar(
        insert(RatingEvent)
        .values(
            id=new_id(),
            subject_kind=subject_kind,
            subject_id=subject_id,
            kind=kind,
            stars=stars,
            reference=reference,
            happened_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_rating_events_once")
        .returning(RatingEvent.id)
    )
    if event_id is not None:
        _rate(session, subject_kind, subject_id, event_id, kind, now)


def replay(session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID, as_of: datetime) -> Standing:
    """The standing at `as_of`, computed from zero out of every event recorded until then."""
    return stand(criteria(subject_kind), _history(session, subject_kind, subject_id, as_of), as_of)


def _lock(session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID) -> None:
    """Two events of one subject are rated one after the other, so that neither misses the other."""
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{subject_kind}:{subject_id}", 0)))
    )


def _history(
    session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID, as_of: datetime
) -> Sequence[Happened]:
    rows = session.execute(
        select(RatingEvent.kind, RatingEvent.happened_at, RatingEvent.stars).where(
            RatingEvent.subject_kind == subject_kind,
            RatingEvent.subject_id == subject_id,
            RatingEvent.happened_at <= as_of,
        )
    )
    return [Happened(kind, at, stars) for kind, at, stars in rows]


def _rate(
    session: Session,
    subject_kind: SubjectKind,
    subject_id: uuid.UUID,
    event_id: uuid.UUID,
    kind: str,
    now: datetime,
) -> None:
    before = session.get(Rating, (subject_kind, subject_id), populate_existing=True)
    after = replay(session, subject_kind, subject_id, now)
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
    _store(session, before or Rating(subject_kind=subject_kind, subject_id=subject_id), after, now)


def _store(session: Session, rating: Rating, standing: Standing, now: datetime) -> None:
    rating.score, rating.grade = standing.score, standing.grade
    rating.stars_milli = standing.stars_milli
    rating.positive_lower_milli = standing.positive_lower_milli
    rating.n_effective_centi = standing.n_effective_centi
    rating.reasons = {
        "parts": dict(standing.parts),
        "unmeasured": list(standing.unmeasured),
        "gates": list(standing.gates),
    }
    rating.criteria_version = criteria(rating.subject_kind).version
    rating.as_of = now
    session.add(rating)
    session.flush()
