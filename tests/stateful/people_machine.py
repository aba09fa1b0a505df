"""Whatever people press, on any page of any door, in any order: no page fails, and every book balances.

    python -m tests.stateful.people_machine --moves N --seed K

A seeded county with a person of each role. A move is one form sent over HTTP: of the page that somebody has
before her, of one that she left long ago (so that moves which are no longer legal are tried), or of another
person's page. Between moves time passes, the worker's handlers do what is due, and batches are planned.
"""

import argparse
import logging
import random
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, scoped_session, sessionmaker

import market
from market import audit
from market.delivery.models import Batch, BatchState
from market.delivery.plan_batch import plan_batch
from market.kernel import clock
from market.kernel.clock import SHANGHAI, local_date
from market.kernel.db import db
from market.people.models import Account
from market.seed.run import seed as fill
from market.settings import Settings
from tests.builders.forms import Form, Seen, read
from tests.builders.life import BY_HAND, react
from tests.builders.web import Browser

START = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
MOVES_A_LIFE = 60
DOORS = {
    "consumer": ("/", "/orders", "/recycle", "/cart", "/account", "/points", "/zone", "/notices"),
    "owner": ("/shop", "/shop/orders", "/shop/listings"),
    "clerk": ("/shop", "/shop/orders", "/shop/listings"),
    "courier": ("/courier/", "/courier/cash"),
    "operator": ("/county", "/county/hub", "/county/batches", "/county/trade-ins"),
    "recycler": ("/recycler", "/recycler/done"),
    "station": ("/station",),
    "auditor": ("/county/claims",),
}
# Who does so is gone, or reads another language; and what leaves for the payment provider.
NOT_PRESSED = (
    "/account/sign-out",
    "/account/sign-in",
    "/account/password",
    "/account/register",
    "/language",
    "/pay",
)


class Person:
    """Somebody before a page."""

    def __init__(self, app: Flask, account: Account, role: str) -> None:
        self.account, self.role, self.doors = account, role, DOORS[role]
        self.browser = Browser(app)
        self.browser.become(account)
        self.seen, self.left = Seen([], []), list[Form]()

    def look(self, path: str) -> int:
        """Open a page; an expired sign-in is made anew."""
        answer = self.browser.get(path, follow_redirects=True)
        if "/account/sign-in" in answer.request.path:
            self.browser.become(self.account)
            answer = self.browser.get(path, follow_redirects=True)
        if answer.mimetype == "text/html":
            self.seen = read(answer.text, answer.request.path)
            self.left = [*self.left, *self.forms()][-60:]
        return answer.status_code

    def forms(self) -> list[Form]:
        """What she may press on the page before her."""
        found = (form for form in self.seen.forms if form.method == "post")
        return [form for form in found if not any(part in form.action for part in NOT_PRESSED)]

    def press(self, form: Form, chance: Random, now: datetime) -> tuple[int, dict[str, Any]]:
        """Send the form with her own token; the page that follows is before her."""
        data = form.filled(chance, local_date(now)) | {"csrf_token": self.browser.csrf_token()}
        answer = self.browser.post(form.action, data=data)
        if answer.status_code == 303 and answer.location.startswith("/"):
            self.look(answer.location)
        elif answer.mimetype == "text/html" and answer.status_code == 422:
            self.seen = read(answer.text, form.action)
        return answer.status_code, data


class PeopleMachine(RuleBasedStateMachine):
    """Two counties with all that the seed ``test`` puts into them."""

    engine: ClassVar[Engine]
    settings: ClassVar[Settings]
    accounts: ClassVar[list[dict[str, Any]]]
    answers: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.now, self.own = START, db.session
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(clock, "now", lambda: self.now)

    def teardown(self) -> None:
        self.patch.undo()
        db.session = self.own
        self.transaction.rollback()
        self.connection.close()

    @initialize()
    def open_the_doors(self) -> None:
        app = market.create_app(self.settings)
        app.testing, app.config["RATELIMIT_ENABLED"] = False, False
        mine = sessionmaker(bind=self.connection, join_transaction_mode="create_savepoint")
        db.session = scoped_session(mine, scopefunc=self.own.registry.scopefunc)
        self.app = app
        with self._session() as session:
            known = {account.phone: account for account in session.scalars(select(Account))}
            rows = [row for row in self.accounts if row["role"] in DOORS]
            self.people = [Person(app, known[row["phone"]], row["role"]) for row in rows]

    @rule(number=st.integers(0, 2**40))
    def move(self, number: int) -> None:
        """Somebody presses something."""
        chance = Random(number)
        person = chance.choice(self.people)
        form = self._found(person, chance)
        if form is None:
            return
        status, sent = person.press(form, chance, self.now)
        self.answers[f"{status} {form.action.split('/')[1]}"] += 1
        assert status < 500, (person.role, form.action, sent, status)
        if status == 303:
            self._balanced(f"{person.role} {form.action} {sent}")

    @rule(minutes=st.sampled_from((1, 15, 90, 600, 1_440, 4_320)))
    def time_passes(self, minutes: int) -> None:
        """The worker does what is due, and every closed batch is planned."""
        self.now += timedelta(minutes=minutes)
        with self._session() as session:
            react(session, self.now, BY_HAND)
            for batch_id in session.scalars(select(Batch.id).where(Batch.state == BatchState.closed)):
                plan_batch(session, batch_id, self.now, cpu_seconds=0.2)
            session.commit()
        self._balanced(f"{minutes} minutes")

    def _found(self, person: Person, chance: Random) -> Form | None:
        """A form: from the page she is led to, from one she left, or from another's."""
        if person.left and chance.random() < 0.15:
            return chance.choice(person.left)
        if chance.random() < 0.05:
            other = chance.choice(self.people)
            return chance.choice(other.left) if other.left else None
        if not person.forms() or chance.random() < 0.3:
            assert person.look(chance.choice(person.doors)) < 500
        for _ in range(chance.randint(0, 4)):
            links = [link for link in person.seen.links if not any(part in link for part in NOT_PRESSED)]
            if links:
                link = chance.choice(links)
                assert person.look(link) < 500, (person.role, link)
        forms = person.forms()
        return chance.choice(forms) if forms else None

    def _session(self) -> Session:
        return Session(self.connection, join_transaction_mode="create_savepoint")

    def _balanced(self, after: str) -> None:
        with self._session() as session:
            broken = [it for it in audit.run(session, self.now) if it.book != "outbox"]
        assert broken == [], after


def walk(
    engine: Engine, given: Settings, moves: int, seed_number: int, life: int = MOVES_A_LIFE
) -> Counter[str]:
    """About `moves` moves, in lives of `life`: how many got which answer at which door."""
    with Session(engine) as session:
        known = session.scalar(select(Account.id).limit(1))
    if known is None:
        filled = fill(lambda: Session(engine), "test", 1, 1, START, lambda *_: None)
        PeopleMachine.accounts = filled["accounts"]
    PeopleMachine.engine, PeopleMachine.settings, PeopleMachine.answers = engine, given, Counter()
    run_state_machine_as_test(
        seed(seed_number)(PeopleMachine),
        settings=settings(
            max_examples=max(1, moves // life),
            stateful_step_count=life,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return PeopleMachine.answers


def main() -> None:
    from market import embedded
    from tests.database import create_tables, fresh_database

    parser = argparse.ArgumentParser(prog="python -m tests.stateful.people_machine")
    parser.add_argument("--moves", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = parser.parse_args()
    logging.disable(logging.INFO)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="market-moves-")))
        server = embedded.Postgres(folder / "postgres", folder / "postgres.log", ("fsync=off",))
        process = server.start()
        stack.callback(embedded.stop, process, 2)
        valkey = embedded.Valkey(folder / "valkey", folder / "valkey.log")
        stack.callback(embedded.stop, valkey.start(), 15)
        create_tables(server)
        engine = stack.enter_context(fresh_database(server))
        given = settings_for(engine, valkey.url, folder)
        began, total, number = time.monotonic(), Counter[str](), 0
        while total.total() < chosen.moves:
            number += 1
            total += walk(engine, given, min(600, chosen.moves), chosen.seed + number)
            print(f"{total.total()} moves, {time.monotonic() - began:.0f} s", flush=True)
        for name, count in sorted(total.items()):
            print(f"{count:6} {name}")
        print(f"{total.total()} moves of seed {chosen.seed}: no page failed, every book balanced after each.")


def settings_for(engine: Engine, redis_url: str, folder: Path) -> Settings:
    """As the tests' own application has them, on `engine`."""
    return Settings(
        env="test",
        data_dir=folder,
        database_url=engine.url.render_as_string(hide_password=False),
        redis_url=redis_url,
        secret_key="tests-only-secret-key-of-40-characters-00",
        stripe_api_key="sk_test_sandbox",
        stripe_webhook_secret="whsec_tests",
    )


if __name__ == "__main__":
    main()
