"""A buyer says what she thinks of what she received."""

import uuid
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.models import TEXT_CHARS, Review, SubjectKind
from market.credit.record_event import record_event
from market.credit.rules import REVIEW
from market.kernel.errors import Refused
from market.kernel.ids import new_id


def write_review(
    session: Session,
    author_id: uuid.UUID,
    shop_id: uuid.UUID,
    listing_id: uuid.UUID | None,
    reference: str,
    stars: int,
    text: str,
    now: datetime,
) -> uuid.UUID:
    """Publish a review and let the shop's rating follow; the id of the review.

    The caller has made sure that `author_id` received `reference`. Points are never given for it: paying for
    praise is a fabricated review (E-Commerce Law art. 17).

    Raises Refused: ``credit.stars`` outside 1 to 5, ``credit.text_too_long``, ``credit.already_reviewed``.
    """
    text = text.strip()
    if not 1 <= stars <= 5:
        raise Refused("credit.stars", field="stars")
    if len(text) > TEXT_CHARS:
        raise Refused("credit.text_too_long", field="text", most=TEXT_CHARS)
    review_id: uuid.UUID | None = session.scalar(
        insert(Review)
        .values(
            id=new_id(),
            author_id=author_id,
            shop_id=shop_id,
            listing_id=listing_id,
            reference=reference,
            stars=stars,
            text=text,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(Review.id)
    )
    if review_id is None:
        raise Refused("credit.already_reviewed", field="stars")
    record_event(session, SubjectKind.shop, shop_id, REVIEW, reference, now, stars=stars)
    return review_id
