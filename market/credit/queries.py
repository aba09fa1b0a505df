"""Ratings and reviews as everybody may see them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.appeal_models import AppealState, RatingAppeal
from market.credit.criteria import criteria
from market.credit.models import Rating, RatingChange, RatingEvent, Review, SubjectKind
from market.credit.rules import FEW, Component


def rating(session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID) -> Rating | None:
    """The rating of a subject; None before anything was recorded about it."""
    return session.get(Rating, (subject_kind, subject_id))


def ratings(
    session: Session, subject_kind: SubjectKind, subject_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Rating]:
    """The ratings of many subjects in one read; who has none is left out."""
    found = session.scalars(
        select(Rating).where(Rating.subject_kind == subject_kind, Rating.subject_id.in_(list(subject_ids)))
    )
    return {row.subject_id: row for row in found}


def few_reviews(rating: Rating) -> bool:
    """Whether to say 评价较少 beside the stars."""
    return rating.n_effective_centi < FEW * 100


def parts(rating: Rating) -> list[tuple[Component, int, bool]]:
    """Each component with its thousandths, and whether anything was recorded for it yet."""
    unmeasured = set(rating.reasons["unmeasured"])
    return [
        (part, rating.reasons["parts"][part.code], part.code not in unmeasured)
        for part in criteria(rating.subject_kind).components
        if part.code in rating.reasons["parts"]
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of a rating, the event behind it, and the appeal against that event."""

    change: RatingChange
    event: RatingEvent
    appeal: RatingAppeal | None


def changes(
    session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID, limit: int = 20
) -> list[Entry]:
    """The latest changes of a rating, newest first."""
    rows = session.execute(
        select(RatingChange, RatingEvent, RatingAppeal)
        .join(RatingEvent, RatingEvent.id == RatingChange.event_id)
        .outerjoin(RatingAppeal, RatingAppeal.event_id == RatingEvent.id)
        .where(RatingChange.subject_kind == subject_kind, RatingChange.subject_id == subject_id)
        .order_by(RatingChange.changed_at.desc(), RatingChange.event_id.desc())
        .limit(limit)
    )
    return [Entry(*row) for row in rows]


def entry(
    session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID, event_id: uuid.UUID
) -> Entry | None:
    """One change of a rating; None where it is another subject's."""
    row = session.execute(
        select(RatingChange, RatingEvent, RatingAppeal)
        .join(RatingEvent, RatingEvent.id == RatingChange.event_id)
        .outerjoin(RatingAppeal, RatingAppeal.event_id == RatingEvent.id)
        .where(
            RatingChange.event_id == event_id,
            RatingChange.subject_kind == subject_kind,
            RatingChange.subject_id == subject_id,
        )
    ).one_or_none()
    return Entry(*row) if row else None


def appeals(session: Session, county_code: str) -> list[Entry]:
    """The county's appeals with what they are about: those that wait first, the earliest due at the top."""
    rows = session.execute(
        select(RatingChange, RatingEvent, RatingAppeal)
        .join(RatingEvent, RatingEvent.id == RatingChange.event_id)
        .join(RatingAppeal, RatingAppeal.event_id == RatingEvent.id)
        .where(RatingAppeal.county_code == county_code)
        .order_by(RatingAppeal.state != AppealState.open, RatingAppeal.due_at, RatingAppeal.id)
    )
    return [Entry(*row) for row in rows]


def reviewed(session: Session, references: Iterable[str]) -> dict[str, Review]:
    """Which of these order lines (or shop orders) already have their review."""
    found = session.scalars(select(Review).where(Review.reference.in_(list(references))))
    return {review.reference: review for review in found}
