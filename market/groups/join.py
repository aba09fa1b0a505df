"""Take a place in a group, pay its deposit, and leave again."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.groups import deposits, rules
from market.groups.events import PlaceLapsed, PlaceLapses
from market.groups.lock import count_taken, lock_group, lock_own_place, lock_place
from market.groups.models import GroupOrder, GroupPlace
from market.groups.states import LIVE, PLACE_STATES, GroupState, PlaceState
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.payments.models import Payment
from market.payments.pay import begin_bill
from market.people.models import Account


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants made: so many pieces, what she chose by option, and which deposit rule she agreed
    to."""

    pieces: int
    chosen: Mapping[str, str] = field(default_factory=dict)
    terms_version: str | None = None


def join(session: Session, account: Account, group_id: uuid.UUID, wish: Wish, now: datetime) -> GroupPlace:
    """Hold a place until its deposit is paid. Whoever is in the group already gets the place she has.

    Raises NotFound; Refused: ``group.over``, ``group.not_for_sale``, ``group.terms`` (field terms),
    ``group.pieces`` (field pieces, most=…), ``group.choice`` (field chosen), ``group.full`` (field pieces,
    left=…).
    """
    group = lock_group(session, group_id)
    known = _live(session, group, account.id)
    if known is not None:
        return known
    if not is_open(group, now):
        raise Refused("group.over")
    if not group.listing.is_for_sale:
        raise Refused("group.not_for_sale")
    _check(group, wish)
    if group.most - group.taken < wish.pieces:
        raise Refused("group.full", field="pieces", left=group.most - group.taken)
    place = GroupPlace(
        id=new_id(),
        group_id=group.id,
        account_id=account.id,
        pieces=wish.pieces,
        chosen=dict(wish.chosen),
        deposit_fen=group.deposit_fen * wish.pieces,
        terms_version=rules.TERMS_VERSION,
        pay_before=rules.pay_before(now, group.closes_at),
        created_at=now,
    )
    session.add(place)
    count_taken(session, group, wish.pieces)
    key = f"place_lapses:{place.id}"
    emit(session, PlaceLapses(place.id), now, due_at=place.pay_before, dedupe_key=key)
    return place


def begin_deposit(session: Session, account_id: uuid.UUID, place_id: uuid.UUID, now: datetime) -> Payment:
    """The open payment of a held place's deposit. Commit before its page is opened.

    Raises NotFound where it is not hers; Refused(``payment.not_due``).
    """
    place = lock_own_place(session, account_id, place_id)
    if place.state is not PlaceState.held or now >= place.pay_before:
        raise Refused("payment.not_due")
    return begin_bill(session, None, place.reference, place.deposit_fen, now)


def leave(session: Session, account_id: uuid.UUID, place_id: uuid.UUID, now: datetime) -> GroupPlace:
    """Before the deadline anybody may leave, and has her deposit back. Unchanged the second time.

    Raises NotFound where it is not hers; Refused(``group.over``).
    """
    place = lock_own_place(session, account_id, place_id)
    if place.state in (PlaceState.left, PlaceState.lapsed):
        return place
    if not is_open(place.group, now):
        raise Refused("group.over")
    if place.state is PlaceState.held:
        end_unpaid(session, place, now)
        return place
    PLACE_STATES.move(place, PlaceState.left)
    place.ended_at = now
    count_taken(session, place.group, -place.pieces)
    deposits.free(session, place, now)
    return place


def lapse_place(session: Session, place_id: uuid.UUID, now: datetime) -> None:
    """The time to pay the deposit is over. Harmless early, twice, and after it was paid."""
    place = lock_place(session, place_id)
    if place.state is PlaceState.held and now >= place.pay_before:
        end_unpaid(session, place, now)


def end_unpaid(session: Session, place: GroupPlace, now: datetime) -> None:
    """A held place is free again; money that comes for it yet goes back."""
    PLACE_STATES.move(place, PlaceState.lapsed)
    place.ended_at = now
    count_taken(session, place.group, -place.pieces)
    # By itself: to close a hosted page takes the provider's time, for which no group may stay locked.
    emit(session, PlaceLapsed(place.id), now, dedupe_key=f"place_lapsed:{place.id}")


def is_open(group: GroupOrder, now: datetime) -> bool:
    """Whether people may join and leave."""
    return group.state is GroupState.open and now < group.closes_at


def _check(group: GroupOrder, wish: Wish) -> None:
    if wish.terms_version != rules.TERMS_VERSION:
        raise Refused("group.terms", field="terms")
    if not 1 <= wish.pieces <= rules.MOST_PIECES:
        raise Refused("group.pieces", field="pieces", most=rules.MOST_PIECES)
    if not rules.is_choice(wish.chosen, group.choices):
        raise Refused("group.choice", field="chosen")


def _live(session: Session, group: GroupOrder, account_id: uuid.UUID) -> GroupPlace | None:
    return session.scalar(
        select(GroupPlace).where(
            GroupPlace.group_id == group.id,
            GroupPlace.account_id == account_id,
            GroupPlace.state.in_(LIVE),
        )
    )
