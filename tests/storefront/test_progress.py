"""What a buyer is told of three states."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from market.orders.models import (
    Fulfillment,
    Order,
    OrderState,
    PaymentMethod,
    PaymentState,
    ShopOrder,
    ShopOrderStep,
)
from market.web.storefront.progress import awaits_payment, progress, status

START = datetime(2026, 11, 23, 2, tzinfo=UTC)


def an_order(method: PaymentMethod, payment: PaymentState = PaymentState.due) -> Order:
    return Order(
        state=OrderState.placed, payment_method=method, payment_state=payment, placed_at=START, paid_at=START
    )


def a_part(*states: Fulfillment) -> ShopOrder:
    """A shop order that went through `states`, an hour each."""
    steps = [ShopOrderStep(state=state, at=START + timedelta(hours=n)) for n, state in enumerate(states)]
    return ShopOrder(state=states[-1], steps=steps)


PATH = (
    Fulfillment.placed,
    Fulfillment.confirmed,
    Fulfillment.handed_over,
    Fulfillment.at_hub,
    Fulfillment.scheduled,
    Fulfillment.out_for_delivery,
    Fulfillment.delivered,
)


def marks(order: Order, part: ShopOrder) -> list[str]:
    return [mark for _, mark, _ in progress(order, part)]


@pytest.mark.parametrize("reached", range(len(PATH)))
def test_each_state_is_one_step_further(reached: int) -> None:
    cash = an_order(PaymentMethod.cash)
    now = ["now"] if reached < 6 else []
    assert marks(cash, a_part(*PATH[: reached + 1])) == ["done"] * (reached + 1) + now + ["wait"] * (
        5 - reached
    )


def test_an_unpaid_order_waits_for_the_money_and_nothing_else() -> None:
    order = an_order(PaymentMethod.stripe)
    assert awaits_payment(order)
    assert marks(order, a_part(Fulfillment.placed)) == ["done", "now", *["wait"] * 6]


def test_a_paid_order_waits_for_the_shop() -> None:
    order = an_order(PaymentMethod.stripe, PaymentState.paid)
    assert not awaits_payment(order)
    assert marks(order, a_part(Fulfillment.placed)) == ["done", "done", "now", *["wait"] * 5]


def test_a_failed_stop_shows_and_the_rest_is_to_come_again(app: Flask) -> None:
    part = a_part(*PATH[:6], Fulfillment.undelivered)
    steps = progress(an_order(PaymentMethod.cash), part)
    assert [mark for _, mark, _ in steps] == ["done"] * 4 + ["failed"] + ["wait"] * 3
    assert steps[4][2] == START + timedelta(hours=6)
    with app.test_request_context():
        assert str(status(an_order(PaymentMethod.cash), part)[0]) == "没送成，已约下一趟"


@pytest.mark.parametrize("end", [Fulfillment.declined, Fulfillment.canceled])
def test_what_was_undone_ends_there(end: Fulfillment) -> None:
    steps = progress(an_order(PaymentMethod.cash), a_part(Fulfillment.placed, Fulfillment.confirmed, end))
    assert [mark for _, mark, _ in steps] == ["done", "done", "failed"]
