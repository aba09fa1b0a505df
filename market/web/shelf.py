"""Where one process keeps its copies of pages."""

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass

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
