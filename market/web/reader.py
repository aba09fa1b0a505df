"""Reads for pages that many see: a connection of each thread's own, each statement its own transaction.

A page's statement joins up to ten tables, and PostgreSQL takes longer to plan it than to answer. So it is
planned once a connection (`plan_cache_mode`), whatever is asked for: the statements walk an index up to a
limit and read the rest by key. The one figure that a plan must know is that limit, which stands in the text.
"""

import threading
from typing import Any, ClassVar, Self

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from market.kernel import shown
from market.kernel.db import connect_args

_SUM = b"shown_sum"
_MOST_DESCRIBED = 1_000
_PLAN_ONCE = b"SET plan_cache_mode = force_generic_plan"


class _Cursor(psycopg.Cursor[Any]):
    """Describes the columns of a statement once: SQLAlchemy asks each time, and looks the first time only."""

    _known: ClassVar[dict[Any, list[psycopg.Column]]] = {}
    _asked: Any = None

    def execute(self, query: Any, *values: Any, **options: Any) -> Self:
        """Ask."""
        self._asked = query
        return super().execute(query, *values, **options)

    @property
    def description(self) -> list[psycopg.Column] | None:
        """The columns; None where there are none."""
        found = self._known.get(self._asked) or super().description
        if found and len(self._known) < _MOST_DESCRIBED:
            self._known[self._asked] = found
        return found


class _Compiler(PGCompiler_psycopg):
    """Writes a limit into the text."""

    def limit_clause(self, select: Any, **options: Any) -> str:
        return str(super().limit_clause(select, **options, literal_execute=True))  # type: ignore[no-untyped-call]


class Reader:
    """Connections that are asked for `kernel.shown`'s number first, which also tells whether they still live.

    A pool's check-out, its ping, BEGIN and ROLLBACK would each be a trip of their own.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(
            database_url,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={**connect_args(database_url), "prepare_threshold": 1, "cursor_factory": _Cursor},
        )
        self._engine.dialect.statement_compiler = _Compiler
        self._own = threading.local()

    def version(self) -> int | None:
        """The number; None where the database does not answer."""
        for _again in range(2):
            try:
                return self._ask(self._connection())
            except (psycopg.Error, DBAPIError):
                self._drop()
        return None

    def session(self) -> Session:
        """A session on this thread's connection, which must have been asked for the number just now."""
        return Session(self._connection(), autoflush=False)

    def _ask(self, connection: Connection) -> int:
        # libpq's own call: the cursor of psycopg costs twice what the server takes to answer.
        result = _driver(connection).pgconn.exec_prepared(_SUM, None)
        value = result.get_value(0, 0) if result.status == ExecStatus.TUPLES_OK else None
        if value is None:
            raise psycopg.OperationalError
        return int(value)

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._own, "connection", None)
        if found is None or found.invalidated:
            self._drop()
            found = self._own.connection = self._engine.connect()
            server = _driver(found).pgconn
            server.exec_(_PLAN_ONCE)
            server.prepare(_SUM, shown.SUM.encode())
        return found

    def _drop(self) -> None:
        dead: Connection | None = getattr(self._own, "connection", None)
        self._own.connection = None
        if dead is not None:
            dead.invalidate()
            dead.close()


def _driver(connection: Connection) -> "psycopg.Connection[tuple[object, ...]]":
    found = connection.connection.driver_connection
    if not isinstance(found, psycopg.Connection):
        raise TypeError(type(found).__name__)
    return found
