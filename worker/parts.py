"""Parts of a large day, searched by whichever worker is free: bytes go through Valkey, and so do answers."""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

import redis

from market.delivery.planner.pool import Solved, Task
from market.delivery.planner.wire import read_answer, read_task, write_answer, write_task
from market.settings import read

WIDTH = 3  # parts under way; a worker has four places, and planning itself needs one
KEEP_SECONDS = 900
SLOWER = 4  # a busy machine gives a search this many times less than its CPU
WAIT_SECONDS = 30

log = logging.getLogger(__name__)


class Parts:
    """A pool of the planner. What nobody answers in time is searched in the planner's own process.

    `send` tells some worker the key of a part; it may do so twice, late or never.
    """

    width = WIDTH

    def __init__(
        self, valkey: redis.Redis, send: Callable[[str], object], wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._valkey, self._send, self._wait_seconds = valkey, send, wait_seconds
        self._threads = ThreadPoolExecutor(WIDTH)

    def submit(self, task: Task) -> "Future[Solved]":
        """The future is done when an answer has come, or when the search ended here."""
        return self._threads.submit(self._ask, task)

    def _ask(self, task: Task) -> Solved:
        key = f"part:{uuid.uuid4()}"
        try:
            self._valkey.set(key, write_task(task), ex=KEEP_SECONDS)
            self._send(key)
            patience = self._wait_seconds + SLOWER * task.cpu_seconds
            answer = cast(list[bytes] | None, self._valkey.blpop([_answer(key)], timeout=patience))
            if answer is not None:
                return read_answer(answer[1])
            log.warning("no worker answered part %s", key)
        except (redis.RedisError, OSError) as error:
            log.warning("part %s was lost: %s", key, error)
        return task.search()


def valkey() -> redis.Redis:
    """Where parts and answers lie. It must wait longer than any answer takes."""
    return redis.Redis.from_url(read().redis_url, socket_timeout=None, socket_connect_timeout=3)


def answer_part(valkey: redis.Redis, key: str) -> None:
    """Search the part under `key` and leave the answer. Nothing happens where it is gone, or answered."""
    data = cast(bytes | None, valkey.get(key))
    if data is None:
        return
    answer = write_answer(*read_task(data).search())
    with valkey.pipeline() as pipe:
        pipe.lpush(_answer(key), answer)
        pipe.expire(_answer(key), KEEP_SECONDS)
        pipe.delete(key)
        pipe.execute()


def _answer(key: str) -> str:
    return f"{key}:answer"
