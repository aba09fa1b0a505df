"""Refused goods: what the buyer gave goes back at once, the goods the way they came; news in any order."""

from itertools import permutations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.cash.models import CashCollection
from market.delivery.models import Job, JobState
from market.inventory.queries import stock
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.ledger.queries import balance
from market.ledger.rules import REFUNDS_DUE, UNEARNED, courier_cash
from market.orders import deliver, pay, refuse
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Fulfillment, Order, PaymentMethod, ShopOrder
from market.orders.quote import TradeInAnswers
from market.recycling.queries import trade_in_of
from market.recycling.trade_in import trade_in_collected
from tests.builders.cash import CASH_FEN, a_part_at_hub
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.recycling import price_tables
from tests.builders.shops import a_shop


@pytest.fixture
def listing(session, now):
    return a_listing(session, a_shop(session, now), now, stock=3)


@pytest.fixture
def part(session, listing, now):
    """A cash order's one part, on the hub's floor."""
    part = a_part_at_hub(session, listing, now)
    session.commit()
    return part


def found(session, now):
    return [it.detail for it in audit.run(session, now) if it.book != "outbox"]


def on_hand(session, listing):
    session.expire_all()
    return stock(session, [listing.id])[listing.id].on_hand


def refunds(session):
    rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "orders.shop_order_undone"))
    return [row.payload["refund_fen"] for row in rows]


def test_a_refused_cash_order_is_canceled_and_its_goods_go_back_to_the_shop(session, part, listing, now):
    refuse.job_refused(session, part.reference, now)
    assert (part.state, part.reason, part.is_over) == (Fulfillment.refused, "refused", True)
    assert (part.order.state, part.order.payment_state) == ("canceled", "void")
    assert refunds(session) == [0]
    assert session.scalars(select(CashCollection)).all() == []
    assert on_hand(session, listing) == 2
    for _ in range(2):
        refuse.refused_back_at_hub(session, part.order.county_code, part.id, now)
    assert (part.state, on_hand(session, listing)) == (Fulfillment.returned_to_hub, 2)
    for _ in range(2):
        refuse.refused_back_at_shop(session, part.shop_id, part.id, now)
    assert (part.state, on_hand(session, listing)) == (Fulfillment.returned, 3)
    assert [step.state for step in part.steps[-3:]] == ["refused", "returned_to_hub", "returned"]
    assert found(session, now) == []


def test_what_was_paid_online_is_refunded_when_it_is_refused(session, listing, now):
    order = an_order(session, an_account(session, now), [(listing, 1)], now, PaymentMethod.stripe)
    pay.mark_paid(session, pay.lock(session, order.id), now)
    (part,) = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, order.county_code, part.id, now)
    for _ in range(2):
        refuse.job_refused(session, part.reference, now)
    assert refunds(session) == [part.payable_fen]
    assert (balance(session, REFUNDS_DUE), balance(session, UNEARNED)) == (part.payable_fen, 0)
    assert (order.state, order.payment_state) == ("canceled", "paid")
    assert [it for it in found(session, now) if it.startswith(("unearned", "courier", "stock"))] == []


def test_an_order_of_which_one_part_was_refused_is_completed_and_paid_with_the_other(session, listing, now):
    other = a_listing(session, a_shop(session, now, name="远山家电"), now)
    order = an_order(session, an_account(session, now), [(listing, 1), (other, 1)], now)
    for part in order.shop_orders:
        confirm_shop_order(session, part.shop_id, part.id, now)
        hand_over(session, part.shop_id, part.id, now)
        receive_at_hub(session, order.county_code, part.id, now)
    session.commit()
    kept, unwanted = order.shop_orders
    courier = a_courier(session, now)
    refuse.job_refused(session, unwanted.reference, now)
    assert (order.state, order.payment_state) == ("placed", "due")
    deliver.job_done(session, kept.reference, courier.id, now, now)
    assert (order.state, order.payment_state) == ("completed", "paid")
    assert balance(session, courier_cash(courier.id)) == kept.payable_fen
    assert found(session, now) == []


def test_news_of_a_refusal_ends_the_same_in_any_order_and_twice(session, connection, part, now):
    reference, part_id, order_id = part.reference, part.id, part.order_id
    news = (
        lambda own: deliver.job_scheduled(own, reference, now),
        lambda own: deliver.job_departed(own, reference, now),
        lambda own: refuse.job_refused(own, reference, now),
    )
    for arrived in permutations(news):
        attempt = connection.begin_nested()
        with Session(connection, join_transaction_mode="create_savepoint") as own:
            for tell in (*arrived, *news):
                tell(own)
            deliver.job_failed(own, reference, "nobody_home", now)
            kept = own.get_one(ShopOrder, part_id)
            assert [step.state for step in kept.steps[-3:]] == ["scheduled", "out_for_delivery", "refused"]
            assert own.get_one(Order, order_id).state == "canceled"
        attempt.rollback()


def test_a_delivery_after_a_refusal_and_a_refusal_after_a_delivery_change_nothing(
    session, listing, part, now
):
    courier = a_courier(session, now)
    refuse.job_refused(session, part.reference, now)
    deliver.job_done(session, part.reference, courier.id, now, now)
    assert (part.state, balance(session, courier_cash(courier.id))) == (Fulfillment.refused, 0)
    other = a_part_at_hub(session, listing, now)
    deliver.job_done(session, other.reference, courier.id, now, now)
    refuse.job_refused(session, other.reference, now)
    assert (other.state, balance(session, courier_cash(courier.id))) == (Fulfillment.delivered, CASH_FEN)
    assert found(session, now) == []


def test_the_trade_in_of_a_wholly_refused_order_is_off_and_its_collection_too(session, listing, now):
    price_tables(session)
    answers = TradeInAnswers("washer", 9, works=True, complete=True)
    order = an_order(session, an_account(session, now), [(listing, 1)], now, trade_in=answers)
    (part,) = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, order.county_code, part.id, now)
    trade_in = trade_in_of(session, f"order:{order.id}")
    collection = session.scalars(select(Job).where(Job.reference == f"trade_in:{trade_in.id}")).one()
    assert collection.state is JobState.ready
    for _ in range(2):
        refuse.job_refused(session, part.reference, now)
    assert (trade_in.state, collection.state) == ("cancelled", JobState.canceled)
    assert found(session, now) == []


def test_an_old_appliance_that_is_on_the_truck_already_has_no_credit_left(session, listing, now):
    price_tables(session)
    answers = TradeInAnswers("washer", 9, works=True, complete=True)
    order = an_order(session, an_account(session, now), [(listing, 1)], now, trade_in=answers)
    (part,) = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, order.county_code, part.id, now)
    trade_in = trade_in_of(session, f"order:{order.id}")
    trade_in_collected(session, f"trade_in:{trade_in.id}", now)
    refuse.job_refused(session, part.reference, now)
    assert (order.state, trade_in.state) == ("canceled", "collected")
    assert (trade_in.granted_fen, found(session, now)) == (0, [])


def test_only_the_own_hub_and_shop_take_refused_goods_back_and_in_this_order(session, part, listing, now):
    with pytest.raises(Refused, match="illegal_move"):
        refuse.refused_back_at_hub(session, "610924", part.id, now)
    refuse.job_refused(session, part.reference, now)
    with pytest.raises(NotFound):
        refuse.refused_back_at_hub(session, "610728", part.id, now)
    with pytest.raises(NotFound):
        refuse.refused_back_at_shop(session, a_shop(session, now, name="远山家电").id, part.id, now)
    with pytest.raises(Refused, match="illegal_move"):
        refuse.refused_back_at_shop(session, part.shop_id, part.id, now)
    assert (part.state, on_hand(session, listing)) == (Fulfillment.refused, 2)
