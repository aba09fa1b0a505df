"""Finding among a million listings, at the database: ``python -m benchmarks.search [--listings N]``.

On a PostgreSQL of this command's own, with the settings it starts with plus 1 GB of shared buffers, one
county has every listing. Each line is a sentence as a visitor types it: read by `understand`, found by the
one statement of `find`, timed from sending it to having its rows, the sentences taking turns, on a connection
as the pages have it, which plans each kind of statement once. The CPU milliseconds are the database's own, by
the clock of its process: on a busy machine they say more than the wall. Exit 1 where a p99 is above the bar.
"""

import argparse
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

import market
from benchmarks.million import COUNTY, Size, a_million
from benchmarks.storefront import process_clock
from market.search.find import Found, Order, find
from market.search.understand import understand
from market.search.vocabulary import Vocabulary, load
from market.web.reader import Reader

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
        slow = _measure(Reader(server.url()), asked.rounds)
    sys.exit(slow)


def _measure(reader: Reader, rounds: int) -> int:
    reader.version()
    with reader.session() as session:
        connection = session.connection()
        vocabulary = load(session, COUNTY)
        cases = [(*case, *_case(session, vocabulary, *case)) for case in CASES]
        taken: list[list[float]] = [[] for _ in cases]
        spent = [0.0] * len(cases)
        clock = process_clock(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        for turn in range(rounds + 3):
            for number, (*_, sql, values, _found) in enumerate(cases):
                used, started = time.clock_gettime(clock), time.perf_counter()
                connection.exec_driver_sql(sql, values).all()
                if turn >= 3:
                    taken[number].append((time.perf_counter() - started) * 1000)
                    spent[number] += time.clock_gettime(clock) - used
    return _print(cases, taken, [it * 1000 / rounds for it in spent])


def _case(
    session: Session, vocabulary: Vocabulary, typed: str, order: Order, deep: bool
) -> tuple[str, Any, Found]:
    """The statement as PostgreSQL gets it with its values, and what it finds."""
    asked, after = understand(typed, vocabulary), None
    for _ in range(DEEP_PAGES if deep else 0):
        after = find(session, COUNTY, asked, TODAY, order=order, after=after).after
    sent: list[tuple[str, Any]] = []

    def listen(_c: object, _cursor: object, sql: str, values: Any, *_rest: object) -> None:
        sent.append((sql, values))

    event.listen(session.connection(), "before_cursor_execute", listen)
    found = find(session, COUNTY, asked, TODAY, order=order, after=after)
    event.remove(session.connection(), "before_cursor_execute", listen)
    return *sent[0], found


def _print(cases: list[Any], taken: list[list[float]], cpu_ms: list[float]) -> int:
    print("| typed | order | found | CPU ms | p50 ms | p99 ms |\n| --- | --- | ---: | ---: | ---: | ---: |")
    slow = 0
    for (typed, order, deep, *_sent, found), times, cpu in zip(cases, taken, cpu_ms, strict=True):
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
