"""A shop that has sold something online, and two operators."""

import pytest

from market.kernel.seal import Seal
from market.orders.models import PaymentMethod
from market.settlements.bank_account import SEAL_PURPOSE, change_bank_account, confirm_bank_account
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, delivered, paid, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.payments.conftest import provider, sandbox, shared_sandbox

__all__ = ["provider", "sandbox", "shared_sandbox"]


SEAL = Seal(["tests-only-secret-key-of-40-characters-00"], SEAL_PURPOSE)


@pytest.fixture
def operators(session, now):
    return [an_operator(session, now).id for _ in range(2)]


@pytest.fixture
def sold(session, provider, now):
    """A washer that was paid by card and delivered: its shop order."""
    washer, _ = two_listings(session, now)
    buyer = an_account(session, now)
    order = an_order(session, buyer, [(washer, 1)], now, PaymentMethod.stripe)
    paid(session, provider, buyer, order, now, "card")
    delivered(session, a_courier(session, now, COUNTY), order, now)
    return order.shop_orders[0]


@pytest.fixture
def banked(session, sold, operators, now):
    """The shop's bank account, confirmed."""
    typed = ("青禾电器行", "某银行", "6222000000000000001")
    change_bank_account(session, sold.shop_id, *typed, an_account(session, now).id, SEAL, now)
    return confirm_bank_account(session, COUNTY, operators[0], sold.shop_id, now)
