"""A whole market of the tests' own: `market up` with every real part, seeded, on a free port."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from market.embedded import APP, Postgres
from tests.builders.stripe_sandbox import free_port

READY_SECONDS = 300
MARKET = (sys.executable, "-m", "market.cli")


@dataclass
class Stack:
    """The running market. `accounts` is what the seed printed."""

    data: Path
    port: int
    accounts: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def market(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `market` command against this stack."""
        return subprocess.run(
            [*MARKET, *arguments], env=_environment(self.data, self.port), capture_output=True, text=True
        )

    def rows(self, query: str, *values: Any, role: str = APP) -> list[dict[str, Any]]:
        """What the database answers `role`; a change is committed."""
        with psycopg.connect(url_of(self, role).replace("+psycopg", ""), row_factory=dict_row) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []


def url_of(stack: Stack, role: str = APP) -> str:
    """Where SQLAlchemy finds the stack's database."""
    return Postgres(stack.data / "postgres", stack.data / "postgres.log").url(role)


def accounts(stack: Stack, role: str, county_code: str) -> list[dict[str, Any]]:
    """Everybody of `role` in the county, in the seed's order."""
    rows = stack.accounts["accounts"]
    return [row for row in rows if row["role"] == role and row["county_code"] == county_code]


def balanced(stack: Stack) -> None:
    """Every book adds up, and Stripe's agrees."""
    for command in ("audit", "reconcile"):
        checked = stack.market(command)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def _environment(data: Path, port: int) -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "STRIPE_API_KEY", "STRIPE_API_BASE", "MARKET_ENV", "WEB_CONCURRENCY")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "MARKET_DATA": str(data), "PORT": str(port)}


def eventually(check: Callable[[], Any], seconds: float = 20) -> Any:
    """The first true answer of `check` within `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
    return answer


@contextmanager
def running_stack(scale: int = 1) -> Iterator[Stack]:
    """`market up` and `market seed test`, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="market-journey-", ignore_cleanup_errors=True) as folder:
        data, port = Path(folder), free_port()
        environment = _environment(data, port)
        log = data / "up.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*MARKET, "up", "--data", str(data), "--port", str(port)],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_ready(process, log)
            stack = Stack(data, port, {})
            seeded = stack.market("seed", "test", "--json", "--scale", str(scale))
            assert seeded.returncode == 0, seeded.stderr
            stack.accounts = json.loads(seeded.stdout)
            yield stack
        finally:
            _stop(process)


def _wait_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while b'"event": "ready"' not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    hurry = threading.Timer(30, process.kill)
    hurry.start()
    process.wait()
    hurry.cancel()
