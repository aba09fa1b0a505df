"""A rush on a pot while web and worker are killed: it is sold exactly, and nobody sees an error.

    python -m tests.drills.rush [--buyers N]

One county's pot pays for ten washers, and a hundred buyers, who all see the subsidised price, press the
button at once. In the other county one buyer, whose quota is one washer, presses on twenty devices, and goes
on for a second one. Web and worker are killed when some have their order and others wait. A request whose
answer is lost is sent again with the same key; a buyer who is shown a new price presses again.

Everybody ends with an order or a sentence, exactly ten orders and exactly one are subsidised, and `market
audit` exits 0. Exit 1 where something does not hold.
"""

import argparse
import contextlib
import sys
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from market.embedded import APP, Postgres
from market.kernel import clock
from market.kernel.ids import new_id
from market.ledger.post import post
from market.ledger.rules import credit, debit, pot, treasury
from market.orders.cart import Owner, put
from market.people.addresses import AddressInput, add_address
from market.people.models import Account
from market.people.passwords import hash_password
from market.people.sign_in import start_session
from market.places.models import Region
from market.seed.plans import PASSWORD
from market.shops.models import Shop
from market.subsidies import programmes
from market.subsidies.models import Pot
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.web import hidden
from tests.drills.kill import environment, kill
from tests.drills.person import Person, said
from tests.journeys.stack import Stack, eventually, running_stack

CROWDED, QUIET = "610924", "610728"
PAID_FOR = 10
DEVICES = 20
SUBSIDY_FEN = 389_85  # 15 % of the builders' washer
MOST_PRESSES = 12  # devices share a cart, and each may find it changed by the others
VICTIMS = ("web", "worker")


class Device(Person):
    """A browser that presses the button. `ended`: how each wish ended; `wrong`: what nobody should see."""

    def __init__(self, stack: Stack, phone: str, listing_id: str) -> None:
        super().__init__(stack, phone, PASSWORD)
        self.listing_id = listing_id
        self.ended: list[str] = []
        self.wrong: list[str] = []

    def put(self) -> str:
        """A washer in the cart; the checkout page that follows."""
        fields = {"listing_id": self.listing_id, "quantity": 1}
        self.post("/cart", f"/listing/{self.listing_id}", fields, str(new_id()))
        return self.get("/checkout").text

    def press(self, page: str) -> None:
        """Order what the page shows, and what it shows instead, until that is an order or a sentence."""
        for _ in range(MOST_PRESSES):
            fields = hidden(page, "expected_payable_fen")
            if not fields:
                self.ended.append("sentence")  # another device has ordered the cart
                return
            answer = self.post("/checkout", "/checkout", fields, page=page)
            page = answer.text
            if answer.status_code == 200:
                self.ended.append("order" if "placed=1" in answer.url else "sentence")
                return
            if answer.status_code != 422 or not said(page):
                break
        self.wrong.append(f"{self.phone}: {'; '.join(self.journal[-4:])}")


def emptied(session: Session, county_code: str, now: datetime) -> None:
    """The treasury takes back what the county's pots hold, so that one programme is left to rush on."""
    for row in session.scalars(select(Pot).where(Pot.county_code == county_code)):
        left = row.budget - row.held - row.committed - row.paid
        if left:
            lines = [
                debit(pot(row.programme_id, county_code), left),
                credit(treasury(row.programme_id, county_code), left),
            ]
            reference = f"{row.programme_id}:{county_code}"
            post(session, "subsidy.funded", reference, f"rush:{reference}", lines, now)
            row.budget -= left


def a_washer(session: Session, county_code: str, stock: int, paid_for: int, now: datetime) -> str:
    """A washer of grade 1, and a pot of a programme of the drill's own that pays for `paid_for` of it."""
    emptied(session, county_code, now)
    shop = session.scalars(select(Shop).where(Shop.county_code == county_code).order_by(Shop.id)).first()
    assert shop is not None
    listing = a_listing(session, shop, now, stock=stock)
    a_verified_label(session, listing, now)
    shipped = next(row for row in programmes.shipped() if row["id"] == "GB-2026")
    rules = {key: value for key, value in shipped["rules"].items() if key != "hard_delivery_cutoff"}
    begins, ends = (now - timedelta(days=1)).isoformat(), (now + timedelta(days=60)).isoformat()
    data = {**shipped, "id": "RUSH", "valid_from": begins, "valid_to": ends, "rules": rules}
    programmes.fund(session, programmes.publish(session, data), county_code, paid_for * SUBSIDY_FEN, now)
    return str(listing.id)


def some_buyers(
    session: Session, county_code: str, listing_id: str, number: int, now: datetime
) -> dict[str, str]:
    """People of the county with the washer in their cart; phone and token of a browser signed in as each."""
    hashed = hash_password(PASSWORD)
    villages = select(Region.code).where(Region.code.like(f"{county_code}%"), func.length(Region.code) == 12)
    village = session.scalars(villages.order_by(Region.code)).first()
    assert village is not None
    found = {}
    for turn in range(number):
        phone = f"138{county_code}{turn:02d}"[:11] if turn < 100 else f"137{county_code}{turn - 100:02d}"
        account = Account(phone=phone, name="王秀英", password_hash=hashed, created_at=now)
        session.add(account)
        session.flush()
        written = AddressInput(county_code, village[:9], village, "三组 12 号", account.name, phone)
        add_address(session, account.id, written, now)
        put(session, Owner(account_id=account.id), uuid.UUID(listing_id), 1, now)
        found[phone] = start_session(session, account, "", now).token
    return found


def devices(stack: Stack, buyers_wanted: int) -> list[Device]:
    """The browsers of both counties, signed in."""
    url = Postgres(stack.data / "postgres", stack.data / "postgres.log").url(APP)
    engine, now = create_engine(url), clock.now()
    with Session(engine) as session:
        crowded = a_washer(session, CROWDED, buyers_wanted, PAID_FOR, now)
        quiet = a_washer(session, QUIET, 3 * DEVICES, DEVICES, now)
        crowd = some_buyers(session, CROWDED, crowded, buyers_wanted, now)
        one = some_buyers(session, QUIET, quiet, 1, now)
        session.commit()
    engine.dispose()
    found = [_signed_in(stack, phone, token, crowded) for phone, token in crowd.items()]
    return found + [
        _signed_in(stack, phone, token, quiet) for phone, token in one.items() for _ in range(DEVICES)
    ]


def _signed_in(stack: Stack, phone: str, token: str, listing_id: str) -> Device:
    """A browser that has the cookie of a sign-in."""
    app = Flask(__name__)
    app.secret_key = str(environment(stack)["SECRET_KEY"])
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    device = Device(stack, phone, listing_id)
    device.http.cookies.set("session", signer.dumps({"_user_id": token}), domain="127.0.0.1")
    return device


def rush(found: list[Device], pressing: threading.Barrier) -> None:
    """Each looks at her page; when all have, they press."""

    def one(device: Device) -> None:
        try:
            page = device.get("/checkout").text
            pressing.wait()
            device.press(page)
            if device.ended == ["sentence"]:  # ordered on another device: one more, please
                device.press(device.put())
        except Exception as error:
            pressing.abort()
            device.wrong.append(f"{device.phone}: {error!r}: {'; '.join(device.journal[-4:])}")

    with ThreadPoolExecutor(len(found)) as pool:
        list(pool.map(one, found))


def kill_in_the_middle(stack: Stack, pressing: threading.Barrier, killed: list[str]) -> None:
    """Web and worker die when the first orders are there."""
    with contextlib.suppress(threading.BrokenBarrierError):
        pressing.wait()
        eventually(lambda: _orders(stack) >= 3, 30)
        orders = _orders(stack)
        with ThreadPoolExecutor(len(VICTIMS)) as pool:
            seconds = max(pool.map(lambda victim: kill(stack, victim, wipe=False), VICTIMS))
        killed.append(f"{' and '.join(VICTIMS)} after {orders} orders, back after {seconds:.1f} s")


def _orders(stack: Stack) -> int:
    (row,) = stack.rows("SELECT count(*) AS orders FROM orders")
    return int(row["orders"])


def drill(buyers_wanted: int = 100) -> list[str]:
    """Run the drill and print what happened; what is wrong at the end, nothing where all holds."""
    with running_stack() as stack:
        found = devices(stack, buyers_wanted)
        pressing, killed = threading.Barrier(len(found) + 1), list[str]()
        killer = threading.Thread(target=kill_in_the_middle, args=(stack, pressing, killed))
        killer.start()
        started = time.monotonic()
        rush(found, pressing)
        seconds = time.monotonic() - started
        killer.join()
        wrong = [line for device in found for line in device.wrong]
        sold: dict[str, Any] = {
            row["county_code"]: row
            for row in stack.rows(
                "SELECT county_code, count(*) AS orders, sum(subsidy_fen)::bigint AS subsidy_fen,"
                " count(*) FILTER (WHERE subsidy_fen > 0) AS subsidised FROM orders GROUP BY county_code"
            )
        }
        for county_code, expected in ((CROWDED, PAID_FOR), (QUIET, 1)):
            row = sold[county_code]
            if (row["subsidised"], row["subsidy_fen"]) != (expected, expected * SUBSIDY_FEN):
                wrong.append(f"{county_code}: {row}, expected {expected} subsidised")
        if sold[CROWDED]["orders"] != buyers_wanted:
            wrong.append(f"{buyers_wanted} buyers have {sold[CROWDED]['orders']} orders")
        if not killed:
            wrong.append("nothing was killed")
        checked = stack.market("audit")
        if checked.returncode:
            wrong.append(f"market audit: {checked.stdout}{checked.stderr}")
        ends = Counter(end for device in found for end in device.ended)
        print("killed:", "; ".join(killed))
        print("in the books:", *sold.values(), sep="\n  ")
        print(f"what was seen: {dict(ends)}; {seconds:.0f} s from the first page to the last answer")
        return wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.drills.rush", description=__doc__.split("\n")[0])
    parser.add_argument("--buyers", type=int, default=100)
    wrong = drill(parser.parse_args().buyers)
    print("\n".join(wrong) or "The pot was sold exactly, the quota held, and nobody saw an error.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
