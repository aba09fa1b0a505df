"""Idempotency keys as Stripe documents them.

The status and body of the first request that began to execute are saved under its key, success or failure,
500 included, and given to every later request with the key. Other parameters or another endpoint under the
key are an error; a request that comes while the first is at work gets 409. What failed validation, or was
turned away by a limit, saves nothing. Keys are forgotten after a day.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from market.sandbox.errors import NotExecuted, StripeError, key_in_use, key_reused
from market.sandbox.store import Store, Thing

KEPT_SECONDS = 24 * 3600
Endpoint = Callable[[Store], Thing]


@dataclass(frozen=True)
class Answer:
    """A status and the exact text of the body, and the request that first got it."""

    status: int
    body: str
    request_id: str
    replayed: bool = False


class InFlight:
    """The keys whose first request is at work now."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Raises NotExecuted (409) where another request holds `key`."""
        with self._lock:
            if key in self._keys:
                raise key_in_use(key)
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)


def fingerprint(path: str, wanted: Thing) -> str:
    """What must be the same for a key to be used again."""
    return hashlib.sha256(json.dumps([path, wanted], sort_keys=True).encode()).hexdigest()


def execute(store: Store, request_id: str, endpoint: Endpoint) -> Answer:
    """Run `endpoint` in the caller's transaction. Raises NotExecuted where it did not begin."""
    try:
        status, body = 200, endpoint(store)
    except NotExecuted:
        raise
    except StripeError as error:
        status, body = error.status, error.body
    return Answer(status, json.dumps(body, ensure_ascii=False, indent=2), request_id)


def execute_once(store: Store, key: str, print_: str, request_id: str, endpoint: Endpoint) -> Answer:
    """As `execute`, but the first answer under `key` is the answer."""
    store.run("DELETE FROM answers WHERE created <= ?", store.now() - KEPT_SECONDS)
    for row in store.run("SELECT * FROM answers WHERE key = ?", key):
        if row["fingerprint"] != print_:
            raise key_reused(key)
        return Answer(row["status"], row["body"], row["request_id"], replayed=True)
    answer = execute(store, request_id, endpoint)
    store.run(
        "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)",
        key,
        print_,
        request_id,
        store.now(),
        answer.status,
        answer.body,
    )
    return answer
