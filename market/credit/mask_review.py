"""Cover unlawful words: one operator proposes it with a coded reason, another decides. Nothing is deleted.

The E-Commerce Law forbids deleting reviews (art. 39): the stars stay and count, a public tombstone says why
the words are covered, and the original stays, readable by an operator who leaves a trace of having read it.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.models import Review
from market.credit.review_models import (
    LIVE,
    MASK_STATES,
    NOTE_CHARS,
    MaskReason,
    MaskState,
    ReviewMask,
)
from market.kernel.errors import NotFound, Refused
from market.notices.notify import notify
from market.people.data_access import record_access
from market.people.models import ViewerRole, ViewPurpose
from market.shops.models import Shop


def propose_mask(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    review_id: uuid.UUID,
    reason: MaskReason,
    note: str,
    now: datetime,
) -> ReviewMask:
    """Ask a colleague to let a review's words be covered. Until then they stay readable.

    Raises NotFound where it is about another county's shop; Refused ``credit.mask_note`` (field note),
    ``credit.mask_open``.
    """
    review = locked(session, county_code, review_id)
    if not 0 < len(note.strip()) <= NOTE_CHARS:
        raise Refused("credit.mask_note", field="note", most=NOTE_CHARS)
    if _live(session, review_id) is not None:
        raise Refused("credit.mask_open")
    mask = ReviewMask(
        review_id=review.id,
        state=MaskState.proposed,
        reason=reason,
        note=note.strip(),
        proposed_by_id=operator_id,
        proposed_at=now,
    )
    session.add(mask)
    session.flush()
    return mask


def decide_mask(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    review_id: uuid.UUID,
    is_masked: bool,
    now: datetime,
) -> ReviewMask:
    """Cover the words, or leave them; the author of what is covered is told why.

    Raises NotFound; Refused ``credit.own_mask`` for whoever proposed it, ``state.illegal_move``.
    """
    review = locked(session, county_code, review_id)
    mask = _live(session, review_id) or _none()
    if mask.proposed_by_id == operator_id:
        raise Refused("credit.own_mask")
    MASK_STATES.move(mask, MaskState.masked if is_masked else MaskState.declined)
    mask.decided_by_id, mask.decided_at = operator_id, now
    session.flush()
    if is_masked:
        _tell(session, review, "review.masked", mask, now)
    return mask


def lift_mask(
    session: Session, county_code: str, operator_id: uuid.UUID, review_id: uuid.UUID, now: datetime
) -> ReviewMask:
    """Let the words be read again. Raises NotFound, Refused(``state.illegal_move``)."""
    review = locked(session, county_code, review_id)
    mask = _live(session, review_id) or _none()
    MASK_STATES.move(mask, MaskState.lifted)
    mask.lifted_by_id, mask.lifted_at = operator_id, now
    session.flush()
    _tell(session, review, "review.unmasked", mask, now)
    return mask


def read_original(
    session: Session, county_code: str, operator_id: uuid.UUID, review_id: uuid.UUID, now: datetime
) -> Review:
    """The review as it was written, for an operator; its author can see that it was read. Raises NotFound."""
    review = locked(session, county_code, review_id)
    record_access(
        session,
        review.author_id,
        operator_id,
        ViewerRole.county,
        ViewPurpose.review,
        f"review:{review.id}",
        now,
    )
    return review


def locked(session: Session, county_code: str, review_id: uuid.UUID) -> Review:
    """A review about a shop of the county. Raises NotFound."""
    found = session.scalars(
        select(Review)
        .join(Shop, Shop.id == Review.shop_id)
        .where(Review.id == review_id, Shop.county_code == county_code)
        .with_for_update(of=Review)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _live(session: Session, review_id: uuid.UUID) -> ReviewMask | None:
    return session.scalars(
        select(ReviewMask).where(ReviewMask.review_id == review_id, ReviewMask.state.in_(LIVE))
    ).one_or_none()


def _none() -> ReviewMask:
    raise Refused("state.illegal_move")


def _tell(session: Session, review: Review, kind: str, mask: ReviewMask, now: datetime) -> None:
    key = f"{kind}:{mask.id}"
    notify(session, review.author_id, kind, {"reason": mask.reason.value}, now, review.notice_reference, key)
