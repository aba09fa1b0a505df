"""A seeded town for walks: one application, everybody signed in once, and a fresh database for every life.

A life really commits, so that constraint triggers which wait for the end of a transaction speak up too.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

import market
from market.embedded import OWNER, Postgres
from market.kernel import clock
from market.kernel.clock import SHANGHAI
from market.kernel.db import db
from market.people.models import Account
from market.seed.plans import PLANS
from market.seed.run import seed
from market.settings import Settings
from tests.stateful.people import DOORS, Person
from tests.stateful.people_states import watch
from tests.stateful.people_till import Till
from worker import handlers

START = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
SECRET = "tests-only-secret-key-of-40-characters-00"
LIFE, SEEDED = "walk_life", "walk_seeded"
# Few people of each role, so that what one leaves is soon found by the other; two counties, so that one
# may try what is the other's.
_BIG, _SMALL = PLANS["test"]
WALK = (
    replace(_BIG, operators=3, shops="ad", stations=3, vehicles=1, recyclers=2, consumers=4, goods_step=3),
    replace(_SMALL, operators=2, shops="b", stations=2, vehicles=1, consumers=2, goods_step=4),
)


class Town:
    """The application, its people, and the database of the life that is being led."""

    def __init__(self, server: Postgres, app: Flask, accounts: list[dict[str, Any]]) -> None:
        self.app, self._server = app, server
        self.till: Till = app.extensions["payment_provider"]
        self.engine = create_engine(server.url(OWNER, LIFE), pool_size=4)
        self._accounts = accounts

    def begin(self) -> list[Person]:
        """An untouched town, and its people."""
        self.engine.dispose()
        with self.app.app_context():
            db.engine.dispose()
        copy_database(self._server, SEEDED, LIFE)
        return self.people()

    def sign_in(self) -> None:
        """Everybody gets the session that she keeps over all lives."""
        self._cookies = {person.account.phone: person.become() for person in self.people({})}

    def people(self, cookies: dict[str, str] | None = None) -> list[Person]:
        """Everybody, signed in."""
        known = self._cookies if cookies is None else cookies
        with Session(self.engine, expire_on_commit=False) as session:
            accounts = {account.phone: account for account in session.scalars(select(Account))}
            session.expunge_all()
        rows = [row for row in self._accounts if row["role"] in DOORS and row["phone"] in accounts]
        return [
            Person(self.app, accounts[row["phone"]], row["role"], known.get(row["phone"])) for row in rows
        ]


@contextmanager
def town(server: Postgres, redis_url: str, folder: Path) -> Iterator[Town]:
    """A town on `server`, whose database ``market`` has its tables and nothing in them."""
    given = Settings(
        env="test",
        data_dir=folder,
        database_url=server.url(database=LIFE),
        redis_url=redis_url,
        secret_key=SECRET,
        stripe_api_key="sk_test_sandbox",
        stripe_webhook_secret="whsec_tests",
    )
    with pytest.MonkeyPatch.context() as patch:
        # The worker's handlers find their settings where the worker does: in the environment.
        for name, value in (("SECRET_KEY", SECRET), ("STRIPE_API_KEY", "sk_test_sandbox")):
            patch.setitem(os.environ, name, value)
        patch.setattr(clock, "now", lambda: START)
        patch.setitem(PLANS, "walk", WALK)
        copy_database(server, "market", LIFE)
        owner = create_engine(server.url(OWNER, LIFE))
        filled = seed(lambda: Session(owner), "walk", 1, 1, START, lambda *_: None)
        with owner.begin() as connection:
            watch(connection)
        app = market.create_app(given)
        app.testing, app.config["RATELIMIT_ENABLED"] = False, False
        app.extensions["payment_provider"] = till = Till()
        patch.setattr(handlers, "_provider", lambda: till)
        ready = Town(server, app, filled["accounts"])
        ready.sign_in()
        owner.dispose()
        ready.engine.dispose()
        with app.app_context():
            db.engine.dispose()
        copy_database(server, LIFE, SEEDED)
        gc.collect()
        gc.freeze()  # what is there now stays: nobody has to look through it again
        yield ready
        ready.engine.dispose()
        with app.app_context():
            db.engine.dispose()


def copy_database(server: Postgres, template: str, name: str) -> None:
    """`name` anew, as `template` is."""
    admin: Engine = create_engine(server.url("postgres", "postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f'CREATE DATABASE {name} OWNER {OWNER} TEMPLATE "{template}"'))
    admin.dispose()
