"""Tallies that are too hot for a table: counted in Valkey by day, and read off now and then.

A tally is a hash ``tally:NAME:DAY`` of counts by key. It only ever grows, so whoever reads it off may do so
again and late. Should Valkey lose it, the day begins at nought: what had been read off stays.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast

import redis

KEEP = timedelta(days=8)
TIMEOUT_SECONDS = 0.3


def broker(url: str) -> redis.Redis:
    """A client that would rather give up than let a page wait."""
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, decode_responses=True
    )


def count(valkey: redis.Redis, name: str, day: date, key: str) -> None:
    """One more of `key` on `day`. Raises RedisError where Valkey is gone."""
    with valkey.pipeline(transaction=False) as pipe:
        pipe.hincrby(_hash(name, day), key)
        pipe.expire(_hash(name, day), KEEP)
        pipe.execute()


def counted(valkey: redis.Redis, name: str, today: date) -> Iterator[tuple[date, dict[str, int]]]:
    """The counts of every day that may still be kept, the oldest first. Raises as `count`."""
    for back in range(KEEP.days, -1, -1):
        day = today - timedelta(days=back)
        found = cast(dict[str, str], valkey.hgetall(_hash(name, day)))
        if found:
            yield day, {key: int(times) for key, times in found.items()}


def _hash(name: str, day: date) -> str:
    return f"tally:{name}:{day.isoformat()}"
