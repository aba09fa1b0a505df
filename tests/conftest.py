"""What every test may ask for: real PostgreSQL and Valkey, a session that is rolled back, an app on both."""

import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import redis
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

import market
from market import embedded
from market.kernel import shown
from market.kernel.clock import SHANGHAI
from market.kernel.db import db
from market.settings import Settings
from tests.builders.recognizer import Ears, listening
from tests.builders.web import Browser
from tests.database import create_tables, fresh_database

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")

# A busy machine is no counterexample: laws judge what comes out, never how long it took.
settings.register_profile("market", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("market")

# Those that bring up a whole market take longest: they start first.
WHOLE_MARKETS = ("tests/journeys", "tests/kill", "tests/drills")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Keep a file's tests in one process, so that what they share is made once; the slowest files first."""

    def group(item: pytest.Item) -> str:
        file = item.nodeid.partition("::")[0]
        return next((folder for folder in WHOLE_MARKETS if file.startswith(folder)), file)

    items.sort(key=lambda item: group(item) not in WHOLE_MARKETS)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
    return (yield)


@pytest.fixture(scope="session")
def server_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="market-test-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_dir: Path) -> Iterator[embedded.Postgres]:
    """A server of this pytest run's own, whose database ``market`` is the empty template of all."""
    server = embedded.Postgres(server_dir / "postgres", server_dir / "postgres.log", QUICK)
    process = server.start()
    try:
        create_tables(server)
        yield server
    finally:
        embedded.stop(process, signal.SIGINT)


@pytest.fixture(scope="session")
def engine(postgres: embedded.Postgres) -> Iterator[Engine]:
    """The database that tests share: nothing in it is ever committed."""
    with fresh_database(postgres) as shared:
        yield shared


@pytest.fixture
def fresh_engine(postgres: embedded.Postgres) -> Iterator[Engine]:
    """An empty database of this test's own, for what must really commit (threads, processes)."""
    with fresh_database(postgres) as own:
        yield own


@pytest.fixture(scope="session")
def valkey_server(server_dir: Path) -> Iterator[embedded.Valkey]:
    server = embedded.Valkey(server_dir / "valkey", server_dir / "valkey.log")
    process = server.start()
    yield server
    embedded.stop(process, signal.SIGTERM)


@pytest.fixture
def valkey(valkey_server: embedded.Valkey) -> Iterator["redis.Redis"]:
    """A client of a real, empty Valkey."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session whose commits are savepoints: all of it is gone after the test."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def settings(engine: Engine, valkey_server: embedded.Valkey, tmp_path: Path) -> Settings:
    return Settings(
        env="test",
        data_dir=tmp_path,
        database_url=engine.url.render_as_string(hide_password=False),
        redis_url=valkey_server.url,
        secret_key="tests-only-secret-key-of-40-characters-00",
        stripe_api_key="sk_test_sandbox",
        stripe_webhook_secret="whsec_tests",
    )


@pytest.fixture
def app(settings: Settings, connection: Connection, valkey: "redis.Redis") -> Iterator[Flask]:
    """The application, inside the test's transaction: what a view commits, `session` sees."""
    app = market.create_app(settings)
    app.testing = True
    del app.extensions["reader"]  # its connections are outside of the transaction
    app.extensions["shown_version"] = lambda: connection.scalar(text(shown.SUM))
    own, mine = db.session, sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
    db.session = scoped_session(mine, scopefunc=own.registry.scopefunc)
    yield app
    db.session = own


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser that nobody has signed in with."""
    return Browser(app)


@pytest.fixture
def statements(connection: Connection) -> Iterator[list[str]]:
    """What is asked of the database from here on, savepoints aside."""
    asked: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            asked.append(statement)

    event.listen(connection, "before_cursor_execute", listen)
    yield asked
    event.remove(connection, "before_cursor_execute", listen)


@pytest.fixture
def ears() -> Iterator[Ears]:
    """A speech recognizer, and what it was sent."""
    with listening() as ears:
        yield ears
