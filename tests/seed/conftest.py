"""Databases that were seeded, filled once for all the tests that only read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from market.embedded import Postgres
from market.kernel.clock import SHANGHAI
from market.seed.run import seed
from tests.database import fresh_database

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Seeded:
    """A database, what was put in it, and the steps that were heard of meanwhile."""

    engine: Engine
    data: dict[str, Any]
    steps: list[str]

    def session(self) -> Session:
        return sessionmaker(self.engine)()


def fill(engine: Engine, kind: str = "test", scale: int = 1, chance: int = 7) -> Seeded:
    steps: list[str] = []
    data = seed(sessionmaker(engine), kind, scale, chance, NOW, lambda step, done, total: steps.append(step))
    return Seeded(engine, data, steps)


@pytest.fixture(scope="module")
def demo(postgres: Postgres) -> Iterator[Seeded]:
    with fresh_database(postgres) as engine:
        yield fill(engine, "demo")


@pytest.fixture(scope="module")
def small(postgres: Postgres) -> Iterator[Seeded]:
    """The two counties of the test seed."""
    with fresh_database(postgres) as engine:
        yield fill(engine)


@pytest.fixture(scope="module")
def other(postgres: Postgres) -> Iterator[Seeded]:
    """The same at three times the scale, by another seed."""
    with fresh_database(postgres) as engine:
        yield fill(engine, scale=3, chance=8)
