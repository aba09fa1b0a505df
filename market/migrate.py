"""Bring a database to the newest schema, and tell how far it is. No alembic.ini: all of it is here."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

SCRIPTS = Path(__file__).parents[1] / "migrations"
LOCK = 0x6C78  # any number that no other advisory lock of ours uses


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, for its commands on `connection`."""
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    settings.attributes["connection"] = connection
    return settings


@cache
def head() -> str | None:
    """The newest revision these sources know."""
    return ScriptDirectory.from_config(config()).get_current_head()


def current(connection: Connection) -> str | None:
    """The revision `connection`'s database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database at `url`; a second process waits, then has nothing to do."""
    _run(url, command.upgrade, revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database at `url` back to `revision`."""
    _run(url, command.downgrade, revision)


def _run(url: str, action: Callable[[Config, str], None], revision: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            action(config(connection), revision)
    finally:
        engine.dispose()
