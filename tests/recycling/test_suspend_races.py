"""A suspension against new orders, against a parcel at the scale, and against another suspension."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.people.models import Account
from market.recycling import audit, send_in
from market.recycling.models import Recycler, RecyclingOrder
from market.recycling.receive import receive
from market.recycling.states import ON_ITS_WAY
from market.recycling.suspend import suspend
from tests.builders.life import at_once
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import (
    SAFE,
    a_described_phone,
    a_labelled_phone,
    a_photo,
    a_recycler,
    a_recycler_clerk,
)

pytestmark = pytest.mark.race
COUNTY = "610924"


def left_with(session, recycler_id):
    bound = RecyclingOrder.recycler_id == recycler_id, RecyclingOrder.state.in_(ON_ITS_WAY)
    return session.scalar(select(func.count()).select_from(RecyclingOrder).where(*bound))


@pytest.mark.parametrize("others", [0, 1])
def test_a_suspension_against_twelve_new_orders_leaves_none_with_the_suspended(fresh_engine, now, others):
    with Session(fresh_engine) as session:
        recycler_id = a_recycler(session, now).id
        operator_id = an_operator(session, now).id
        buyers = [an_account(session, now).id for _ in range(12)]
        orders = []
        for buyer_id in buyers:
            order = a_described_phone(session, an_owner(session, buyer_id), now)
            send_in.quote(session, buyer_id, order.id, SAFE, now)
            orders.append(order.id)
        for _ in range(others):
            a_recycler(session, now, name="另一家")
        session.commit()

    def meet(session, number):
        if number == 6:
            suspend(session, COUNTY, operator_id, recycler_id, "私自拆解", now)
        else:
            own = number if number < 6 else number - 1
            send_in.accept_quote(session, buyers[own], orders[own], now)

    outcome = at_once(fresh_engine, 13, meet)
    assert outcome["done"] + outcome["recycling.no_recycler"] == 13
    with Session(fresh_engine) as session:
        assert left_with(session, recycler_id) == 0
        assert list(audit.breaks(session)) == []
        if others:
            assert outcome["done"] == 13
            other = session.scalars(select(Recycler.id).where(Recycler.name == "另一家")).one()
            assert left_with(session, other) == 12


def an_owner(session, account_id):
    return session.get_one(Account, account_id)


def test_a_parcel_at_the_scale_is_received_before_or_moves_on(fresh_engine, now):
    with Session(fresh_engine) as session:
        recycler = a_recycler(session, now)
        clerk_id, operator_id = a_recycler_clerk(session, recycler, now).id, an_operator(session, now).id
        recycler_id = recycler.id
        order_id = a_labelled_phone(session, an_account(session, now), now).id
        session.commit()

    def meet(session, number):
        if number:
            suspend(session, COUNTY, operator_id, recycler_id, "私自拆解", now)
        else:
            known = session.get_one(Recycler, recycler_id)
            receive(session, known, clerk_id, order_id, 210, "F1", a_photo(), now)

    outcome = at_once(fresh_engine, 2, meet)
    with Session(fresh_engine) as session:
        order = session.get_one(RecyclingOrder, order_id)
        if outcome == {"done": 2}:
            assert (order.state, order.recycler_id) == ("received", recycler_id)
        else:
            assert outcome == {"done": 1, "register.stopped": 1}
            assert (order.state, order.recycler_id) == ("label_issued", None)
        assert list(audit.breaks(session)) == []


def test_two_suspensions_at_once_do_not_wait_on_each_other_crosswise(fresh_engine, now):
    with Session(fresh_engine) as session:
        operator_id = an_operator(session, now).id
        both = [a_recycler(session, now).id, a_recycler(session, now, name="另一家").id]
        for _ in range(4):
            a_labelled_phone(session, an_account(session, now), now)
        session.commit()

    def stop(session, number):
        suspend(session, COUNTY, operator_id, both[number], "私自拆解", now)

    assert at_once(fresh_engine, 2, stop) == {"done": 2}
    with Session(fresh_engine) as session:
        assert [left_with(session, it) for it in both] == [0, 0]
        waiting = RecyclingOrder.recycler_id.is_(None)
        assert session.scalar(select(func.count()).select_from(RecyclingOrder).where(waiting)) == 4
        assert list(audit.breaks(session)) == []
