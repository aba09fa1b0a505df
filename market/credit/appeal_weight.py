"""Who wrote a review does not accept what it counts: a person of the county decides, as with any appeal."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.appeal import appeal
from market.credit.appeal_models import RatingAppeal
from market.credit.history import FULL_WEIGHT, WEIGHED
from market.credit.models import RatingEvent, Review, SubjectKind
from market.credit.review_queries import weighings
from market.credit.write_review import event_of
from market.kernel.errors import NotFound


def weighed_by(session: Session, review: Review) -> RatingEvent | None:
    """The event that made the review count less than in full; None where it counts in full."""
    now_in_force = weighings(session, [review.id]).get(review.id)
    if now_in_force is None or now_in_force.weight_milli == FULL_WEIGHT:
        return None
    of_review = select(RatingEvent).where(
        RatingEvent.kind == WEIGHED, RatingEvent.amends_id == event_of(session, review)
    )
    return session.scalar(of_review.order_by(RatingEvent.happened_at.desc(), RatingEvent.id.desc()).limit(1))


def appeal_of(session: Session, event: RatingEvent) -> RatingAppeal | None:
    """The appeal against the event, whoever made it."""
    return session.scalar(select(RatingAppeal).where(RatingAppeal.event_id == event.id))


def appeal_weight(
    session: Session, author_id: uuid.UUID, review: Review, county_code: str, words: str, now: datetime
) -> RatingAppeal:
    """Ask a person to look at one's own review; where it is upheld it counts in full, in every replay.

    Raises NotFound where it is another's, or counts in full; and as `appeal`.
    """
    event = weighed_by(session, review) if review.author_id == author_id else None
    if event is None:
        raise NotFound
    return appeal(session, SubjectKind.shop, review.shop_id, county_code, author_id, event.id, words, now)
