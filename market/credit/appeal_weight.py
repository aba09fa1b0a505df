"""Who wrote a review does not accept what it counts: a person of the county decides, as with any appeal."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from market.credit.appeal import appeal
from market.credit.appeal_models import RatingAppeal
from market.credit.history import FULL_WEIGHT, REVIEW, WEIGHED
from market.credit.models import RatingEvent, Review, SubjectKind
from market.credit.review_models import ReviewWeighing
from market.credit.review_queries import LATEST_WEIGHING
from market.kernel.errors import NotFound

_BY_IT = aliased(RatingEvent)
_WEIGHED_BY = (
    select(RatingEvent, RatingAppeal)
    .select_from(Review)
    .join(ReviewWeighing, ReviewWeighing.id == LATEST_WEIGHING)
    .join(
        _BY_IT,
        and_(
            _BY_IT.subject_kind == SubjectKind.shop,
            _BY_IT.subject_id == Review.shop_id,
            _BY_IT.kind == REVIEW,
            _BY_IT.reference == Review.reference,
        ),
    )
    .join(RatingEvent, and_(RatingEvent.kind == WEIGHED, RatingEvent.amends_id == _BY_IT.id))
    .outerjoin(RatingAppeal, RatingAppeal.event_id == RatingEvent.id)
    .where(Review.id == bindparam("review_id"), ReviewWeighing.weight_milli != FULL_WEIGHT)
    .order_by(RatingEvent.happened_at.desc(), RatingEvent.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The event that made a review count less than in full, and the appeal against it, whoever made it."""

    event: RatingEvent
    appeal: RatingAppeal | None


def weighed_by(session: Session, review: Review) -> Weighed | None:
    """Why the review counts less than in full; None where it counts in full. One statement."""
    row = session.execute(_WEIGHED_BY, {"review_id": review.id}).one_or_none()
    return Weighed(*row) if row else None


def appeal_weight(
    session: Session, author_id: uuid.UUID, review: Review, county_code: str, words: str, now: datetime
) -> RatingAppeal:
    """Ask a person to look at one's own review; where it is upheld it counts in full, in every replay.

    Raises NotFound where it is another's, or counts in full; and as `appeal`.
    """
    found = weighed_by(session, review) if review.author_id == author_id else None
    if found is None:
        raise NotFound
    event_id = found.event.id
    return appeal(session, SubjectKind.shop, review.shop_id, county_code, author_id, event_id, words, now)
