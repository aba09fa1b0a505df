"""Reviews as everybody may read them: with edit, answer, photos and tombstone, in an order that is named."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from market.credit.history import FULL_WEIGHT, REVIEW, Happened
from market.credit.models import Review
from market.credit.review_models import (
    LIVE,
    MaskState,
    ReviewAnswer,
    ReviewEdit,
    ReviewMask,
    ReviewPhoto,
    ReviewVote,
    ReviewWeighing,
)
from market.credit.rules import FEW, review_figures
from market.credit.statistics import wilson_lower
from market.kernel.errors import NotFound
from market.shops.models import Shop

PAGE = 20


class Order(StrEnum):
    """The orders in which reviews are shown; there is no other."""

    newest = "newest"
    helpful = "helpful"
    lowest = "lowest"


@dataclass(frozen=True, slots=True)
class Shown:
    """A review with all that was added to it."""

    review: Review
    edit: ReviewEdit | None
    answer: ReviewAnswer | None
    photo_ids: Sequence[uuid.UUID]
    mask: ReviewMask | None
    weighing: ReviewWeighing | None
    helpful: int
    votes: int

    @property
    def stars(self) -> int:
        """As they stand now; a mask covers words, never stars."""
        return self.edit.stars if self.edit else self.review.stars

    @property
    def is_masked(self) -> bool:
        return self.mask is not None and self.mask.state is MaskState.masked

    @property
    def text(self) -> str:
        """The words as they stand now; empty where they are covered."""
        if self.is_masked:
            return ""
        return self.edit.text if self.edit else self.review.text

    @property
    def first_text(self) -> str | None:
        """What she wrote first, where she changed it and it is not covered."""
        return self.review.text if self.edit and not self.is_masked else None

    @property
    def photos(self) -> Sequence[uuid.UUID]:
        """Those that may be seen."""
        return () if self.is_masked else self.photo_ids

    @property
    def weight_milli(self) -> int:
        """What it counts in the averages, in thousandths."""
        return self.weighing.weight_milli if self.weighing else FULL_WEIGHT

    @property
    def signals(self) -> list[dict[str, Any]]:
        """Why it counts less."""
        return list(self.weighing.signals) if self.weighing else []


@dataclass(frozen=True, slots=True)
class Figures:
    """A shop's or listing's reviews in figures. `counts` are pieces by stars, five first."""

    counts: dict[int, int]
    mean_milli: int
    n_effective_centi: int

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def few(self) -> bool:
        """Whether to say 评价较少."""
        return self.n_effective_centi < FEW * 100


def of_shop(shop_id: uuid.UUID) -> ColumnElement[bool]:
    """The reviews of a shop."""
    return Review.shop_id == shop_id


def of_listing(listing_id: uuid.UUID) -> ColumnElement[bool]:
    """The reviews of a listing."""
    return Review.listing_id == listing_id


def of_county(county_code: str) -> ColumnElement[bool]:
    """The reviews about a county's shops."""
    return Review.shop_id.in_(select(Shop.id).where(Shop.county_code == county_code))


def listed(
    session: Session, which: ColumnElement[bool], order: Order, page: int = 1, size: int = PAGE
) -> list[Shown]:
    """One page (from 1) of the reviews, and one more review where another page follows."""
    everything = _outlines(session, which)
    keys: dict[Order, Callable[[_Outline], Any]] = {
        Order.newest: lambda it: (),
        Order.helpful: lambda it: -_helpful(it.helpful, it.votes),
        Order.lowest: lambda it: it.stars,
    }
    # Sorting is stable: of equals the newest comes first.
    ordered = sorted(everything, key=keys[order])
    return shown(session, [it.id for it in ordered[(page - 1) * size : page * size + 1]])


def figures(session: Session, which: ColumnElement[bool], now: datetime) -> Figures:
    """Counts by stars, and the decayed Bayesian mean of what each review counts."""
    outlines = _outlines(session, which)
    weights = weighings(session, [it.id for it in outlines])
    events = [
        Happened(REVIEW, it.created_at, it.stars, weights[it.id].weight_milli if it.id in weights else None)
        for it in outlines
    ]
    mean_milli, n_effective_centi = review_figures(events, now)
    counts = Counter(it.stars for it in outlines)
    return Figures({stars: counts[stars] for stars in (5, 4, 3, 2, 1)}, mean_milli, n_effective_centi)


def one(session: Session, review_id: uuid.UUID) -> Shown:
    """A review. Raises NotFound."""
    found = shown(session, [review_id])
    if not found:
        raise NotFound
    return found[0]


def photo(session: Session, photo_id: uuid.UUID, *, masked_too: bool = False) -> bytes | None:
    """A review's photo as JPEG; None where there is none, or where it is covered."""
    found = session.get(ReviewPhoto, photo_id)
    if found is None or (not masked_too and one(session, found.review_id).is_masked):
        return None
    return found.jpeg


def shown(session: Session, review_ids: Sequence[uuid.UUID]) -> list[Shown]:
    """These reviews in this order, with what was added to them, in one read per table."""
    reviews = {it.id: it for it in session.scalars(select(Review).where(Review.id.in_(review_ids)))}
    edits = {it.review_id: it for it in _all(session, ReviewEdit, review_ids)}
    answers = {it.review_id: it for it in _all(session, ReviewAnswer, review_ids)}
    masks = {it.review_id: it for it in _all(session, ReviewMask, review_ids) if it.state in LIVE}
    photos: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for review_id, photo_id in session.execute(
        select(ReviewPhoto.review_id, ReviewPhoto.id)
        .where(ReviewPhoto.review_id.in_(review_ids))
        .order_by(ReviewPhoto.position)
    ):
        photos[review_id].append(photo_id)
    votes, weighed = _votes(session, review_ids), weighings(session, review_ids)
    return [
        Shown(
            reviews[it],
            edits.get(it),
            answers.get(it),
            photos[it],
            masks.get(it),
            weighed.get(it),
            *votes.get(it, (0, 0)),
        )
        for it in review_ids
        if it in reviews
    ]


def weighings(session: Session, review_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ReviewWeighing]:
    """The weighing in force of each review that has one."""
    found = session.scalars(
        select(ReviewWeighing)
        .where(ReviewWeighing.review_id.in_(list(review_ids)))
        .order_by(ReviewWeighing.weighed_at, ReviewWeighing.id)
    )
    return {it.review_id: it for it in found}


def weighed_down(session: Session, which: ColumnElement[bool], limit: int = 100) -> list[Shown]:
    """Reviews that count less than in full, the latest first."""
    latest = (
        select(ReviewWeighing.review_id, ReviewWeighing.weight_milli, ReviewWeighing.weighed_at)
        .ext(distinct_on(ReviewWeighing.review_id))
        .order_by(ReviewWeighing.review_id, ReviewWeighing.weighed_at.desc(), ReviewWeighing.id.desc())
        .subquery()
    )
    ids = session.scalars(
        select(Review.id)
        .join(latest, latest.c.review_id == Review.id)
        .where(which, latest.c.weight_milli < FULL_WEIGHT)
        .order_by(latest.c.weighed_at.desc(), Review.id)
        .limit(limit)
    ).all()
    return shown(session, ids)


def with_mask(session: Session, which: ColumnElement[bool]) -> list[Shown]:
    """Reviews whose words are covered or about to be, those that wait for a decision first."""
    ids = session.scalars(
        select(Review.id)
        .join(ReviewMask, ReviewMask.review_id == Review.id)
        .where(which, ReviewMask.state.in_(LIVE))
        .order_by(ReviewMask.state != MaskState.proposed, ReviewMask.proposed_at.desc(), Review.id)
    ).all()
    return shown(session, ids)


@dataclass(frozen=True, slots=True)
class _Outline:
    id: uuid.UUID
    created_at: datetime
    stars: int
    helpful: int
    votes: int


def _outlines(session: Session, which: ColumnElement[bool]) -> list[_Outline]:
    """What sorting and averages need, the newest first."""
    rows = session.execute(
        select(Review.id, Review.created_at, func.coalesce(ReviewEdit.stars, Review.stars))
        .outerjoin(ReviewEdit, ReviewEdit.review_id == Review.id)
        .where(which)
        .order_by(Review.created_at.desc(), Review.id.desc())
    ).all()
    votes = _votes(session, [row.id for row in rows])
    return [_Outline(*row, *votes.get(row.id, (0, 0))) for row in rows]


def _votes(session: Session, review_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    rows = session.execute(
        select(ReviewVote.review_id, func.count().filter(ReviewVote.is_helpful), func.count())
        .where(ReviewVote.review_id.in_(review_ids))
        .group_by(ReviewVote.review_id)
    )
    return {review_id: (helpful, votes) for review_id, helpful, votes in rows}


def _helpful(helpful: int, votes: int) -> Fraction:
    lower = wilson_lower(Fraction(helpful, votes), votes) if votes else None
    return lower or Fraction(0)


def _all(session: Session, table: Any, review_ids: Sequence[uuid.UUID]) -> Iterable[Any]:
    return session.scalars(select(table).where(table.review_id.in_(review_ids)))
