"""A washer that was delivered, its people, and the three ways a case moves: by use case, truck and clock."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from market.aftersales import terms
from market.orders.models import Order, OrderLine
from market.people.models import Account
from tests.builders.aftersales import a_delivered_washer
from tests.builders.catalog import categories
from tests.builders.people import an_account, an_operator


@pytest.fixture
def buyer(session: Session, now: datetime) -> Account:
    return an_account(session, now)


@pytest.fixture
def operator(session: Session, now: datetime) -> Account:
    return an_operator(session, now)


@pytest.fixture
def known_terms(session: Session) -> None:
    categories(session)
    for data in terms.shipped():
        terms.publish(session, data)


@pytest.fixture
def order(session: Session, buyer: Account, known_terms: None, now: datetime) -> Order:
    """A washer of 2,599.00 yuan less 389.85 of subsidy, paid in cash at the door and banked."""
    return a_delivered_washer(session, buyer, now)


@pytest.fixture
def line(order: Order) -> OrderLine:
    return order.shop_orders[0].lines[0]


@pytest.fixture
def later(now: datetime) -> datetime:
    return now + timedelta(days=1)
