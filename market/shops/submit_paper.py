"""The shop sends in a paper."""

import hashlib
import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.photo import small_jpeg
from market.shops.checklist import is_complete
from market.shops.history import SHOP, note
from market.shops.models import PAPER_STATES, SHOP_STATES, PaperState, Shop, ShopPaper, ShopState
from market.shops.papers import Requirement, requirements


def submit_paper(
    session: Session,
    shop_id: uuid.UUID,
    account_id: uuid.UUID,
    kind: str,
    photo: bytes,
    valid_to: date | None,
    now: datetime,
) -> ShopPaper:
    """Hand in the photo of a paper; with the last one that was wanting the shop is in review.

    Raises NotFound for a kind that is not known; Refused: ``photo.unreadable`` (field photo),
    ``shops.paper_day`` (field valid_to) where a paper that runs out says no day to come,
    ``state.illegal_move``.
    """
    requirement = requirements().get(kind)
    if requirement is None:
        raise NotFound
    last_day = _checked_day(requirement, valid_to, now)
    jpeg = small_jpeg(photo)
    shop = lock_shop(session, shop_id)
    paper = paper_of(session, shop_id, kind)
    PAPER_STATES.move(paper, PaperState.submitted)
    paper.jpeg, paper.sha256 = jpeg, hashlib.sha256(jpeg).hexdigest()
    paper.valid_to, paper.reason = last_day, None
    paper.submitted_by_id, paper.submitted_at = account_id, now
    paper.decided_by_id = paper.decided_at = None
    session.flush()
    note(session, shop_id, kind, PaperState.submitted, paper.sha256, account_id, now)
    review_when_complete(session, shop, account_id, now)
    return paper


def review_when_complete(session: Session, shop: Shop, by_id: uuid.UUID, now: datetime) -> None:
    """A shop that applied is in review as soon as no paper is wanting. The shop is locked."""
    if shop.state is ShopState.applied and is_complete(session, shop):
        SHOP_STATES.move(shop, ShopState.in_review)
        shop.state_since = now
        note(session, shop.id, SHOP, ShopState.in_review, "", by_id, now)


def lock_shop(session: Session, shop_id: uuid.UUID) -> Shop:
    """The shop, locked and read anew. Raises NotFound."""
    found = session.scalar(
        select(Shop).where(Shop.id == shop_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def paper_of(session: Session, shop_id: uuid.UUID, kind: str) -> ShopPaper:
    """The shop's row for this paper, made where there is none. The shop is locked."""
    values = {"id": new_id(), "shop_id": shop_id, "kind": kind, "state": PaperState.missing}
    session.execute(
        insert(ShopPaper).values(**values).on_conflict_do_nothing(index_elements=["shop_id", "kind"])
    )
    return session.scalars(
        select(ShopPaper).where(ShopPaper.shop_id == shop_id, ShopPaper.kind == kind)
    ).one()


def _checked_day(requirement: Requirement, valid_to: date | None, now: datetime) -> date | None:
    if not requirement.expires:
        return None
    if valid_to is None or valid_to < local_date(now):
        raise Refused("shops.paper_day", field="valid_to")
    return valid_to
