"""Two hands on one order at once: exactly one of them moves it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.people.models import Account
from market.points.queries import balance
from market.recycling import answer, audit, clocks, send_in
from market.recycling.assess import assess
from market.recycling.models import Recycler, RecyclingOrder
from market.recycling.pay_out import pay_out
from market.recycling.receive import receive
from market.recycling.states import RecyclingState as S
from tests.builders.people import an_account
from tests.builders.recycling import a_labelled_phone, a_photo, a_recycler, a_recycler_clerk

pytestmark = pytest.mark.race
ROUNDS = 6


@pytest.fixture
def county(fresh_engine, now):
    """Who sends in and the recycler with its clerk, all committed: their ids."""
    with Session(fresh_engine) as session:
        recycler = a_recycler(session, now)
        clerk, consumer = a_recycler_clerk(session, recycler, now), an_account(session, now)
        ids = consumer.id, recycler.id, clerk.id
        session.commit()
    return ids


def at_once(fresh_engine, *acts):
    """Run `acts` in threads of their own. How many were not refused."""

    def run(act):
        try:
            with Session(fresh_engine) as own, own.begin():
                act(own)
        except Refused:
            return 0
        return 1

    with ThreadPoolExecutor(len(acts)) as pool:
        return sum(pool.map(run, acts))


def test_an_answer_and_the_deadline_never_both_win(fresh_engine, county, now):
    consumer_id, recycler_id, clerk_id = county
    for _ in range(ROUNDS):
        with Session(fresh_engine) as session:
            consumer = session.get_one(Account, consumer_id)
            recycler = session.get_one(Recycler, recycler_id)
            order = a_labelled_phone(session, consumer, now)
            receive(session, recycler, clerk_id, order.id, 198, "F-1", a_photo(), now)
            assess(session, recycler, clerk_id, order.id, 2, ["screen_broken"], "", a_photo(), now)
            order_id, due_at = order.id, order.answer_by
            session.commit()
        just_before = due_at - timedelta(seconds=1)
        at_once(
            fresh_engine,
            lambda own, it=order_id, at=just_before: answer.accept_reoffer(own, consumer_id, it, at),
            lambda own, it=order_id, at=due_at: clocks.return_unanswered(own, it, at),
        )
        at_once(fresh_engine, *[lambda own, it=order_id, at=due_at: pay_out(own, it, at)] * 3)
        with Session(fresh_engine) as session:
            order = session.get_one(RecyclingOrder, order_id)
            assert (order.state, order.paid_fen is None) in {(S.paid, False), (S.auto_return, True)}
            assert list(audit.breaks(session)) == []


def test_two_scans_of_one_parcel_take_it_in_once(fresh_engine, county, now):
    consumer_id, recycler_id, clerk_id = county
    with Session(fresh_engine) as session:
        order_id = a_labelled_phone(session, session.get_one(Account, consumer_id), now).id
        session.commit()

    def scan(own, seal):
        recycler = own.get_one(Recycler, recycler_id)
        receive(own, recycler, clerk_id, order_id, 198, seal, a_photo(), now)

    seals = ("F-1", "F-2", "F-3")
    assert at_once(fresh_engine, *(lambda own, seal=seal: scan(own, seal) for seal in seals)) == 1


def test_a_withdrawal_and_the_post_never_both_win(fresh_engine, county, now):
    consumer_id = county[0]
    for _ in range(ROUNDS):
        with Session(fresh_engine) as session:
            order_id = a_labelled_phone(session, session.get_one(Account, consumer_id), now).id
            session.commit()
        moved = at_once(
            fresh_engine,
            lambda own, it=order_id: send_in.withdraw(own, consumer_id, it, now),
            lambda own, it=order_id: send_in.mark_posted(own, consumer_id, it, "", now),
        )
        assert moved == 1
    with Session(fresh_engine) as session:
        assert balance(session, consumer_id, now).available == 0
        assert list(audit.breaks(session)) == []
