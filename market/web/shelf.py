"""Where one process keeps its copies of pages, and how it learns whether they still hold."""

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import psycopg

from market.kernel import shown
from market.web.kept_page import KeptPage

MOST_BYTES = 32 * 1024 * 1024

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A page with its headers, as long as `holds` is what holds now."""

    page: KeptPage
    headers: tuple[tuple[str, str], ...]
    holds: tuple[int, int]
    looked_at: uuid.UUID | None


class Shelf:
    """The copies of one process, the least lately used going first where they grow beyond `most_bytes`."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._copies: OrderedDict[Key, Copy] = OrderedDict()
        self._lock = threading.Lock()
        self._most_bytes, self.size_bytes = most_bytes, 0

    def find(self, key: Key, holds: tuple[int, int]) -> Copy | None:
        """The copy, if it still holds."""
        with self._lock:
            copy = self._copies.get(key)
            if copy is None or copy.holds != holds:
                return None
            self._copies.move_to_end(key)
            return copy

    def put(self, key: Key, copy: Copy) -> None:
        """Keep the copy instead of an earlier one."""
        with self._lock:
            self._drop(self._copies.pop(key, None))
            self._copies[key] = copy
            self.size_bytes += copy.page.size_bytes
            while self.size_bytes > self._most_bytes:
                self._drop(self._copies.popitem(last=False)[1])

    def _drop(self, copy: Copy | None) -> None:
        self.size_bytes -= copy.page.size_bytes if copy else 0


class Versions:
    """Asks PostgreSQL for `kernel.shown`'s number, on a connection of each thread's own."""

    def __init__(self, database_url: str) -> None:
        self._conninfo = database_url.replace("+psycopg", "", 1)
        self._own = threading.local()

    def __call__(self) -> int | None:
        """The number; None where the database does not answer."""
        for _again in range(2):
            try:
                row = self._cursor().execute(shown.SUM).fetchone()
                return int(row[0]) if row else None
            except psycopg.Error:
                self._own.cursor = None
        return None

    def _cursor(self) -> "psycopg.Cursor[Any]":
        found: psycopg.Cursor[Any] | None = getattr(self._own, "cursor", None)
        if found is None or found.connection.closed:
            connection = psycopg.connect(self._conninfo, autocommit=True, prepare_threshold=0)
            self._own.cursor = found = connection.cursor()
        return found
