"""Whatever people press over HTTP: no page fails, books balance, and what is another's is not found."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import embedded
from market.catalog.models import LabelRecord, Listing
from market.catalog.rules import LabelState
from market.inventory.models import Stock
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.claims import a_sold_washer
from tests.stateful.people_machine import PeopleMachine
from tests.stateful.people_report import accepted, walk
from tests.stateful.people_strangers import try_all
from tests.stateful.people_tasks import Tasks
from tests.stateful.people_town import START, Town, town

# What the seed alone leaves to try: the other county's, the other shop's, the other person's.
ALWAYS_THERE = {"address_id", "batch_id", "case_id", "listing_id", "point_id", "recycler_id", "shop_id"}
COUNTY = "610924"
# By what waits of each kind: the states that work on it must lead through, whatever is pressed in between.
LATE = {
    "repairs": (
        ("piece to mend", "repair", "repair quoted"),
        ("requested", "at_station", "quoted", "repairing", "going_home", "home"),
    ),
    "return_requests": (
        ("piece to change", "return at the shop", "return at the county", "return of hers"),
        ("requested", "approved", "received", "exchanging"),
    ),
}


@pytest.fixture(scope="module")
def ready(
    postgres: embedded.Postgres, valkey_server: embedded.Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    with town(postgres, valkey_server.url, tmp_path_factory.mktemp("town")) as made:
        yield made


def test_no_page_fails_and_every_book_balances_whatever_people_press(ready: Town) -> None:
    answers = walk(ready, 1, 2, steps=24)
    tries = try_all(ready)
    assert accepted(answers) >= 40
    assert set(tries) >= ALWAYS_THERE
    assert PeopleMachine.reached["recycling_orders.state quoted"] > 0


def test_what_begins_late_gets_on_by_what_waits(ready: Town) -> None:
    """Repairs and exchanges: of things that were delivered, people press what their work asks for."""
    PeopleMachine.town, PeopleMachine.reached = ready, Counter()
    life = PeopleMachine()
    try:
        consumer = next(person.account.id for person in life.people if person.role == "consumer")
        for thing, (kinds, states) in LATE.items():
            with Session(ready.engine) as session:
                for _ in range(4):
                    _sell_one(session, session.get_one(Account, consumer))
                session.commit()
            life.tasks = Tasks(ready.engine, kinds)
            for number in range(120):
                life.do_a_task(Random(number))
                life.now += timedelta(hours=2)
                if all(life.reached[f"{thing}.state {state}"] for state in states):
                    break
            missed = [state for state in states if not life.reached[f"{thing}.state {state}"]]
            assert missed == [], thing
    finally:
        life.patch.undo()


def _sell_one(session: Session, buyer: Account) -> None:
    """One of the town's things with a verified label, brought to its buyer."""
    bought = session.scalars(
        select(Listing)
        .join(Shop, Shop.id == Listing.shop_id)
        .join(LabelRecord, LabelRecord.product_id == Listing.product_id)
        .join(Stock, Stock.listing_id == Listing.id)
        .where(Shop.county_code == COUNTY, LabelRecord.state == LabelState.verified, ~Stock.frozen)
        .order_by((Stock.on_hand - Stock.reserved - Stock.allocated).desc(), Listing.id)
    ).first()
    assert bought is not None
    a_sold_washer(session, START, bought, buyer)
