"""Many buyers at one moment, each on a connection of their own."""

import threading
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from market.inventory import audit
from market.inventory.models import Reservation
from market.inventory.queries import left
from market.inventory.reserve import reserve
from market.kernel.errors import Refused
from tests.builders.catalog import a_listing
from tests.builders.shops import a_shop

pytestmark = pytest.mark.race


@pytest.fixture
def listing_id(fresh_engine: Engine, now) -> uuid.UUID:
    """A listing with ten pieces, committed."""
    with Session(fresh_engine) as session, session.begin():
        return a_listing(session, a_shop(session, now), now, stock=10).id


def at_once(engine: Engine, times: int, act: Callable[[Session, int], None]) -> list[Exception | None]:
    """What became of `act`, done by so many threads together: None, or what it raised."""
    together, outcomes = threading.Barrier(times), []

    def one(number: int) -> None:
        together.wait()
        try:
            with Session(engine) as session, session.begin():
                act(session, number)
            outcomes.append(None)
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_fifty_buyers_at_once_get_the_last_ten_pieces(fresh_engine, listing_id, now):
    outcomes = at_once(fresh_engine, 50, lambda own, n: reserve(own, listing_id, 1, f"line:{n}", now))
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert (outcomes.count(None), len(refusals)) == (10, 40)
    assert {(refusal.code, refusal.values["left"]) for refusal in refusals} == {("inventory.short", 0)}
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(Reservation)) == 10
        assert list(audit.breaks(session)) == []


def test_one_reference_that_comes_twenty_times_at_once_reserves_once(fresh_engine, listing_id, now):
    outcomes = at_once(fresh_engine, 20, lambda own, _: reserve(own, listing_id, 2, "line:same", now))
    assert outcomes == [None] * 20
    with Session(fresh_engine) as session:
        assert left(session, [listing_id]) == {listing_id: 8}
        assert list(audit.breaks(session)) == []
