"""Two people at one case at the same moment, each in a thread and a transaction of her own."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.aftersales import terms
from market.aftersales.answer_return import approve_return
from market.aftersales.models import ReturnRequest, Way
from market.aftersales.request_return import request_return, withdraw
from market.aftersales.return_clocks import return_due
from market.aftersales.take_in_return import accept_goods, receive_return
from market.delivery.models import Job
from market.inventory.models import Movement, MovementKind
from market.payments.models import Refund
from tests.builders.aftersales import a_delivered_washer, a_wish, as_told
from tests.builders.catalog import categories
from tests.builders.life import at_once
from tests.builders.people import an_account

pytestmark = pytest.mark.race


@pytest.fixture
def sold(fresh_engine, now):
    """The buyer, the line of her washer and its shop, in a database of their own."""
    with Session(fresh_engine) as session:
        categories(session)
        for data in terms.shipped():
            terms.publish(session, data)
        buyer = an_account(session, now)
        order = a_delivered_washer(session, buyer, now)
        found = buyer.id, order.shop_orders[0].lines[0].id, order.shop_orders[0].shop_id
        session.commit()
        return found


def test_one_piece_asked_back_eight_times_at_once_is_asked_back_once(fresh_engine, sold, now):
    buyer_id, line_id, _ = sold
    done = at_once(
        fresh_engine, 8, lambda session, _: request_return(session, buyer_id, line_id, a_wish(), now)
    )
    assert done == {"done": 1, "aftersales.pieces": 7}


def test_a_withdrawal_against_the_shop_and_the_clock_leaves_one_ending(fresh_engine, sold, now):
    buyer_id, line_id, shop_id = sold
    with Session(fresh_engine) as session:
        case_id = request_return(session, buyer_id, line_id, a_wish(), now).id
        session.commit()
    later = now + timedelta(hours=48)
    acts = [
        lambda session: withdraw(session, buyer_id, case_id, later),
        lambda session: approve_return(session, shop_id, case_id, later),
        lambda session: return_due(session, case_id, later),
    ]
    at_once(fresh_engine, 6, lambda session, number: acts[number % 3](session))
    with Session(fresh_engine) as session:
        case = session.get_one(ReturnRequest, case_id)
        jobs = session.scalars(select(Job.state).where(Job.reference == f"{case.reference}:pickup")).all()
        assert (case.state, set(jobs)) in (("withdrawn", set()), ("withdrawn", {"canceled"}))


def test_goods_taken_in_six_times_at_once_are_paid_and_counted_once(fresh_engine, sold, now):
    buyer_id, line_id, shop_id = sold
    with Session(fresh_engine) as session:
        case_id = request_return(session, buyer_id, line_id, a_wish(way=Way.bring), now).id
        approve_return(session, shop_id, case_id, now)
        receive_return(session, shop_id, case_id, 1, now)
        session.commit()
    done = at_once(
        fresh_engine,
        6,
        lambda session, _: accept_goods(session, shop_id, buyer_id, case_id, as_told(), now),
    )
    assert done == {"done": 1, "state.illegal_move": 5}
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(Refund)) == 1
        back = select(func.sum(Movement.quantity)).where(Movement.kind == MovementKind.returned)
        assert session.scalar(back) == 1
