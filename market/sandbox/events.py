"""Events: each change is told once here, and goes out to the webhook until it is received."""

import copy
import time
from contextvars import ContextVar

from market.sandbox import faults
from market.sandbox.store import Store, Thing, new_id, public

API_VERSION = "2026-10-28.endive"
# The request that causes what happens; None for what happens by itself.
cause: ContextVar[Thing | None] = ContextVar("cause", default=None)


def emit(store: Store, kind: str, thing: Thing) -> None:
    """Keep the event `kind` about `thing` as it is now, and queue its delivery."""
    event = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": store.now(),
        "data": {"object": copy.deepcopy(public(thing))},
        "livemode": False,
        "pending_webhooks": 1,
        "request": cause.get() or {"id": None, "idempotency_key": None},
        "type": kind,
    }
    store.put(event)
    _queue(store, event)


def _queue(store: Store, event: Thing) -> None:
    kind = event["type"]
    state = "dropped" if faults.take(store, "drop", kind) is not None else "pending"
    due_at = time.time() + (faults.take(store, "delay", kind) or 0)
    copies = 2 if faults.take(store, "duplicate", kind) is not None else 1
    for _ in range(copies):
        store.run(
            "INSERT INTO deliveries (event, due_at, attempts, state) VALUES (?, ?, 0, ?)",
            event["id"],
            due_at,
            state,
        )
