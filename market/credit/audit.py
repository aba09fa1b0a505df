"""What credit must always keep: every rating comes out of its events again, to the last digit."""

import uuid
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.credit.appeal_models import AppealState, RatingAppeal
from market.credit.criteria import criteria
from market.credit.history import REVIEW, VOIDED, in_force
from market.credit.models import Rating, RatingEvent, Review, SubjectKind
from market.credit.record_event import history, reasons_of, replay
from market.credit.review_queries import shown


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each rating, review or appeal that its events belie."""
    for rating in session.scalars(select(Rating).order_by(Rating.subject_kind, Rating.subject_id)):
        # Other criteria: an event that rates everybody anew is on its way.
        if rating.criteria_version == criteria(rating.subject_kind).version:
            yield from _replay_breaks(session, rating)
    yield from _review_breaks(session)
    yield from _appeal_breaks(session)


def _replay_breaks(session: Session, rating: Rating) -> Iterator[str]:
    latest = session.scalar(
        select(func.max(RatingEvent.happened_at)).where(
            RatingEvent.subject_kind == rating.subject_kind, RatingEvent.subject_id == rating.subject_id
        )
    )
    again = replay(session, rating.subject_kind, rating.subject_id, rating.as_of)
    stored = (
        rating.as_of, rating.score, rating.grade, rating.stars_milli, rating.positive_lower_milli,
        rating.n_effective_centi, rating.known_events, rating.reasons,
    )  # fmt: skip
    computed = (
        latest, again.score, again.grade, again.stars_milli, again.positive_lower_milli,
        again.n_effective_centi, again.known_events, reasons_of(again),
    )  # fmt: skip
    if stored != computed:
        name = f"{rating.subject_kind.value} {rating.subject_id}"
        stored_as, computed_as = f"{rating.score} {rating.grade}", f"{again.score} {again.grade}"
        yield f"rating of {name}: {stored_as} is stored, {computed_as} computed"


def _review_breaks(session: Session) -> Iterator[str]:
    """Each review counts once for its shop, with the stars and the weight that people read."""
    for shop_id in session.scalars(select(Review.shop_id).distinct().order_by(Review.shop_id)).all():
        ids = session.scalars(select(Review.id).where(Review.shop_id == shop_id)).all()
        found = {it.review.reference: (it.stars, it.weight_milli) for it in shown(session, ids)}
        if found != _counted(session, shop_id):
            yield f"reviews of shop {shop_id}: its rating counts others than are published"


def _counted(session: Session, shop_id: uuid.UUID) -> dict[str, tuple[int | None, int]]:
    of_shop = select(RatingEvent.id, RatingEvent.reference).where(
        RatingEvent.subject_kind == SubjectKind.shop, RatingEvent.subject_id == shop_id
    )
    references = dict(session.execute(of_shop).all())
    known = in_force(history(session, SubjectKind.shop, shop_id))
    return {
        references[event.id]: (event.stars, event.counted_milli) for event in known if event.kind == REVIEW
    }


def _appeal_breaks(session: Session) -> Iterator[str]:
    upheld = set(
        session.scalars(select(RatingAppeal.event_id).where(RatingAppeal.state == AppealState.upheld))
    )
    voided = set(session.scalars(select(RatingEvent.amends_id).where(RatingEvent.kind == VOIDED)))
    for event_id in sorted(upheld ^ voided, key=str):
        yield f"rating event {event_id}: voided without an upheld appeal, or the other way round"
