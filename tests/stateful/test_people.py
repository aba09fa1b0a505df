"""Whatever people press over HTTP: no page fails, books balance, and what is another's is not found."""

from pathlib import Path

from market import embedded
from tests.stateful.people_machine import PeopleMachine
from tests.stateful.people_report import accepted, walk
from tests.stateful.people_strangers import try_all
from tests.stateful.people_town import town

# What the seed alone leaves to try: the other county's, the other shop's, the other person's.
ALWAYS_THERE = {"address_id", "batch_id", "case_id", "listing_id", "point_id", "recycler_id", "shop_id"}


def test_no_page_fails_and_every_book_balances_whatever_people_press(
    postgres: embedded.Postgres, valkey_server: embedded.Valkey, tmp_path: Path
) -> None:
    with town(postgres, valkey_server.url, tmp_path) as ready:
        answers = walk(ready, 1, 2, steps=24)
        tries = try_all(ready)
    assert accepted(answers) >= 40
    assert set(tries) >= ALWAYS_THERE
    assert PeopleMachine.reached["recycling_orders.state quoted"] > 0
