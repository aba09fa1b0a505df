"""A county with a shop and something on its shelf."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.web import Browser


@pytest.fixture
def shop(session: Session, now: datetime) -> Shop:
    return a_shop(session, now)


@pytest.fixture
def washer(session: Session, shop: Shop, now: datetime) -> Listing:
    """2,599 yuan instead of 2,799, grade 1 proven, ten pieces."""
    listing = a_listing(session, shop, now)
    a_verified_label(session, listing, now)
    return listing


@pytest.fixture
def buyer(client: Browser, session: Session, now: datetime) -> Account:
    """Somebody signed in."""
    account = an_account(session, now)
    client.become(account)
    return account
