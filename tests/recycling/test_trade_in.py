"""An old appliance handed over with an order."""

import pytest

from market.kernel.errors import Refused
from market.recycling.queries import trade_in_of
from market.recycling.states import TradeInState
from market.recycling.trade_in import (
    cancel_trade_in,
    open_trade_in,
    quote_trade_in,
    trade_in_collected,
)
from tests.builders.recycling import price_tables


@pytest.fixture
def fridge(session, consumer, recycler, now):
    price_tables(session)
    return open_trade_in(session, consumer.id, "610924", "order:1", "fridge", 12, False, True, now)


def test_a_working_fridge_is_worth_more_than_a_broken_one(session, now):
    price_tables(session)
    assert quote_trade_in(session, "fridge", 3, True, True, now).credit_fen == 20_800
    assert quote_trade_in(session, "fridge", 3, False, True, now).credit_fen == 8_320
    assert quote_trade_in(session, "fridge", 30, False, False, now).credit_fen == 6_000


def test_what_nobody_prices_is_refused(session, now):
    price_tables(session)
    with pytest.raises(Refused, match="category_not_taken"):
        quote_trade_in(session, "heat_pump", 3, True, True, now)


def test_one_order_opens_one_trade_in_with_the_trucks_figures(session, consumer, fridge, now):
    again = open_trade_in(session, consumer.id, "610924", "order:1", "fridge", 1, True, True, now)
    assert again.id == fridge.id
    assert (fridge.credit_fen, fridge.weight_grams, fridge.people_required) == (6_000, 65_000, 2)


def test_an_appliance_is_collected_once_and_then_not_called_off(session, fridge, now):
    for _ in range(2):
        trade_in_collected(session, f"trade_in:{fridge.id}", now)
    trade_in_collected(session, "shop_order:1", now)
    with pytest.raises(Refused, match="illegal_move"):
        cancel_trade_in(session, "order:1", now)
    assert fridge.state is TradeInState.collected


def test_an_order_called_off_leaves_the_appliance(session, fridge, now):
    for reference in ("order:1", "order:1", "order:2"):
        cancel_trade_in(session, reference, now)
    assert fridge.state is TradeInState.cancelled
    assert trade_in_of(session, "order:1") is None
