"""Migrations are linear, say what the models say, and go back and forth over filled tables."""

import re
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Enum, func, inspect, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

import market
from market import migrate
from market.embedded import OWNER
from market.kernel.db import Base
from market.ledger.models import Posting
from market.ledger.post import post
from market.ledger.rules import BANK, COMMISSION, credit, debit
from market.seed.run import seed
from tests.database import fresh_database


def test_there_is_one_line_of_migrations():
    scripts = ScriptDirectory.from_config(migrate.config())
    assert len(scripts.get_heads()) == 1
    assert all(not isinstance(script.down_revision, tuple) for script in scripts.walk_revisions())


def test_the_migrations_make_what_the_models_say(engine):
    market.load_models()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_filled_tables_survive_the_way_down_and_up_again(postgres, now: datetime):
    with fresh_database(postgres) as own:
        seed(lambda: Session(own), "test", 1, 1, now, lambda *_: None)
        owner_url = postgres.url(OWNER, own.url.database or "")
        migrate.downgrade(owner_url, "base")
        with own.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
            assert inspect(connection).get_view_names() == []
        migrate.upgrade(owner_url)
        made = seed(lambda: Session(own), "test", 1, 1, now, lambda *_: None)
        assert len(made["counties"]) == 2


@pytest.mark.parametrize("statement", ["UPDATE ledger_postings SET amount = 1", "DELETE FROM ledger_entries",
                                       "TRUNCATE ledger_postings", "CREATE TABLE x (y int)"])  # fmt: skip
def test_the_application_can_neither_change_the_book_nor_the_schema(postgres, now: datetime, statement: str):
    with fresh_database(postgres) as own, Session(own) as session:
        post(session, "sale", "order:1", "k", [debit(BANK, 5), credit(COMMISSION, 5)], now)
        session.commit()
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(statement))
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Posting)) == 2


def test_a_reader_of_the_audit_views_sees_every_column_that_was_promised(engine):
    promised = {
        "audit_postings": ["entry_id", "account", "unit", "amount", "created_at", "reference"],
        "audit_stock": ["listing_id", "on_hand", "reserved", "allocated"],
        "audit_pots": ["programme_id", "budget", "held", "committed", "paid"],
        "audit_outbox": ["id", "kind", "state", "attempts", "due_at"],
    }
    with engine.connect() as connection:
        for view, columns in promised.items():
            assert list(connection.execute(text(f"SELECT * FROM {view}")).keys()) == columns


def test_every_list_of_values_is_the_models(engine: Engine) -> None:
    """Comparing tables does not look into checks: what only the model knows would fail on its first day."""
    market.load_models()
    known = {
        (table.name, f"ck_{table.name}_{column.type.name}"): set(column.type.enums)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    }
    checks = text(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE contype = 'c'"
    )
    with engine.connect() as connection:
        there = {
            (table, name): set(re.findall(r"'([^']*)'", told))
            for table, name, told in connection.execute(checks)
        }
    differing = {
        key: (values ^ there.get(key, set())) for key, values in known.items() if there.get(key) != values
    }
    assert differing == {}
