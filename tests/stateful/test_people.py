"""Whatever people press over HTTP: no page fails, every state is legal and every book balances."""

from pathlib import Path

from market import embedded
from tests.stateful.people_machine import PeopleMachine
from tests.stateful.people_report import accepted, walk
from tests.stateful.people_town import town


def test_no_page_fails_and_every_book_balances_whatever_people_press(
    postgres: embedded.Postgres, valkey_server: embedded.Valkey, tmp_path: Path
) -> None:
    with town(postgres, valkey_server.url, tmp_path) as ready:
        answers = walk(ready, 1, 1, steps=20)
    assert accepted(answers) >= 40
    assert PeopleMachine.reached["recycling_orders.state quoted"] > 0
