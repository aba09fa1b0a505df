"""What others add to a review: the shop's one answer, and readers' votes."""

import uuid
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.models import TEXT_CHARS, Review
from market.credit.review_models import ReviewAnswer, ReviewVote
from market.kernel.errors import NotFound, Refused
from market.notices.notify import notify


def answer_review(
    session: Session, shop_id: uuid.UUID, staff_id: uuid.UUID, review_id: uuid.UUID, text: str, now: datetime
) -> None:
    """Publish the shop's answer below the review; its author is told.

    Raises NotFound where the review is of another shop; Refused at the field text: ``credit.answer_missing``,
    ``credit.text_too_long``, ``credit.already_answered``.
    """
    review = session.get(Review, review_id)
    if review is None or review.shop_id != shop_id:
        raise NotFound
    text = text.strip()
    if not text:
        raise Refused("credit.answer_missing", field="text")
    if len(text) > TEXT_CHARS:
        raise Refused("credit.text_too_long", field="text", most=TEXT_CHARS)
    answered = session.execute(
        insert(ReviewAnswer)
        .values(review_id=review_id, text=text, answered_by_id=staff_id, answered_at=now)
        .on_conflict_do_nothing()
        .returning(ReviewAnswer.review_id)
    ).first()
    if answered is None:
        raise Refused("credit.already_answered", field="text")
    key = f"review.answered:{review_id}"
    notify(
        session,
        review.author_id,
        "review.answered",
        {},
        now,
        reference=review.notice_reference,
        dedupe_key=key,
    )


def vote(
    session: Session, account_id: uuid.UUID, review_id: uuid.UUID, is_helpful: bool, now: datetime
) -> Review:
    """Say whether a review helps; a second vote of the same reader replaces the first.

    Raises NotFound; Refused(``credit.own_review``) for one's own.
    """
    review = session.get(Review, review_id)
    if review is None:
        raise NotFound
    if review.author_id == account_id:
        raise Refused("credit.own_review")
    cast = {"is_helpful": is_helpful, "voted_at": now}
    session.execute(
        insert(ReviewVote)
        .values(review_id=review_id, account_id=account_id, **cast)
        .on_conflict_do_update(index_elements=["review_id", "account_id"], set_=cast)
    )
    return review
