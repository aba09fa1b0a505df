"""The tests' database: how an empty one gets its tables, and fresh copies of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, make_url, text

from market import migrate
from market.embedded import OWNER, Postgres
from market.kernel.ids import new_id


def create_tables(server: Postgres) -> None:
    """Every table, as the migrations make it, in the database that `fresh_database` copies."""
    migrate.upgrade(server.url(OWNER))


@contextmanager
def fresh_database(server: Postgres) -> Iterator[Engine]:
    """An engine, as the role of web and worker, on an empty copy of its own."""
    name = f"test_{new_id().hex}"
    admin = create_engine(server.url("postgres", "postgres"), isolation_level="AUTOCOMMIT")
    template = make_url(server.url()).database
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE {name} OWNER {OWNER} TEMPLATE "{template}"'))
    engine = create_engine(server.url(database=name), pool_size=60)
    try:
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
