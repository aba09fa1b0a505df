"""The sandbox's memory: Stripe objects as JSON in one SQLite file, all writes in one transaction at a time.

Members whose names begin with an underscore are the sandbox's own and never leave it; `_due_at` is the
moment at which something happens to the object by itself.
"""

import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Thing = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    created INTEGER NOT NULL, due_at INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_due ON objects (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, due_at REAL, attempts INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dropped', 'failed')));
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS faults (
    name TEXT PRIMARY KEY, remaining INTEGER, probability REAL NOT NULL, seconds REAL NOT NULL,
    match TEXT NOT NULL, happened INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), ahead_seconds INTEGER NOT NULL);
INSERT OR IGNORE INTO clock VALUES (1, 0);
"""


def new_id(prefix: str) -> str:
    """An id in Stripe's manner: the kind's prefix and 24 random characters."""
    letters = string.ascii_letters + string.digits
    return f"{prefix}_{''.join(secrets.choice(letters) for _ in range(24))}"


def public(thing: Thing) -> Thing:
    """`thing` as a client sees it."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


class Store:
    """One SQLite connection behind one lock; every use of it is inside `transaction`."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        # WAL survives the death of the process at any moment; only the machine's own crash may cost the tail.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator["Store"]:
        with self._lock:
            self.run("BEGIN IMMEDIATE")
            try:
                yield self
            except BaseException:
                self.run("ROLLBACK")
                raise
            self.run("COMMIT")

    def run(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def now(self) -> int:
        """The present second of the sandbox's clock, which `/_control` can set ahead."""
        return int(time.time()) + int(self.run("SELECT ahead_seconds FROM clock")[0][0])

    def advance(self, seconds: int) -> None:
        self.run("UPDATE clock SET ahead_seconds = ahead_seconds + ?", seconds)

    def get(self, kind: str, id_: str) -> Thing | None:
        rows = self.run("SELECT body FROM objects WHERE id = ? AND kind = ?", id_, kind)
        return json.loads(rows[0]["body"]) if rows else None

    def find(self, id_: str) -> Thing | None:
        """The object of any kind with this id."""
        rows = self.run("SELECT body FROM objects WHERE id = ?", id_)
        return json.loads(rows[0]["body"]) if rows else None

    def put(self, thing: Thing) -> None:
        """Keep `thing`, new or changed."""
        self.run(
            "INSERT INTO objects (id, kind, created, due_at, body) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
            thing["id"],
            thing["object"],
            thing["created"],
            thing.get("_due_at"),
            json.dumps(thing, ensure_ascii=False),
        )

    def due(self) -> list[Thing]:
        """What has something happen to it now."""
        rows = self.run("SELECT body FROM objects WHERE due_at <= ? ORDER BY due_at, seq", self.now())
        return [json.loads(row["body"]) for row in rows]
