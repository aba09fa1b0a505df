"""Let signals change what reviews count: a row with the reasons, an event, a word to the author."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.history import FULL_WEIGHT, WEIGHED
from market.credit.models import Review, SubjectKind
from market.credit.record_event import lock_subject, record_event
from market.credit.review_models import ReviewWeighing
from market.credit.review_queries import weighings
from market.credit.signals import CLEARED, ReviewFacts, signals, weight_milli
from market.credit.write_review import event_of
from market.notices.notify import notify


def weigh_reviews(session: Session, shop_id: uuid.UUID, facts: Sequence[ReviewFacts], now: datetime) -> None:
    """Weigh these reviews of a shop by what is on record. Where nothing changed, nothing is written."""
    lock_subject(session, SubjectKind.shop, shop_id)
    latest = weighings(session, [it.review_id for it in facts])
    for review_id, noticed in signals(facts).items():
        rows, weight = [it.as_row() for it in noticed], weight_milli(noticed)
        before = latest.get(review_id)
        if before and CLEARED in _kinds(before.signals):
            continue
        weight_before = before.weight_milli if before else FULL_WEIGHT
        if (weight_before, _kinds(before.signals if before else [])) != (weight, _kinds(rows)):
            _weigh(session, review_id, weight, rows, now, is_new=weight != weight_before)


def _weigh(
    session: Session,
    review_id: uuid.UUID,
    weight: int,
    rows: list[dict[str, Any]],
    now: datetime,
    *,
    is_new: bool,
) -> None:
    review = session.scalars(select(Review).where(Review.id == review_id)).one()
    weighing = ReviewWeighing(review_id=review_id, weight_milli=weight, signals=rows, weighed_at=now)
    session.add(weighing)
    session.flush()
    if not is_new:
        return
    record_event(
        session,
        SubjectKind.shop,
        review.shop_id,
        WEIGHED,
        f"weighing:{weighing.id}",
        now,
        weight_milli=weight,
        amends_id=event_of(session, review),
    )
    key = f"review.weighed:{weighing.id}"
    params = {"percent": weight // 10}
    notify(session, review.author_id, "review.weighed", params, now, review.notice_reference, key)


def _kinds(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["kind"] for row in rows]
