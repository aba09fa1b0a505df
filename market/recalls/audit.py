"""What always holds of recalls, recomputed from the rows."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recalled import RecallScope
from market.catalog.trace import TraceEvent, broken_at
from market.inventory.models import Stock
from market.ledger.queries import balance
from market.ledger.rules import maker_due
from market.orders.models import Fulfillment, ShopOrder
from market.orders.recalled import RECALLED
from market.recalls.claim import claim_of
from market.recalls.close import tallies
from market.recalls.models import Recall, RecallStep
from market.recalls.share_out import borne_by_shops
from market.recalls.states import RUNNING, RecallState
from market.recalls.stopped_models import StoppedSale


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each recall or trace that does not fit."""
    for recall in session.scalars(select(Recall).order_by(Recall.id)):
        yield from _step_breaks(session, recall)
        yield from _cost_breaks(session, recall)
        yield from _close_breaks(session, recall)
    yield from _sold_all_the_same(session)
    yield from _stopped_breaks(session)
    yield from _trace_breaks(session)


def _step_breaks(session: Session, recall: Recall) -> Iterator[str]:
    found = select(RecallStep.state).where(RecallStep.recall_id == recall.id)
    last = session.scalars(found.order_by(RecallStep.id.desc()).limit(1)).one_or_none()
    if last is not recall.state:
        yield f"recall {recall.code}: is {recall.state.value}, its steps end otherwise"
    open_scope = session.scalar(
        select(RecallScope.id).where(
            RecallScope.reference == recall.reference, RecallScope.ended_at.is_(None)
        )
    )
    if (recall.state in RUNNING) != (open_scope is not None):
        yield f"recall {recall.code}: is {recall.state.value}, what it keeps off sale says otherwise"


def _cost_breaks(session: Session, recall: Recall) -> Iterator[str]:
    claim, booked = claim_of(session, recall.id), balance(session, maker_due(recall.id))
    for row in borne_by_shops(session, recall.id):
        if row.open_fen < 0:
            yield f"recall {recall.code}: a shop bore {row.borne_fen} fen of a piece and got {row.back_fen}"
    if claim.open_fen != booked:
        yield f"recall {recall.code}: the maker owes {claim.open_fen} fen by its pieces, {booked} by the book"


def _close_breaks(session: Session, recall: Recall) -> Iterator[str]:
    tally = tallies(session, [recall.id])[recall.id]
    if recall.state is RecallState.closed and (tally.open or tally.rate_bp != recall.rate_bp):
        yield f"recall {recall.code}: closed with {tally.open} open pieces, rate {recall.rate_bp}"


def _sold_all_the_same(session: Session) -> Iterator[str]:
    """A model that is wholly called back is frozen in every shop."""
    rows = session.execute(
        select(Listing.id, RecallScope)
        .join(RecallScope, RecallScope.product_id == Listing.product_id)
        .join(Stock, Stock.listing_id == Listing.id)
        .where(RecallScope.ended_at.is_(None), Stock.frozen.is_(False))
        .order_by(Listing.id)
    )
    for listing_id, scope in rows:
        if scope.scope.is_whole:
            yield f"listing {listing_id}: is called back by {scope.reference} and can be sold"


def _stopped_breaks(session: Session) -> Iterator[str]:
    """Who was offered another one has her money back: what was stopped is never delivered after all."""
    rows = session.execute(
        select(ShopOrder.number, ShopOrder.state)
        .join(StoppedSale, StoppedSale.shop_order_id == ShopOrder.id)
        .where((ShopOrder.reason != RECALLED) | (ShopOrder.state == Fulfillment.delivered))
        .order_by(ShopOrder.number)
    )
    for number, state in rows:
        yield f"order {number}: was stopped by a recall and is {state.value}"


def _trace_breaks(session: Session) -> Iterator[str]:
    rows: dict[str, list[TraceEvent]] = {}
    for event in session.scalars(select(TraceEvent).order_by(TraceEvent.serial, TraceEvent.seq)):
        rows.setdefault(event.serial, []).append(event)
    for serial, events in rows.items():
        place = broken_at(events)
        if place is not None:
            yield f"trace of {serial}: row {place} was changed"
