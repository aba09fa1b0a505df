"""Buy while the market's processes are killed, and see every order, charge and book come out right.

    python -m tests.drills.kill --rounds N --seed K [--buyers B]

A round is one SIGKILL (of web, worker, beat, PostgreSQL or Valkey; now and then Valkey's data is wiped too)
at a random moment while the buyers go on. A buyer repeats a request whose answer was lost, with the same key,
as a browser does.

At the end those who left their hosted page, or never saw that their order was placed, cancel; then, within
120 s, every order has ended (paid, canceled, or placed for cash), every charge has one order or a refund,
and `market audit` and `market reconcile` exit 0. The seed fixes what is killed when and what each buyer
wants; how threads interleave, it cannot. Exit 1 where something does not hold.
"""

import argparse
import contextlib
import json
import os
import random
import re
import signal
import statistics
import sys
import threading
import time
import uuid
from collections import Counter
from typing import Any

import redis
import requests

from tests.builders.web import hidden
from tests.drills.person import BACK_WITHIN_SECONDS, Lost, Person, said
from tests.journeys.stack import Stack, running_stack

VICTIMS = ("web", "worker", "beat", "postgres", "valkey")
WIPE_CHANCE = 0.15
SETTLED_WITHIN_SECONDS = 120
# Wants and their weights: what a buyer does with an order.
WANTS = {"pay": 5, "pay_then_cancel": 2, "decline": 1, "leave": 2, "cash": 3, "cash_then_cancel": 1}


class Buyer(threading.Thread):
    """Places one order after another until told to stop."""

    def __init__(self, stack: Stack, account: dict[str, Any], listings: list[str], seed: str) -> None:
        super().__init__(daemon=True)
        self.account, self.listings = account, listings
        self.person = Person(stack, account["phone"], account["password"])
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: list[str] = []  # what came instead of an order
        self.known: set[str] = set()  # orders whose answer she saw
        self.left: list[str] = []  # orders whose hosted page she left unpaid
        # What she wanted and each answer, by the order's key and, once she saw it, by its id.
        self.journals: dict[str, list[str]] = {}
        self.told: dict[str, str] = {}  # what she was told when she canceled an order
        self.error: BaseException | None = None
        self.stopped = threading.Event()

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                want = self.random.choices(list(WANTS), list(WANTS.values()))[0]
                self.done[want] += self._order(want)
                self.stopped.wait(self.random.uniform(0.2, 1.5))
        except BaseException as error:  # the drill reports it
            self.error = error

    def cancel(self, order_id: str) -> None:
        """Cancel an order, if it still can be."""
        self.person.journal = self.journals.setdefault(order_id, [])
        path = f"/orders/{order_id}"
        page = self.person.post(f"{path}/cancel", path, {}, str(uuid.uuid4()))
        self.told[order_id] = f"{page.status_code} {said(page.text) or page.url}"

    def _order(self, want: str) -> bool:
        person, listing = self.person, self.random.choice(self.listings)
        person.journal = [want]
        person.post("/cart", f"/listing/{listing}", {"listing_id": listing, "quantity": 1}, str(uuid.uuid4()))
        method = "cash" if want.startswith("cash") else "stripe"
        person.post("/checkout/payment", "/checkout/payment", {"payment_method": method, "points": 0})
        page = person.get("/checkout").text
        fields = hidden(page, "expected_payable_fen")
        if not fields:
            return False
        self.journals[fields["Idempotency-Key"]] = person.journal
        placed = person.post("/checkout", "/checkout", fields, page=page)
        found = re.search(r"/orders/([0-9a-f-]{36})", placed.url)
        if not found:
            self.refused.append(f"{placed.status_code} {placed.url} for {fields['Idempotency-Key']}")
            return False
        order_id = found[1]
        self.known.add(order_id)
        self.journals[order_id] = person.journal
        if method == "stripe":
            self._pay(order_id, want)
        if want.endswith("cancel"):
            self.cancel(order_id)
        return True

    def _pay(self, order_id: str, want: str) -> None:
        hosted = self.person.post(f"/orders/{order_id}/pay", f"/orders/{order_id}", {})
        if "/c/pay/" not in hosted.url or want == "leave":
            self.left.append(order_id)
            return
        if want == "decline":
            self.left.append(order_id)
        outcome = {"method": "alipay", "outcome": "decline" if want == "decline" else "pay"}
        answer = self.person.patiently(
            "POST", lambda: self.person.http.post(hosted.url, outcome, allow_redirects=False, timeout=20)
        )
        if answer.status_code == 303 and self.random.random() < 0.7:  # the others never come back
            self.person.get(answer.headers["Location"])


def kill(stack: Stack, victim: str, wipe: bool) -> float:
    """SIGKILL `victim`; the seconds until it has a new pid and the market says that it is ready."""
    pid_file = stack.data / "run" / f"{victim}.pid"
    before = int(pid_file.read_text())
    if wipe:
        with redis.Redis.from_url(str(environment(stack)["REDIS_URL"])) as broker:
            broker.flushall()
    started = time.monotonic()
    with contextlib.suppress(ProcessLookupError):  # it may have died by itself since
        os.kill(before, signal.SIGKILL)
    while time.monotonic() - started < BACK_WITHIN_SECONDS:
        time.sleep(0.2)
        with contextlib.suppress(OSError, ValueError, requests.RequestException):
            back = int(pid_file.read_text()) != before
            # As patient as a person: in a rush, this question waits behind a hundred others as well.
            if back and requests.get(f"{stack.url}/readyz", timeout=20).status_code == 200:
                return time.monotonic() - started
    raise Lost(f"{victim} is not back after {BACK_WITHIN_SECONDS} s")


def environment(stack: Stack) -> dict[str, str]:
    """Where the running market's parts are."""
    found: dict[str, str] = json.loads((stack.data / "run" / "environment.json").read_text())
    return found


CAPTURED = "SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.state = 'captured'"
WAITING = (
    "SELECT id, number, placement_key FROM orders"
    " WHERE state = 'placed' AND payment_state = 'due' AND payment_method = 'stripe' ORDER BY number"
)
UNSETTLED = {
    "orders that wait for money": "SELECT number || ' ' || id FROM orders"
    " WHERE state = 'placed' AND payment_state = 'due' AND payment_method = 'stripe'",
    "payments still open": "SELECT id FROM payments WHERE state = 'open'",
    "charges without an order or a refund": f"{CAPTURED} AND o.payment_state <> 'paid' AND NOT EXISTS"
    " (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.amount_fen = p.amount_fen)",
    "canceled orders whose money is not back": f"{CAPTURED} AND o.state = 'canceled' AND p.amount_fen <>"
    " (SELECT coalesce(sum(r.amount_fen), 0) FROM refunds r"
    " WHERE r.payment_id = p.id AND r.state = 'succeeded')",
    "outbox rows overdue": "SELECT kind FROM outbox WHERE state <> 'done' AND due_at < now()",
}


def unsettled(stack: Stack) -> dict[str, list[str]]:
    """What has not come to an end, by its number, id or kind."""
    found = {what: stack.rows(query) for what, query in UNSETTLED.items()}
    return {what: [str(*row.values()) for row in rows] for what, rows in found.items() if rows}


def never_seen(stack: Stack, buyer: Buyer) -> list[str]:
    """Orders that wait for money and whose answer never reached her; she finds them among her orders."""
    rows = stack.rows(
        "SELECT o.id FROM orders o JOIN accounts a ON a.id = o.account_id WHERE a.phone = %s"
        " AND o.state = 'placed' AND o.payment_state = 'due' AND o.payment_method = 'stripe'",
        buyer.account["phone"],
    )
    return [str(row["id"]) for row in rows if str(row["id"]) not in buyer.known]


def journals_of_waiting(stack: Stack, buyers: list[Buyer]) -> list[str]:
    """What became of each order that still waits for money: its buyer's journal and its payments."""
    found = []
    for order in stack.rows(WAITING):
        payments = stack.rows("SELECT * FROM payments WHERE order_id = %s ORDER BY id", order["id"])
        mine = [buyer.journals for buyer in buyers if order["placement_key"] in buyer.journals]
        answers = mine[0][order["placement_key"]] if mine else ["nobody's"]
        later = mine[0].get(str(order["id"]), []) if mine else []
        found.append(f"{order['number']}: {'; '.join(answers)}")
        if later is not answers:
            found.append(f"{order['number']}, later: {'; '.join(later)}")
        found += [f"{order['number']}: payment {payment}" for payment in payments]
    return found


def settle(stack: Stack, buyers: list[Buyer]) -> tuple[float, list[str]]:
    """Let those cancel who left or never saw the answer, and wait: (seconds it took, what is wrong)."""
    for buyer in buyers:
        for order_id in [*buyer.left, *never_seen(stack, buyer)]:
            buyer.cancel(order_id)
    started = time.monotonic()
    while (left := unsettled(stack)) and time.monotonic() - started < SETTLED_WITHIN_SECONDS:
        time.sleep(1)
    seconds = time.monotonic() - started
    wrong = [f"{len(which)} {what}: {', '.join(which)}" for what, which in left.items()]
    for command in ("audit", "reconcile"):
        checked = stack.market(command)
        if checked.returncode:
            wrong.append(f"market {command}: {checked.stdout}{checked.stderr}")
    return seconds, wrong


def drill(rounds: int, seed: int, buyers_wanted: int, scale: int = 3) -> list[str]:
    """Run the drill and print what happens; what is wrong at the end, nothing where all holds."""
    chance = random.Random(seed)
    with running_stack(scale=scale) as stack:
        accounts = [row for row in stack.accounts["accounts"] if row["role"] == "consumer"][:buyers_wanted]
        buyers = [
            Buyer(stack, account, _listings(stack, account["county_code"]), f"{seed}:{number}")
            for number, account in enumerate(accounts)
        ]
        for buyer in buyers:
            buyer.start()
        killed: Counter[str] = Counter()
        recoveries = []
        for number in range(1, rounds + 1):
            time.sleep(chance.uniform(1, 6))
            victim = chance.choice(VICTIMS)
            wipe = victim == "valkey" and chance.random() < WIPE_CHANCE * len(VICTIMS)
            recoveries.append(kill(stack, victim, wipe))
            killed[victim + (" and its data" if wipe else "")] += 1
            what = f"{victim}{' and its data' if wipe else ''}"
            print(f"round {number}/{rounds}: {what}, back after {recoveries[-1]:.1f} s", flush=True)
            if broken := [buyer for buyer in buyers if buyer.error]:
                return [f"buyer {it.account['phone']}: {it.error!r}" for it in broken]
        for buyer in buyers:
            buyer.stopped.set()
        for buyer in buyers:
            buyer.join(3 * BACK_WITHIN_SECONDS)
        seconds, wrong = settle(stack, buyers)
        sums = _report(stack, buyers, killed, recoveries, seconds)
        if sums["orders"] < rounds or not sums["charges"]:
            wrong.append("hardly anybody could buy: the drill has shown nothing")
        if wrong:
            wrong += [refusal for buyer in buyers for refusal in buyer.refused]
            wrong += journals_of_waiting(stack, buyers)
            wrong += [f"canceled {it}: {words}" for buyer in buyers for it, words in buyer.told.items()]
        return wrong + [f"buyer {it.account['phone']}: {it.error!r}" for it in buyers if it.error]


def _listings(stack: Stack, county_code: str) -> list[str]:
    rows = stack.rows(
        "SELECT l.id FROM listings l JOIN shops s ON s.id = l.shop_id"
        " WHERE s.county_code = %s AND l.state = 'active' ORDER BY l.id",
        county_code,
    )
    return [str(row["id"]) for row in rows]


def _report(
    stack: Stack, buyers: list[Buyer], killed: Counter[str], recoveries: list[float], seconds: float
) -> dict[str, Any]:
    """Print what happened; the counts of what is in the books."""
    wants = sum((buyer.done for buyer in buyers), Counter())
    (sums,) = stack.rows(
        "SELECT (SELECT count(*) FROM orders) AS orders,"
        " (SELECT count(*) FROM orders WHERE payment_state = 'paid') AS paid,"
        " (SELECT count(*) FROM orders WHERE state = 'canceled') AS canceled,"
        " (SELECT count(*) FROM payments WHERE state = 'captured') AS charges,"
        " (SELECT count(*) FROM refunds WHERE state = 'succeeded') AS refunds"
    )
    print("kills:", dict(killed))
    print("wanted and placed:", dict(wants))
    print("in the books:", sums)
    print(f"back after {statistics.median(recoveries):.1f} s in the median, {max(recoveries):.1f} s at most;"
          f" all ended {seconds:.0f} s after the last order")  # fmt: skip
    return sums


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.drills.kill", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--buyers", type=int, default=20)
    chosen = parser.parse_args()
    wrong = drill(chosen.rounds, chosen.seed, chosen.buyers)
    print(
        "\n".join(wrong) or "Every order has ended, every charge has its order or refund, the books balance."
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
