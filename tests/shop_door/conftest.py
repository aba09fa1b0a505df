from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from market.people.models import Account
from market.shops.models import Shop
from tests.builders.catalog import categories
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser


@pytest.fixture
def client(app: Flask) -> Browser:
    app.test_client_class = Browser
    client = app.test_client()
    assert isinstance(client, Browser)
    return client


@pytest.fixture
def shop(session: Session, now: datetime) -> Shop:
    categories(session)
    return a_shop(session, now)


@pytest.fixture
def clerk(session: Session, client: Browser, shop: Shop, now: datetime) -> Account:
    """The clerk of `shop`, signed in with `client`."""
    clerk = a_clerk(session, shop, now)
    session.commit()
    client.become(clerk)
    return clerk
