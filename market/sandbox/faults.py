"""Faults on demand: what a payment provider does to its clients on a bad day, switched by `/_control`."""

from dataclasses import dataclass
from random import SystemRandom

from market.sandbox.store import Store, Thing

# What each does, where `match` is a part of the event's type or of the request ("POST /v1/refunds").
NAMES = {
    "duplicate": "a webhook is delivered twice",
    "reorder": "the webhooks that wait are delivered newest first",
    "delay": "a webhook comes `seconds` late",
    "drop": "a webhook never comes",
    "bad_signature": "a webhook is signed with another secret, then retried",
    "slow": "a request takes `seconds` before its work begins, holding its idempotency key",
    "timeout": "a request's work is done, but after `seconds` the connection closes without an answer",
    "error_500": "a request fails inside; the answer is kept under its idempotency key, as Stripe's is",
    "rate_limit": "a request is turned away with 429 before it begins",
    "refund_failure": "a refund that was pending fails",
}
_random = SystemRandom()


@dataclass(frozen=True)
class Fault:
    """How one fault is set: `count` times (no limit where None), each chance with `probability`."""

    count: int | None = 1
    probability: float = 1.0
    seconds: float = 1.0
    match: str = ""


def switch(store: Store, name: str, fault: Fault) -> None:
    store.run(
        "INSERT OR REPLACE INTO faults VALUES (?, ?, ?, ?, ?, 0)",
        name,
        fault.count,
        fault.probability,
        fault.seconds,
        fault.match,
    )


def reset(store: Store) -> None:
    store.run("DELETE FROM faults")


def take(store: Store, name: str, subject: str) -> float | None:
    """The fault's seconds where it strikes `subject` now, and one fewer is left; else None."""
    for row in store.run("SELECT * FROM faults WHERE name = ? AND remaining IS NOT 0", name):
        if row["match"] in subject and _random.random() < row["probability"]:
            store.run(
                "UPDATE faults SET remaining = remaining - 1, happened = happened + 1 WHERE name = ?", name
            )
            return float(row["seconds"])
    return None


def state(store: Store) -> Thing:
    """Every fault as it is set, and how often it has happened."""
    rows = {row["name"]: dict(row) for row in store.run("SELECT * FROM faults")}
    return {name: {"does": does, **rows.get(name, {"remaining": 0})} for name, does in NAMES.items()}
