"""The reads of pages that many see: the number first, on a connection of each thread's own."""

import threading

from flask import Flask
from sqlalchemy import Connection, Engine, bindparam, select, text

from market.kernel import shown
from market.kernel.db import connect_args
from market.places.models import County
from market.web.reader import Reader


def backend_of(reader: Reader) -> int:
    with reader.session() as session:
        return int(session.scalar(text("SELECT pg_backend_pid()")))


def changes(connection: Connection) -> int:
    return int(connection.scalar(text(shown.SUM)))


def test_the_number_is_that_of_the_last_commit_and_not_of_what_is_open(fresh_engine: Engine) -> None:
    reader = Reader(fresh_engine.url.render_as_string(hide_password=False))
    before = reader.version()
    with fresh_engine.connect() as writer:
        writer.execute(text("INSERT INTO shown_changes VALUES (1, 7)"))
        assert (reader.version(), changes(writer)) == (before, before + 7)
        writer.commit()
    assert reader.version() == before + 7


def test_a_thread_reads_on_one_connection_that_no_other_has_and_leaves_no_transaction_open(
    fresh_engine: Engine,
) -> None:
    reader, found = Reader(fresh_engine.url.render_as_string(hide_password=False)), []
    reader.version()
    mine = backend_of(reader)
    other = threading.Thread(target=lambda: found.append(backend_of(reader)))
    other.start()
    other.join()
    assert (backend_of(reader), found != [mine]) == (mine, True)
    with reader.session() as session, fresh_engine.connect() as watching:
        session.execute(text("SELECT 1"))
        state = watching.scalar(text("SELECT state FROM pg_stat_activity WHERE pid = :pid"), {"pid": mine})
    assert state == "idle"


def test_a_connection_that_was_cut_is_replaced_before_anybody_notices(fresh_engine: Engine) -> None:
    reader = Reader(fresh_engine.url.render_as_string(hide_password=False))
    number, first = reader.version(), backend_of(reader)
    with fresh_engine.connect() as killer:
        killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
    assert reader.version() == number
    assert backend_of(reader) != first


def test_a_database_that_does_not_answer_has_no_number() -> None:
    assert Reader("postgresql+psycopg://nobody@127.0.0.1:1/nowhere").version() is None


def test_a_statement_is_planned_once_for_whatever_it_asks_and_its_limit_stands_in_it(
    fresh_engine: Engine,
) -> None:
    reader = Reader(fresh_engine.url.render_as_string(hide_password=False))
    reader.version()
    wanted = select(County.code, County.name).where(County.code >= bindparam("least")).limit(7)
    kept = text(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%LIMIT 7%'"
    )
    with reader.session() as session:
        for least in ("1", "2", "3", "4"):
            session.execute(wanted, {"least": least}).all()
        assert session.execute(kept).all() == [(3, 0)]


def test_postgresql_compiles_no_statement_and_what_the_address_asks_for_holds(fresh_engine: Engine) -> None:
    url = fresh_engine.url.update_query_dict({"options": "-c statement_timeout=7s"})
    reader = Reader(url.render_as_string(hide_password=False))
    reader.version()
    with reader.session() as session:
        assert session.scalar(text("SHOW jit")) == "off"
        assert session.scalar(text("SHOW statement_timeout")) == "7s"


def test_so_it_is_on_every_other_connection(app: Flask) -> None:
    options = app.config["SQLALCHEMY_ENGINE_OPTIONS"]
    assert options["connect_args"] == connect_args("postgresql+psycopg://") == {"options": "-c jit=off"}


def test_each_statement_has_its_own_columns_however_often_they_take_turns(fresh_engine: Engine) -> None:
    reader = Reader(fresh_engine.url.render_as_string(hide_password=False))
    reader.version()
    one, other = text("SELECT 1 AS a, 2 AS b"), text("SELECT 'x' AS c")
    with reader.session() as session:
        found = [session.execute(it).mappings().one() for it in (one, other, one, other)]
    assert found == [{"a": 1, "b": 2}, {"c": "x"}] * 2
