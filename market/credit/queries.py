"""Ratings and reviews as everybody may see them."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from market.credit.criteria import criteria
from market.credit.models import Rating, RatingChange, Review, SubjectKind
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


def changes(
    session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID, limit: int = 20
) -> list[RatingChange]:
    """The latest changes of a rating, newest first, each with the event behind it."""
    return list(
        session.scalars(
            select(RatingChange)
            .where(RatingChange.subject_kind == subject_kind, RatingChange.subject_id == subject_id)
            .order_by(RatingChange.changed_at.desc(), RatingChange.event_id.desc())
            .limit(limit)
        )
    )


def reviews_of_shop(
    session: Session, shop_id: uuid.UUID, after: tuple[datetime, uuid.UUID] | None = None, limit: int = 20
) -> list[Review]:
    """A shop's reviews, newest first; the next page starts `after` the last one's (created_at, id)."""
    return _page(session, Review.shop_id == shop_id, after, limit)


def reviews_of_listing(
    session: Session, listing_id: uuid.UUID, after: tuple[datetime, uuid.UUID] | None = None, limit: int = 20
) -> list[Review]:
    """A listing's reviews, newest first, paged as `reviews_of_shop`."""
    return _page(session, Review.listing_id == listing_id, after, limit)


def reviewed(session: Session, references: Iterable[str]) -> dict[str, Review]:
    """Which of these order lines (or shop orders) already have their review."""
    found = session.scalars(select(Review).where(Review.reference.in_(list(references))))
    return {review.reference: review for review in found}


def _page(
    session: Session, which: ColumnElement[bool], after: tuple[datetime, uuid.UUID] | None, limit: int
) -> list[Review]:
    newest_first = tuple_(Review.created_at, Review.id)
    found = select(Review).where(which).order_by(Review.created_at.desc(), Review.id.desc()).limit(limit)
    if after is not None:
        found = found.where(newest_first < after)
    return list(session.scalars(found))
