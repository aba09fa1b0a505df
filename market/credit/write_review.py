"""A buyer says what she thinks of what she received, and once more where she has changed her mind."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.events import ReviewWritten
from market.credit.history import REVIEW, REVISED
from market.credit.models import TEXT_CHARS, RatingEvent, Review, SubjectKind
from market.credit.record_event import record_event
from market.credit.review_models import MOST_PHOTOS, ReviewEdit, ReviewPhoto
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.kernel.photo import small_jpeg


def write_review(
    session: Session,
    author_id: uuid.UUID,
    shop_id: uuid.UUID,
    listing_id: uuid.UUID | None,
    reference: str,
    stars: int,
    text: str,
    now: datetime,
    *,
    photos: Sequence[bytes] = (),
    device_hash: str | None = None,
) -> uuid.UUID:
    """Publish a review and let the shop's rating follow; the id of the review.

    The caller has made sure that `author_id` received `reference`. Points are never given for it: paying for
    praise is a fabricated review (E-Commerce Law art. 17).

    Raises Refused: ``credit.stars`` outside 1 to 5, ``credit.text_too_long``, ``credit.photos``,
    ``photo.unreadable`` (field photos), ``credit.already_reviewed``.
    """
    text = _checked(stars, text)
    if len(photos) > MOST_PHOTOS:
        raise Refused("credit.photos", field="photos", most=MOST_PHOTOS)
    pictures = [small_jpeg(data, "photos") for data in photos]
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
            device_hash=device_hash,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(Review.id)
    )
    if review_id is None:
        raise Refused("credit.already_reviewed", field="stars")
    for position, jpeg in enumerate(pictures, 1):
        session.add(ReviewPhoto(review_id=review_id, position=position, jpeg=jpeg, created_at=now))
    record_event(session, SubjectKind.shop, shop_id, REVIEW, reference, now, stars=stars)
    emit(session, ReviewWritten(review_id), now, dedupe_key=f"{ReviewWritten.kind}:{review_id}")
    return review_id


def edit_review(
    session: Session, author_id: uuid.UUID, review_id: uuid.UUID, stars: int, text: str, now: datetime
) -> None:
    """Let an author say it anew, once. What she said first stays readable beside it.

    Raises NotFound where it is another's; Refused: ``credit.stars``, ``credit.text_too_long``,
    ``credit.already_edited``.
    """
    review = session.get(Review, review_id)
    if review is None or review.author_id != author_id:
        raise NotFound
    text = _checked(stars, text)
    edited = session.execute(
        insert(ReviewEdit)
        .values(review_id=review_id, stars=stars, text=text, edited_at=now)
        .on_conflict_do_nothing()
        .returning(ReviewEdit.review_id)
    ).first()
    if edited is None:
        raise Refused("credit.already_edited", field="stars")
    key, event_id = f"review:{review_id}", event_of(session, review)
    record_event(
        session, SubjectKind.shop, review.shop_id, REVISED, key, now, stars=stars, amends_id=event_id
    )
    emit(session, ReviewWritten(review_id), now, dedupe_key=f"{ReviewWritten.kind}:{review_id}:edit")


def event_of(session: Session, review: Review) -> uuid.UUID:
    """The event by which a review counts for its shop."""
    return session.scalars(
        select(RatingEvent.id).where(
            RatingEvent.subject_kind == SubjectKind.shop,
            RatingEvent.subject_id == review.shop_id,
            RatingEvent.kind == REVIEW,
            RatingEvent.reference == review.reference,
        )
    ).one()


def _checked(stars: int, text: str) -> str:
    text = text.strip()
    if not 1 <= stars <= 5:
        raise Refused("credit.stars", field="stars")
    if len(text) > TEXT_CHARS:
        raise Refused("credit.text_too_long", field="text", most=TEXT_CHARS)
    return text
