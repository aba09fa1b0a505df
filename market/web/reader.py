"""Reads for pages that many see: a connection of each thread's own, each statement its own transaction."""

import threading

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from market.kernel import shown

_SUM = b"shown_sum"


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
        )
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
            _driver(found).pgconn.prepare(_SUM, shown.SUM.encode())
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
