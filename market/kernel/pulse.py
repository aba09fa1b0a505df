"""The workers' pulse: a key in the broker that says when one of them was last heard from."""

from datetime import datetime, timedelta

import redis

KEY = "market:worker:heard"
SILENCE = timedelta(seconds=60)


def beat(broker_url: str, now: datetime) -> None:
    """Note that a worker is alive at `now`."""
    with redis.Redis.from_url(broker_url, socket_timeout=3, socket_connect_timeout=3) as broker:
        broker.set(KEY, now.isoformat(), ex=SILENCE)


def heard(broker_url: str, now: datetime) -> bool:
    """Whether a worker was heard from within `SILENCE`. Raises RedisError where the broker is gone."""
    with redis.Redis.from_url(broker_url, socket_timeout=1, socket_connect_timeout=1) as broker:
        last = broker.get(KEY)
    return isinstance(last, bytes) and now - datetime.fromisoformat(last.decode()) <= SILENCE
