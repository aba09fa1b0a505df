"""The storefront's pages beside bare Flask: ``python -m benchmarks.storefront [--listings 1000000]``.

A PostgreSQL of its own is filled (`benchmarks.million`); the market and a Flask application with one route
run on the same server, two processes each as `market web` has them. Rounds take turns: bare Flask, then
each page *uncached* (an address that nobody asked for before), *kept* (a copy from the shelf, gzip) and
*304* (the browser has it). CPU is of the web's processes and of the database's, by the system's own clocks
of processes: on a machine that others use as well, the ratio of CPU milliseconds says more than requests a
second. Each round begins with a few requests that do not count, in which each process draws what it keeps.
The last column is the 99th percentile of wall milliseconds with 16 connections.
"""

import argparse
import http.client
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import psutil
from sqlalchemy import Engine, create_engine, text

from benchmarks.million import Size, a_million
from market import embedded
from tests.builders.stripe_sandbox import free_port

CONNECTIONS = 16
WARM_UP = 16
SETTINGS = ("shared_buffers=1GB", "max_wal_size=4GB")
AGENT = {"User-Agent": "Mozilla/5.0 (Linux; Android 9)", "Accept-Encoding": "gzip"}


@dataclass
class Case:
    """One way to ask for one page; `path` of a number is where request number n goes."""

    name: str
    server: "Server"
    path: Callable[[int], str]
    headers: Mapping[str, str] = field(default_factory=dict)
    wall_ms: list[float] = field(default_factory=list)
    web_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    crowd_ms: list[float] = field(default_factory=list)
    body_bytes: int = 0
    status: int = 0


@dataclass
class Server:
    """A web server, and the database whose CPU counts with it."""

    process: psutil.Process
    port: int
    database: psutil.Process | None

    def cpu_seconds(self) -> tuple[dict[int, float], dict[int, float]]:
        """What each of the web's and of the database's processes has used."""
        return _cpu(self.process), _cpu(self.database) if self.database else {}


def _cpu(process: psutil.Process) -> dict[int, float]:
    """CPU seconds of the process and of each of its children, by process."""
    found = {}
    for it in (process, *process.children(recursive=True)):
        with suppress(OSError):  # it has ended
            found[it.pid] = time.clock_gettime(process_clock(it.pid))
    return found


def process_clock(pid: int) -> int:
    """The clock of a process' CPU time, to the nanosecond, as Linux numbers it: clock_getcpuclockid(3)."""
    return (~pid << 3) | 2


def _spent_ms(before: Mapping[int, float], after: Mapping[int, float]) -> float:
    return 1000 * sum(spent - before.get(pid, 0.0) for pid, spent in after.items())


@contextmanager
def served(factory: str, port: int, environ: Mapping[str, str], database: int | None) -> Iterator[Server]:
    """The application on two worker processes with four threads each, as `market web` runs it."""
    command = (
        sys.executable, "-m", "granian", factory, "--factory", "--interface", "wsgi", "--port", str(port),
        "--workers", "2", "--blocking-threads", "4", "--no-access-log", "--log-level", "warning",
    )  # fmt: skip
    with subprocess.Popen(command, env={**os.environ, **environ}) as running:  # noqa: S603 - our own
        try:
            _wait(port)
            yield Server(psutil.Process(running.pid), port, psutil.Process(database) if database else None)
        finally:
            running.send_signal(signal.SIGTERM)


def _wait(port: int) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), "/", {})
            return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("the server does not answer")


def _ask(
    connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str]
) -> tuple[http.client.HTTPResponse, bytes, float]:
    began = time.perf_counter()
    connection.request("GET", path, headers={**AGENT, **headers})
    answer = connection.getresponse()
    body = answer.read()
    return answer, body, (time.perf_counter() - began) * 1000


def measure(case: Case, requests: int, first: int) -> None:
    """One round: requests one after the other on one connection, then as many by a crowd."""
    connection = http.client.HTTPConnection("127.0.0.1", case.server.port, timeout=60)
    for number in range(WARM_UP):
        _ask(connection, case.path(first + number), case.headers)
    first += WARM_UP
    web, database = case.server.cpu_seconds()
    for number in range(requests):
        answer, body, spent_ms = _ask(connection, case.path(first + number), case.headers)
        case.wall_ms.append(spent_ms)
    case.status, case.body_bytes = answer.status, len(body)
    web_after, database_after = case.server.cpu_seconds()
    case.web_ms.append(_spent_ms(web, web_after) / requests)
    case.database_ms.append(_spent_ms(database, database_after) / requests)
    _crowd(case, requests, first + requests)


def _crowd(case: Case, requests: int, first: int) -> None:
    def ask(start: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", case.server.port, timeout=60)
        for number in range(start, first + requests, CONNECTIONS):
            case.crowd_ms.append(_ask(connection, case.path(number), case.headers)[2])

    crowd = [threading.Thread(target=ask, args=(first + it,)) for it in range(CONNECTIONS)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()


def a_visitor(server: Server, path: str) -> dict[str, str]:
    """The headers of a browser that has the page: its session and the page's ETag."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    first, _, _ = _ask(connection, path, {})
    cookie = {"Cookie": (first.getheader("Set-Cookie") or "").split(";")[0]}
    again, _, _ = _ask(connection, path, cookie)
    return {**cookie, "If-None-Match": again.getheader("ETag") or ""}


def cases(bare: Server, market: Server, engine: Engine) -> list[Case]:
    """Bare Flask and every page three ways."""
    with engine.connect() as connection:
        listing, product = connection.execute(
            text("SELECT id, product_id FROM listings WHERE state = 'active' ORDER BY id LIMIT 1")
        ).one()
    pages = {
        "home": "/?",
        "list": "/category/fridge?",
        "product": f"/listing/{listing}?",
        "model": f"/p/{product}?",
        "search": "/search?q=%E5%86%B0%E7%AE%B1&",
        "cart": "/cart?",
    }
    found = [Case("bare Flask", bare, lambda _n: "/")]
    run = secrets.token_hex(3)
    for name, page in pages.items():
        found.append(Case(f"{name}, uncached", market, lambda n, page=page: f"{page}u={run}{n}"))
        found.append(Case(f"{name}, kept", market, lambda _n, page=page: f"{page}k=1"))
        found.append(Case(f"{name}, 304", market, lambda _n, page=page: f"{page}k=1"))
    return found


def report(every: list[Case]) -> None:
    """The table, in Markdown."""
    base = median(every[0].web_ms)
    print(
        "| page | status | body bytes | web CPU ms | database CPU ms | ratio | p50 ms | p99 ms | p99 of 16 |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for case in every:
        web, database = median(case.web_ms), median(case.database_ms)
        print(
            f"| {case.name} | {case.status} | {case.body_bytes:,} | {web:.2f} | {database:.2f}"
            f" | {base / (web + database):.2f} | {median(case.wall_ms):.1f}"
            f" | {quantiles(case.wall_ms, n=100)[98]:.1f} | {quantiles(case.crowd_ms, n=100)[98]:.1f} |"
        )


def main() -> None:
    """Fill, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder to keep the database in, and find it in")
    parser.add_argument("--requests", type=int, default=200, help="in each round, of each case")
    asked = parser.parse_args()
    size = Size(asked.listings, max(asked.listings // 4, 1))
    with (
        tempfile.TemporaryDirectory(prefix="market-storefront-") as folder,
        a_million(size, asked.keep, SETTINGS) as postgres,
    ):
        environ = {
            "DATABASE_URL": postgres.url(),
            "MARKET_DATA": folder,
            "REDIS_URL": "",
            "LOG_LEVEL": "WARNING",
        }
        ports = free_port(), free_port()
        with (
            served("benchmarks.bare_flask:create_app", ports[0], {}, None) as bare,
            served("market.web.process:create", ports[1], environ, _server_of(postgres)) as market,
        ):
            every = cases(bare, market, create_engine(postgres.url()))
            for number in range(asked.rounds + 1):
                for case in every:
                    if case.name.endswith("304"):
                        case.headers = a_visitor(market, case.path(0))
                    measure(case, asked.requests, number * 2 * (asked.requests + WARM_UP))
                if number == 0:  # the first round warms up
                    for case in every:
                        for figures in (case.wall_ms, case.web_ms, case.database_ms, case.crowd_ms):
                            figures.clear()
            report(every)
            resident = [it.memory_info().rss / 1e6 for it in market.process.children()]
            print("web", " + ".join(f"{it:.0f}" for it in resident), "MB")


def _server_of(postgres: embedded.Postgres) -> int:
    """The process id of the server, whose children answer."""
    return int((postgres.data / "postmaster.pid").read_text().split()[0])


if __name__ == "__main__":
    main()
