"""The last place, the deadline, and one payment's news, each by many at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.groups.close_group import close_group
from market.groups.deposits import deposit_paid, give_deposit_back
from market.groups.join import begin_deposit, join, leave
from market.groups.models import GroupOrder, GroupPlace
from market.groups.states import GroupState, PlaceState
from market.ledger.queries import balance
from market.ledger.rules import DEPOSITS
from market.payments.models import Payment, PaymentState, Refund
from market.people.models import Account
from tests.builders.catalog import a_listing
from tests.builders.groups import a_group, a_place, a_wish
from tests.builders.life import at_once
from tests.builders.people import an_account
from tests.builders.shops import a_shop

pytestmark = pytest.mark.race
WEEK = timedelta(days=7)


@pytest.fixture
def group(fresh_engine, now):
    """A group of at most three pieces that comes about with two, one of them paid."""
    with Session(fresh_engine, expire_on_commit=False) as session:
        made = a_group(session, a_listing(session, a_shop(session, now), now, stock=0), now)
        a_place(session, made, now)
        session.commit()
        return made


@pytest.fixture
def buyers(fresh_engine, group, now):
    with Session(fresh_engine, expire_on_commit=False) as session:
        found = [an_account(session, now) for _ in range(8)]
        session.commit()
        return [buyer.id for buyer in found]


def test_of_eight_who_want_the_last_two_pieces_two_have_them(fresh_engine, group, buyers, now):
    def act(session, number):
        join(session, session.get_one(Account, buyers[number]), group.id, a_wish(), now)

    assert at_once(fresh_engine, 8, act) == {"done": 2, "group.full": 6}
    with Session(fresh_engine) as session:
        assert session.get_one(GroupOrder, group.id).taken == 3
        assert audit.run(session, now) == []


def test_one_buyer_eight_times_has_one_place(fresh_engine, group, buyers, now):
    def act(session, _number):
        join(session, session.get_one(Account, buyers[0]), group.id, a_wish(), now)

    assert at_once(fresh_engine, 8, act) == {"done": 8}
    with Session(fresh_engine) as session:
        assert session.get_one(GroupOrder, group.id).taken == 2


def test_payment_news_leaving_and_the_deadline_together_keep_every_fen(fresh_engine, group, buyers, now):
    at = now + WEEK
    with Session(fresh_engine) as session:
        payments = []
        for buyer_id in buyers[:2]:
            place = join(session, session.get_one(Account, buyer_id), group.id, a_wish(), now)
            payment = begin_deposit(session, buyer_id, place.id, now)
            payment.state, payment.capture_reference = PaymentState.captured, f"pi_{payment.id}"
            payments.append(payment.id)
        first = session.scalars(select(GroupPlace).where(GroupPlace.state == PlaceState.joined)).one()
        first_id, owner_id = first.id, first.account_id
        session.commit()

    def act(session, number):
        soon = at - timedelta(minutes=1)
        (
            lambda: deposit_paid(session, payments[0], soon),
            lambda: deposit_paid(session, payments[0], soon),
            lambda: deposit_paid(session, payments[1], at),
            lambda: close_group(session, group.id, at),
            lambda: leave(session, owner_id, first_id, soon),
            lambda: close_group(session, group.id, at),
        )[number]()

    told = at_once(fresh_engine, 6, act)
    assert told["done"] + told["group.over"] == 6

    def give_back(session, _number):
        for place_id in session.scalars(select(GroupPlace.id).order_by(GroupPlace.id)):
            give_deposit_back(session, place_id, at)

    assert at_once(fresh_engine, 4, give_back) == {"done": 4}
    with Session(fresh_engine) as session:
        places = session.scalars(select(GroupPlace)).all()
        still = sum(it.deposit_fen for it in places if it.state is PlaceState.joined)
        back = sum(session.scalars(select(Refund.amount_fen)))
        paid = session.scalars(select(Payment.amount_fen)).all()
        assert session.get_one(GroupOrder, group.id).state in (GroupState.confirmed, GroupState.missed)
        assert (balance(session, DEPOSITS), still + back) == (still, sum(paid))
        assert [row for row in audit.run(session, at) if row.book != "outbox"] == []
