"""A recycler, three of the county's staff, and a seal."""

import pytest

from market.kernel.seal import Seal
from market.oversight.draw_inspections import SEAL_PURPOSE
from tests.builders.people import an_operator
from tests.builders.recycling import a_recycler


@pytest.fixture
def seal():
    return Seal(["a" * 40], SEAL_PURPOSE)


@pytest.fixture
def recycler(session, now):
    return a_recycler(session, now)


@pytest.fixture
def staff(session, now):
    return [an_operator(session, now) for _ in range(3)]
