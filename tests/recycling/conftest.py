"""A consumer, a recycler and somebody who works there."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.people.models import Account
from market.recycling.models import Recycler
from tests.builders.people import an_account
from tests.builders.recycling import a_recycler, a_recycler_clerk


@pytest.fixture
def consumer(session: Session, now: datetime) -> Account:
    return an_account(session, now)


@pytest.fixture
def recycler(session: Session, now: datetime) -> Recycler:
    return a_recycler(session, now)


@pytest.fixture
def clerk(session: Session, recycler: Recycler, now: datetime) -> Account:
    return a_recycler_clerk(session, recycler, now)
