"""Groups for tests: opened, joined and paid for by the use cases themselves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.groups.deposits import deposit_paid
from market.groups.join import Wish, begin_deposit, join
from market.groups.models import GroupOrder, GroupPlace
from market.groups.open_group import GroupDraft, open_group
from market.groups.rules import TERMS_VERSION, Option
from market.kernel.ids import new_id
from market.payments.models import Payment, PaymentState
from market.people.models import Account
from tests.builders.people import an_account

DOOR = Option("门", ("左开门", "右开门"))
LEFT = {"门": "左开门"}


def a_group_draft(listing: Listing, now: datetime, **changes: Any) -> GroupDraft:
    """2,500 yuan instead of 2,599, 500 paid down, two or three pieces, a week to join, ten days to make."""
    draft = GroupDraft(
        listing_id=listing.id,
        words="按您选的开门方向做",
        price_fen=250_000,
        deposit_fen=50_000,
        least=2,
        most=3,
        closes_at=now + timedelta(days=7),
        make_by=now + timedelta(days=17),
        complete_days=5,
        options=(DOOR,),
    )
    return replace(draft, **changes)


def a_group(session: Session, listing: Listing, now: datetime, **changes: Any) -> GroupOrder:
    return open_group(session, listing.shop_id, a_group_draft(listing, now, **changes), now)


def a_wish(pieces: int = 1, **changes: Any) -> Wish:
    return replace(Wish(pieces, LEFT, TERMS_VERSION), **changes)


def captured(session: Session, payment: Payment, now: datetime) -> Payment:
    """The provider has the money, and its news has been worked on."""
    payment.state, payment.capture_reference = PaymentState.captured, f"pi_{new_id().hex}"
    payment.settled_at = now
    session.flush()
    deposit_paid(session, payment.id, now)
    return payment


def a_place(
    session: Session, group: GroupOrder, now: datetime, buyer: Account | None = None, pieces: int = 1
) -> GroupPlace:
    """A place whose deposit is paid."""
    buyer = buyer or an_account(session, now)
    place = join(session, buyer, group.id, a_wish(pieces), now)
    captured(session, begin_deposit(session, buyer.id, place.id, now), now)
    return place
