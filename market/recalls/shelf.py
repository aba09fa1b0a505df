"""A shop has looked on its shelf, and says how many of the recalled pieces it took off."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recalled import let_sell, scopes_of
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.inventory.freeze import thaw
from market.inventory.queries import stock
from market.inventory.receive import adjust
from market.kernel.errors import NotFound, Refused
from market.recalls import steps
from market.recalls.models import Recall, RecallUnit, ShelfCheck
from market.recalls.states import UnitState


def answer_shelf(
    session: Session,
    shop_id: uuid.UUID,
    recall_id: uuid.UUID,
    pieces: int,
    by_id: uuid.UUID,
    now: datetime,
) -> ShelfCheck:
    """The shop took `pieces` off its shelf. Once.

    Where only some pieces are called back they leave the stock, and the shop may put the rest on sale again,
    each with its number. Raises NotFound where the shop was not asked; Refused ``recalls.pieces`` (field
    pieces) where there are not so many, or where pieces it is known to have are missing from the count.
    """
    check = _locked(session, shop_id, recall_id)
    if check.answered_at is not None:
        return check
    recall = session.get_one(Recall, recall_id)
    units = to_pull(session, recall_id, check.listing_id)
    on_hand = _on_hand(session, check.listing_id)
    if not len(units) <= pieces <= on_hand:
        raise Refused("recalls.pieces", field="pieces", least=len(units), most=on_hand)
    check.answered_at, check.answered_by, check.pieces = now, by_id, pieces
    for unit in units:
        steps.move_unit(unit, UnitState.pulled, now)
    session.flush()
    if not recall.scope.is_whole:
        _sell_the_rest(session, recall, check, by_id, now)
    kind = "recall_answered_in_time" if now < check.due_at else "recall_answered_late"
    for event in (kind, "recall_resolved"):
        record_event(session, SubjectKind.shop, shop_id, event, recall.reference, now)
    return check


def to_pull(session: Session, recall_id: uuid.UUID, listing_id: uuid.UUID) -> Sequence[RecallUnit]:
    """The recalled pieces that are on the shelf, by their numbers."""
    return session.scalars(
        select(RecallUnit)
        .where(
            RecallUnit.recall_id == recall_id,
            RecallUnit.listing_id == listing_id,
            RecallUnit.account_id.is_(None),
            RecallUnit.state == UnitState.listed,
        )
        .order_by(RecallUnit.serial)
    ).all()


def checks_of_shop(session: Session, shop_id: uuid.UUID) -> list[tuple[ShelfCheck, Recall, Listing]]:
    """What the shop was asked, what it has yet to answer first."""
    rows = session.execute(
        select(ShelfCheck, Recall, Listing)
        .join(Recall, Recall.id == ShelfCheck.recall_id)
        .join(Listing, Listing.id == ShelfCheck.listing_id)
        .where(ShelfCheck.shop_id == shop_id)
        .order_by(ShelfCheck.answered_at.is_not(None), ShelfCheck.due_at.desc(), Recall.id)
    )
    return [(check, recall, listing) for check, recall, listing in rows]


def _sell_the_rest(
    session: Session, recall: Recall, check: ShelfCheck, by_id: uuid.UUID, now: datetime
) -> None:
    if check.pieces:
        adjust(session, check.listing_id, -check.pieces, recall.code, now, by_id)
    waiting = select(ShelfCheck).where(
        ShelfCheck.listing_id == check.listing_id,
        ShelfCheck.answered_at.is_(None),
    )
    whole = any(row.scope.is_whole for row in scopes_of(session, recall.product_id, lock=True))
    if not whole and session.scalars(waiting.limit(1)).first() is None:
        let_sell(session, check.listing_id, now)
        thaw(session, [check.listing_id])


def _on_hand(session: Session, listing_id: uuid.UUID) -> int:
    found = stock(session, [listing_id]).get(listing_id)
    return found.on_hand if found else 0


def _locked(session: Session, shop_id: uuid.UUID, recall_id: uuid.UUID) -> ShelfCheck:
    session.get(Recall, recall_id, with_for_update=True, populate_existing=True)
    found = session.scalar(
        select(ShelfCheck)
        .where(ShelfCheck.shop_id == shop_id, ShelfCheck.recall_id == recall_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
