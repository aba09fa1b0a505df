"""Finding among a million listings, at the database: ``python -m benchmarks.search [--listings N]``.

On a PostgreSQL of this command's own, with the settings it starts with plus 1 GB of shared buffers, one
county has every listing. Each line is a sentence as a visitor types it: read by `understand`, found by the
one statement of `find`, timed from sending it to having its rows, the sentences taking turns. The CPU
milliseconds are the database's own, by the system's counters: on a busy machine they say more than the wall.
Exit 1 where a p99 is above the bar.
"""

import argparse
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

import market
from benchmarks.million import COUNTY, Size, a_million
from market.search.asked import Asked
from market.search.find import Order, find, statement
from market.search.understand import understand
from market.search.vocabulary import Vocabulary, load

BAR_MS = 20.0
TODAY = date(2026, 11, 1)
SETTINGS = ("shared_buffers=1GB", "max_wal_size=4GB")
DEEP_PAGES = 200
# What is typed, the order, and whether from page 200 on.
CASES = (
    ("冰箱", Order.relevance, False),
    ("冰箱", Order.price_up, False),
    ("冰箱", Order.price_up, True),
    ("空调", Order.cost_up, False),
    ("洗衣机", Order.newest, False),
    ("电视", Order.rating, False),
    ("智能", Order.relevance, False),
    ("变频", Order.price_up, False),
    ("静音", Order.price_down, False),
    ("三门", Order.relevance, False),
    ("节能", Order.newest, False),
    ("费电少的三门冰箱 两千以内", Order.relevance, False),
    ("费电少的三门冰箱 两千以内", Order.price_up, False),
    ("空调 三门", Order.relevance, False),
    ("一级能效 静音 滚筒洗衣机 1500到2500", Order.relevance, False),
    ("卧式冷柜", Order.price_up, False),
    ("fr-101b", Order.relevance, False),
    ("大字大声手机", Order.relevance, False),
    ("拖拉机", Order.relevance, False),
    ("", Order.newest, True),
)


def main() -> None:
    """Fill, warm, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="A folder to keep the database in, and find it in.")
    asked = parser.parse_args()
    market.load_models()
    size = Size(asked.listings, asked.listings // 4, min(200, asked.listings // 1000 + 1))
    with a_million(size, asked.keep, SETTINGS) as server:
        slow = _measure(create_engine(server.url()), asked.rounds)
    sys.exit(slow)


def _measure(engine: Engine, rounds: int) -> int:
    with engine.connect() as connection, Session(connection) as session:
        vocabulary = load(session, COUNTY)
        cases = [(*case, *_case(session, vocabulary, *case)) for case in CASES]
        taken: list[list[float]] = [[] for _ in cases]
        spent = [0.0] * len(cases)
        backend = psutil.Process(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        for turn in range(rounds + 3):
            for number, (*_, sql, _found) in enumerate(cases):
                used, started = sum(backend.cpu_times()[:2]), time.perf_counter()
                connection.exec_driver_sql(sql).all()
                if turn >= 3:
                    taken[number].append((time.perf_counter() - started) * 1000)
                    spent[number] += sum(backend.cpu_times()[:2]) - used
    return _print(cases, taken, [it * 1000 / rounds for it in spent])


def _case(session: Session, vocabulary: Vocabulary, typed: str, order: Order, deep: bool) -> tuple[str, Any]:
    """The statement as PostgreSQL gets it, and what it finds."""
    asked, after = understand(typed, vocabulary), None
    for _ in range(DEEP_PAGES if deep else 0):
        after = find(session, COUNTY, asked, TODAY, order=order, after=after).after
    return _sql(session, asked, order, after), find(session, COUNTY, asked, TODAY, order=order, after=after)


def _sql(session: Session, asked: Asked, order: Order, after: str | None) -> str:
    query = statement(asked, order=order, after=after).params(county_code=COUNTY, today=TODAY)
    return str(query.compile(session.connection(), compile_kwargs={"literal_binds": True})).replace("%%", "%")


def _print(cases: list[Any], taken: list[list[float]], cpu_ms: list[float]) -> int:
    print("| typed | order | found | CPU ms | p50 ms | p99 ms |\n| --- | --- | ---: | ---: | ---: | ---: |")
    slow = 0
    for (typed, order, deep, _sql, found), times, cpu in zip(cases, taken, cpu_ms, strict=True):
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        slow += p99 > BAR_MS
        count = f"{found.total}{'+' if found.is_more else ''}{' part' if found.is_part else ''}"
        where = f"{order}, page {DEEP_PAGES + 1}" if deep else str(order)
        print(f"| {typed or '(everything)'} | {where} | {count} | {cpu:.1f} | {p50:.2f} | {p99:.2f} |")
    every = sorted(one for times in taken for one in times)
    print(
        f"\nall: p50 {statistics.median(every):.2f} ms, p99 {statistics.quantiles(every, n=100)[98]:.2f} ms"
    )
    return 1 if slow else 0


if __name__ == "__main__":
    main()
