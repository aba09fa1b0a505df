"""A deposit's ways: in from the provider, back to its payer, or forfeit to the shop."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.groups.events import DepositFreed
from market.groups.lock import lock_place
from market.groups.models import GroupPlace
from market.groups.states import FREED, PLACE_STATES, GroupState, PlaceState
from market.groups.tell import tell_buyer
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import DEPOSITS, REFUNDS_DUE, STRIPE_CLEARING, credit, debit, shop_pending
from market.orders.models import ShopOrder
from market.payments.models import Payment, Refund, RefundKind, RefundState
from market.payments.refund_by_itself import Payer, refund_by_itself
from market.payments.settle import give_back
from market.settlements.items import record
from market.settlements.models import ItemKind, SettlementItem

_DECIDED = (RefundState.requested, RefundState.rejected)


def deposit_paid(session: Session, payment_id: uuid.UUID, now: datetime) -> None:
    """The provider has the money: the place is the buyer's. Where it is too late for that, it goes back.

    Once; nothing for bills of other rooms.
    """
    payment = session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    kind, _, place_id = (payment.bill or "").partition(":")
    if kind != "group_place" or payment.credited_at is not None:
        return
    place = lock_place(session, uuid.UUID(place_id))
    payment.credited_at = now
    group = place.group
    in_time = group.state is GroupState.open and now < group.closes_at
    if place.state is not PlaceState.held or not in_time:
        give_back(session, payment, now, payer_of(place))
        return
    PLACE_STATES.move(place, PlaceState.joined)
    place.paid_at, place.payment_id = now, payment.id
    lines = [debit(STRIPE_CLEARING, place.deposit_fen), credit(DEPOSITS, place.deposit_fen)]
    post(session, "group.deposit", place.reference, f"deposit:{place.id}", lines, now)
    tell_buyer(session, place, "group.joined", now)


def free(session: Session, place: GroupPlace, now: datetime) -> None:
    """Ask for the deposit of a place that has ended to be given back."""
    session.flush()
    emit(session, DepositFreed(place.id), now, dedupe_key=f"deposit_freed:{place.id}")


def give_deposit_back(session: Session, place_id: uuid.UUID, now: datetime) -> None:
    """Send back what is free of a place's deposit, the way it was paid. Once; nothing where none is."""
    payment_id = session.scalar(select(GroupPlace.payment_id).where(GroupPlace.id == place_id))
    if payment_id is None:
        return
    payment = session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    place = lock_place(session, place_id)
    due_fen = freed_fen(session, place) - place.given_back_fen
    if due_fen <= 0:
        return
    place.given_back_fen += due_fen
    lines = [debit(DEPOSITS, due_fen), credit(REFUNDS_DUE, due_fen)]
    reference = f"{place.reference}:{place.given_back_fen}"
    post(session, "group.deposit_back", place.reference, f"deposit_back:{reference}", lines, now)
    refund_by_itself(session, payment, RefundKind.deposit, due_fen, reference, now, payer=payer_of(place))
    tell_buyer(session, place, "group.deposit_back", now, fen=due_fen)


def refund_decided(session: Session, refund_id: uuid.UUID, now: datetime) -> None:
    """A return of goods that a deposit went into was approved: its part of that goes back."""
    refund = session.get_one(Refund, refund_id)
    if refund.deposit_fen == 0 or refund.state in _DECIDED or refund.shop_order_id is None:
        return
    order_id = session.get_one(ShopOrder, refund.shop_order_id).order_id
    place_id = session.scalar(select(GroupPlace.id).where(GroupPlace.order_id == order_id))
    if place_id is not None:
        give_deposit_back(session, place_id, now)


def freed_fen(session: Session, place: GroupPlace) -> int:
    """What of the deposit is the buyer's again, given back or not."""
    if place.state in FREED:
        return place.deposit_fen
    if place.state is not PlaceState.ordered:
        return 0
    returned = session.scalar(
        select(func.coalesce(func.sum(Refund.deposit_fen), 0))
        .join(ShopOrder, ShopOrder.id == Refund.shop_order_id)
        .where(ShopOrder.order_id == place.order_id, Refund.state.not_in(_DECIDED))
    )
    return int(returned or 0)


def forfeit(session: Session, place: GroupPlace, now: datetime) -> None:
    """The buyer did not take what was made for her: the deposit is the shop's (Civil Code art. 587)."""
    PLACE_STATES.move(place, PlaceState.forfeited)
    place.ended_at = now
    shop_id, fen = place.group.shop_id, place.deposit_fen
    lines = [debit(DEPOSITS, fen), credit(shop_pending(shop_id), fen)]
    post(session, "group.forfeited", place.reference, f"forfeited:{place.id}", lines, now)
    record(session, deposit_item(place, ItemKind.deposit, place.reference, fen, now), now)
    tell_buyer(session, place, "group.forfeited", now)


def payer_of(place: GroupPlace) -> Payer:
    """Whose deposit it is."""
    return Payer(place.account_id, place.group.listing.shop.county_code)


def deposit_item(
    place: GroupPlace, kind: ItemKind, reference: str, fen: int, now: datetime
) -> SettlementItem:
    """What the shop gets, or gives where `fen` is negative, of a place's deposit."""
    return SettlementItem(
        shop_id=place.group.shop_id,
        shop_order_id=None,
        kind=kind,
        reference=reference,
        number=f"DJ-{place.id.hex[-8:].upper()}",
        reason=kind.value,
        goods_fen=fen,
        commission_fen=0,
        carriage_fen=0,
        delivery_fee_fen=0,
        money_fen=fen,
        subsidy_fen=0,
        points_fen=0,
        trade_in_fen=0,
        net_fen=fen,
        waits_for_cash=False,
        available_at=now,
    )
