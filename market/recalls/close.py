"""Close a recall: every sold piece is remedied, not affected, or its buyer was looked for in vain."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.catalog import recall as zone_recall
from market.catalog.models import Listing
from market.catalog.recalled import end_scope, let_sell, scopes_of
from market.inventory.freeze import thaw
from market.kernel.errors import Refused
from market.recalls import deadlines, steps
from market.recalls.duties import open_duty
from market.recalls.models import Recall, RecallUnit, ShelfCheck
from market.recalls.states import RECALL_STATES, WITH_BUYER_OPEN, DutyKind, RecallState, UnitState

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sold pieces are affected, and what became of them."""

    affected: int
    remedied: int
    unreachable: int

    @property
    def open(self) -> int:
        """Those that something is still to be done for."""
        return self.affected - self.remedied - self.unreachable

    @property
    def rate_bp(self) -> int:
        """The share of the affected that was remedied, in basis points, rounded down; all of none."""
        return self.remedied * WHOLE_BP // self.affected if self.affected else WHOLE_BP


SOLD_UNITS = (
    select(RecallUnit.recall_id, RecallUnit.state, func.count().label("pieces"))
    .where(RecallUnit.account_id.is_not(None))
    .group_by(RecallUnit.recall_id, RecallUnit.state)
)
"""How many sold pieces of each recall are in which state, for `kernel.together`: see `tallied`."""


def tallies(session: Session, recall_ids: list[uuid.UUID]) -> dict[uuid.UUID, Tally]:
    """Of each recall."""
    return tallied(recall_ids, session.execute(SOLD_UNITS.where(RecallUnit.recall_id.in_(recall_ids))))


def tallied(recall_ids: Iterable[uuid.UUID], rows: Iterable[Any]) -> dict[uuid.UUID, Tally]:
    """Of each recall, from rows of `SOLD_UNITS`."""
    counts: dict[uuid.UUID, dict[UnitState, int]] = {recall_id: {} for recall_id in recall_ids}
    for recall_id, state, count in rows:
        counts[recall_id][state] = count
    return {recall_id: _tally(found) for recall_id, found in counts.items()}


def close(
    session: Session, county_code: str, recall_id: uuid.UUID, note: str, by_id: uuid.UUID, now: datetime
) -> Recall:
    """The recall is over; a summary is wanted within fifteen working days. Unchanged the second time.

    Raises NotFound; Refused ``recalls.units_open`` while something is to be done for a buyer,
    ``recalls.shelves_open`` while a shop has not looked, ``state.illegal_move``.
    """
    recall = steps.lock_recall(session, county_code, recall_id)
    if recall.state is RecallState.closed:
        return recall
    RECALL_STATES.step(recall.state, RecallState.closed)
    tally = tallies(session, [recall.id])[recall.id]
    if tally.open:
        raise Refused("recalls.units_open", left=tally.open)
    if _unanswered(session, recall):
        raise Refused("recalls.shelves_open", left=_unanswered(session, recall))
    recall.closed_at, recall.rate_bp = now, tally.rate_bp
    steps.move(session, recall, RecallState.closed, by_id, note, now)
    _let_go(session, recall, note or recall.code, by_id, now)
    due_at = deadlines.due_in_working_days(now, deadlines.SUMMARY_WORKING_DAYS)
    open_duty(session, recall, DutyKind.summary, due_at, now)
    return recall


def _tally(found: dict[UnitState, int]) -> Tally:
    remedied, unreachable = found.get(UnitState.remedied, 0), found.get(UnitState.unreachable, 0)
    still = sum(found.get(state, 0) for state in WITH_BUYER_OPEN)
    return Tally(remedied + unreachable + still, remedied, unreachable)


def _unanswered(session: Session, recall: Recall) -> int:
    found = select(func.count()).where(ShelfCheck.recall_id == recall.id, ShelfCheck.answered_at.is_(None))
    return session.scalar(found) or 0


def _let_go(session: Session, recall: Recall, note: str, by_id: uuid.UUID, now: datetime) -> None:
    """The shops may sell the model again; the pieces that were not made safe stay called back by number."""
    of_product = select(Listing.id).where(Listing.product_id == recall.product_id).order_by(Listing.id)
    listing_ids = session.scalars(of_product.with_for_update(key_share=True)).all()
    end_scope(session, recall.reference, now)
    zone_recall.may_return(session, recall.product_id, note, by_id, now)
    if scopes_of(session, recall.product_id):
        return
    for listing_id in listing_ids:
        let_sell(session, listing_id, now)
    thaw(session, listing_ids)
