"""Whatever people and time do, in any order: the books balance after every step."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.builders.stripe_sandbox import Sandbox, free_port
from tests.stateful.market_machine import walk


@pytest.fixture
def sandbox(tmp_path) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path, free_port(), "http://127.0.0.1:9/nobody")
    sandbox.start()
    yield sandbox
    sandbox.kill()


def test_the_books_balance_after_every_step_in_any_order(
    fresh_engine: Engine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STRIPE_API_KEY", "STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "")  # `walk` sets them; this puts them back
    taken = walk(fresh_engine, sandbox, 240, 1, life=40)
    assert taken.total() >= 160
    assert {"place", "good_day", "expire"} <= set(taken)
