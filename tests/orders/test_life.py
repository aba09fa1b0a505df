"""An order's life, through the use cases of every room it touches, with the audit after every step."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from market import audit
from market.credit.models import RatingEvent
from market.delivery.drive import complete_stop, fail_stop, start_run
from market.delivery.models import Batch, BatchState, Job, JobState
from market.inventory.models import Stock
from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import (
    COMMISSION,
    DELIVERY_FEES,
    REFUNDS_DUE,
    STRIPE_CLEARING,
    UNEARNED,
    courier_cash,
    pot,
    shop_pending,
)
from market.orders import cart, pay
from market.orders.cart import Owner
from market.orders.checkout import checkout
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Fulfillment, Order, OrderState, PaymentMethod, PaymentState
from market.orders.quote import TradeInAnswers
from market.orders.undo import cancel_order, decline_shop_order, lapse
from market.payments.models import Payment
from market.payments.models import PaymentState as Captured
from market.points.earn import grant
from market.points.queries import Balance
from market.points.queries import balance as points_balance
from market.recycling import prices
from market.subsidies.models import Pot
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, clean, left_at, react, released_run, to_the_hub, two_listings
from tests.builders.orders import an_order, choices_for
from tests.builders.people import an_account
from tests.builders.subsidies import GB_2026


@pytest.fixture
def goods(session, now):
    return two_listings(session, now)


@pytest.fixture
def buyer(session, now):
    return an_account(session, now)


@pytest.fixture
def courier(session, now):
    return a_courier(session, now, COUNTY)


def the_stock(session, listing):
    row = session.get(Stock, listing.id)
    session.refresh(row)
    return (row.on_hand, row.reserved, row.allocated)


def test_a_cart_of_two_shops_becomes_one_order_with_a_part_for_each(session, goods, buyer, now):
    washer, cooker = goods
    order = an_order(session, buyer, [(washer, 1), (cooker, 2)], now)
    assert [part.shop_id for part in order.shop_orders] == [washer.shop_id, cooker.shop_id]
    line = order.shop_orders[0].lines[0]
    assert (line.list_fen, line.shop_promotion_fen, line.subsidy_base_fen) == (2799_00, 200_00, 2599_00)
    assert (line.subsidy_fen, line.subsidy_programme_id, line.paid_fen) == (389_85, GB_2026, 2209_15)
    assert order.shop_orders[1].lines[0].subsidy_fen == 0
    assert sum(tender.amount_fen for tender in order.tenders) == order.total_fen
    assert the_stock(session, cooker) == (10, 2, 0)
    assert cart.find(session, Owner(account_id=buyer.id)) is None
    assert clean(session, now)


def test_the_same_key_is_the_same_order(session, goods, buyer, now):
    washer, _ = goods
    cart.put(session, Owner(account_id=buyer.id), washer.id, 1, now)
    choices = choices_for(session, buyer, now)
    first = checkout(session, buyer, choices, "key", now)
    assert checkout(session, buyer, choices, "key", now) is first
    assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_a_sum_that_was_not_shown_is_not_charged(session, goods, buyer, now):
    washer, _ = goods
    cart.put(session, Owner(account_id=buyer.id), washer.id, 1, now)
    choices = choices_for(session, buyer, now)
    washer.price_fen -= 1_00
    session.flush()
    with pytest.raises(Refused) as refused:
        checkout(session, buyer, choices, "key", now)
    assert refused.value.code == "checkout.price_changed"
    assert the_stock(session, washer) == (10, 0, 0)
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_more_than_there_is_is_refused_and_nothing_is_kept(session, goods, buyer, now):
    washer, cooker = goods
    savepoint = session.begin_nested()
    with pytest.raises(Refused) as refused:
        an_order(session, buyer, [(washer, 1), (cooker, 11)], now)
    savepoint.rollback()
    assert refused.value.code == "inventory.short"
    assert session.get(Pot, (GB_2026, COUNTY)).held == 0
    assert clean(session, now)


def test_cash_on_delivery_from_cart_to_books(session, goods, buyer, courier, now):
    order = an_order(session, buyer, [(goods[0], 1), (goods[1], 1)], now)
    to_the_hub(session, order, now)
    assert clean(session, now)
    run = released_run(session, now)
    assert {part.state for part in order.shop_orders} == {Fulfillment.scheduled}
    start_run(session, courier, run.id, now)
    react(session, now)
    assert {part.state for part in order.shop_orders} == {Fulfillment.out_for_delivery}
    [stop] = run.stops  # two shops, one address
    assert stop.cash_due_fen == order.payable_fen
    complete_stop(session, courier, stop.id, left_at(stop, serial_numbers=("SN1",)), now)
    complete_stop(session, courier, stop.id, left_at(stop), now)
    react(session, now)
    session.refresh(order)
    assert (order.state, order.payment_state) == (OrderState.completed, PaymentState.paid)
    washer_part = order.shop_orders[0]
    commission = washer_part.goods_fen * washer_part.commission_bp // 10_000
    assert balance(session, courier_cash(courier.id)) == order.payable_fen
    assert balance(session, shop_pending(washer_part.shop_id)) == washer_part.goods_fen - commission
    assert balance(session, DELIVERY_FEES) == order.delivery_fee_fen
    assert (balance(session, UNEARNED), balance(session, pot(GB_2026, COUNTY))) == (0, 1_000_000_00 - 389_85)
    earned = 2209_15 * 2 // 100 + order.shop_orders[1].lines[0].paid_fen // 100
    assert points_balance(session, buyer.id, now) == Balance(available=0, pending=earned)
    assert session.scalars(select(Batch.state)).one() is BatchState.done
    assert clean(session, now)


def test_the_wrong_cash_or_an_open_check_does_not_end_a_stop(session, goods, buyer, courier, now):
    order = an_order(session, buyer, [(goods[0], 1)], now)
    to_the_hub(session, order, now)
    run = released_run(session, now)
    [stop] = run.stops
    with pytest.raises(Refused, match=r"delivery\.not_underway"):
        complete_stop(session, courier, stop.id, left_at(stop), now)
    start_run(session, courier, run.id, now)
    for wrong, code in (
        ({"cash_fen": stop.cash_due_fen - 1}, "delivery.cash"),
        ({"checks": frozenset()}, "delivery.checklist"),
        ({"recipient_name": " "}, "delivery.recipient"),
    ):
        with pytest.raises(Refused) as refused:
            complete_stop(session, courier, stop.id, left_at(stop, **wrong), now)
        assert refused.value.code == code
    assert session.scalars(select(Job.state)).all() == [JobState.underway]
    assert balance(session, courier_cash(courier.id)) == 0


def test_what_could_not_be_delivered_waits_for_the_next_batch(session, goods, buyer, courier, now):
    order = an_order(session, buyer, [(goods[0], 1)], now)
    to_the_hub(session, order, now)
    run = released_run(session, now)
    start_run(session, courier, run.id, now)
    react(session, now)
    fail_stop(session, courier, run.stops[0].id, "没有人在家", now)
    react(session, now)
    [part] = order.shop_orders
    assert (part.state, part.reason) == (Fulfillment.undelivered, "没有人在家")
    tomorrow = now + timedelta(days=1)
    again = released_run(session, tomorrow)
    session.refresh(part)
    assert part.state is Fulfillment.scheduled
    start_run(session, courier, again.id, tomorrow)
    complete_stop(session, courier, again.stops[0].id, left_at(again.stops[0]), tomorrow)
    react(session, tomorrow)
    assert order.state is OrderState.completed
    assert clean(session, tomorrow)


def test_a_paid_order_is_booked_once_and_a_declined_part_is_owed_back(session, goods, buyer, now):
    order = an_order(session, buyer, [(goods[0], 1), (goods[1], 1)], now, PaymentMethod.stripe)
    with pytest.raises(NotFound):  # not yet the shop's to see
        confirm_shop_order(session, order.shop_orders[0].shop_id, order.shop_orders[0].id, now)
    session.add(
        Payment(
            order_id=order.id,
            amount_fen=order.payable_fen,
            state=Captured.captured,
            capture_reference="pi",
            created_at=now,
        )
    )
    assert pay.mark_paid(session, order, now)
    assert not pay.mark_paid(session, order, now)
    assert balance(session, STRIPE_CLEARING) == order.payable_fen
    part = order.shop_orders[0]
    decline_shop_order(session, part.shop_id, part.id, "没货了", now)
    assert balance(session, REFUNDS_DUE) == part.payable_fen
    assert balance(session, pot(GB_2026, COUNTY)) == 1_000_000_00
    assert (order.state, the_stock(session, goods[0])) == (OrderState.placed, (10, 0, 0))
    assert clean(session, now)


def test_an_unpaid_order_lapses_and_frees_everything(session, goods, buyer, now):
    grant(session, buyer.id, 500_00, "gift", now)
    order = an_order(session, buyer, [(goods[0], 1)], now, PaymentMethod.stripe, points=300_00)
    assert order.points_fen == 300_00
    assert points_balance(session, buyer.id, now).available == 200_00
    lapse(session, order.id, now + timedelta(minutes=29))  # a message that came early
    assert (order.state, order.payment_state) == (OrderState.placed, PaymentState.due)
    lapse(session, order.id, now + timedelta(minutes=30))
    lapse(session, order.id, now + timedelta(minutes=30))
    session.expire_all()
    assert (order.state, order.payment_state) == (OrderState.canceled, PaymentState.void)
    assert points_balance(session, buyer.id, now).available == 500_00
    assert the_stock(session, goods[0]) == (10, 0, 0)
    assert not pay.mark_paid(session, order, now)
    assert clean(session, now)


def test_a_buyer_cancels_until_a_shop_has_begun(session, goods, buyer, now):
    order = an_order(session, buyer, [(goods[0], 1)], now)
    confirm_shop_order(session, order.shop_orders[0].shop_id, order.shop_orders[0].id, now)
    with pytest.raises(Refused, match=r"order\.too_late_to_cancel"):
        cancel_order(session, buyer.id, order.id, now)
    with pytest.raises(NotFound):
        cancel_order(session, an_account(session, now).id, order.id, now)
    assert the_stock(session, goods[0]) == (10, 0, 1)


def test_another_shops_part_is_not_found_and_nothing_changes(session, goods, buyer, now):
    washer, cooker = goods
    order = an_order(session, buyer, [(washer, 1)], now)
    for use_case in (confirm_shop_order, hand_over):
        with pytest.raises(NotFound):
            use_case(session, cooker.shop_id, order.shop_orders[0].id, now)
    with pytest.raises(NotFound):
        receive_at_hub(session, "610728", order.shop_orders[0].id, now)
    assert order.shop_orders[0].state is Fulfillment.placed


def test_an_old_appliance_lowers_the_price_and_is_collected_on_the_same_stop(
    session, goods, buyer, courier, now
):
    for table in prices.shipped():
        prices.publish(session, table)
    old = TradeInAnswers("washer", 9, works=True, complete=True)
    order = an_order(session, buyer, [(goods[0], 1)], now, trade_in=old)
    assert order.trade_in_fen > 0
    to_the_hub(session, order, now)
    run = released_run(session, now)
    [stop] = run.stops
    assert sorted(job.kind.value for job in stop.jobs) == ["collect", "deliver"]
    start_run(session, courier, run.id, now)
    complete_stop(session, courier, stop.id, left_at(stop), now)
    react(session, now)
    assert balance(session, COMMISSION) > 0
    assert clean(session, now)


def test_a_spoiled_tender_is_a_break(session, goods, buyer, now):
    order = an_order(session, buyer, [(goods[0], 1)], now)
    order.tenders[0].amount_fen -= 1
    session.flush()
    [found] = audit.run(session, now)
    assert found.detail.startswith(f"order {order.number}: total")


@pytest.mark.parametrize(("clock", "kind"), [("23:59", "handed_over_on_time"), ("00:01", "handed_over_late")])
def test_a_shop_is_late_by_the_calendar_of_china(session, now, goods, buyer, clock, kind):
    order = an_order(session, buyer, [(goods[0], 1)], now)
    (part,) = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    day = order.promised_on + timedelta(days=1) if clock == "00:01" else order.promised_on
    moment = datetime.combine(day, time.fromisoformat(clock), SHANGHAI)
    hand_over(session, part.shop_id, part.id, moment.astimezone(UTC))
    events = session.scalars(select(RatingEvent.kind).where(RatingEvent.kind.like("handed_over%"))).all()
    assert events == [kind]
