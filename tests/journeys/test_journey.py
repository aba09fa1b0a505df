"""The market's whole story in a browser, on real parts: from a shop's listing to a village door and back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from market.embedded import OWNER
from market.kernel import clock
from tests.journeys import clerk, consumer, courier, operator, recycler, signing
from tests.journeys.conftest import Open, signed_in
from tests.journeys.stack import Stack, accounts, balanced, eventually
from tests.journeys.visits import go, looks_wrong, sign_in

pytestmark = pytest.mark.browser
COUNTY = "610924"


def test_a_heat_pump_goes_to_the_village_and_the_old_fridge_comes_back(stack: Stack, open_page: Open) -> None:
    seller, neighbor = accounts(stack, "clerk", COUNTY)[:2]
    other = a_listing(stack, neighbor["shop_id"])
    shop, second_shop, county = signed_in(open_page, seller, neighbor, accounts(stack, "operator", COUNTY)[0])

    heat_pump = clerk.list_heat_pump(shop)
    operator.verify_labels(county)

    # The buyer's phone runs no script: every page of hers works without.
    buyer = open_page(javascript=False)
    sign_in(buyer, accounts(stack, "consumer", COUNTY)[0])
    go(buyer, "/zone?category=heat_pump")
    go(buyer, f"/listing/{heat_pump}")
    assert "1 级" in buyer.locator("main").inner_text()
    paid = consumer.buy(buyer, [heat_pump, other], trade_in=("fridge", 8))
    assert parts(stack, paid) == ["placed", "placed"]

    to_the_hub(county, shop, second_shop)
    assert parts(stack, paid) == ["at_hub", "at_hub"]

    day_is_closed_by_the_clock(stack)
    operator.open_batch(county)
    operator.release(county)
    eventually(lambda: parts(stack, paid) == ["scheduled", "scheduled"])

    # What comes after the cut-off waits for the next day, unless the operator closes one more batch.
    cash = consumer.buy(buyer, [other], cash=True)
    to_the_hub(county, second_shop)
    operator.close_now(county)
    operator.release(county)

    couriers = signed_in(open_page, *accounts(stack, "courier", COUNTY))
    taken_fen = sum(courier.drive(page) for page in couriers)
    assert taken_fen == stack.rows("SELECT payable_fen FROM orders WHERE id = %s", cash)[0]["payable_fen"]
    eventually(lambda: parts(stack, paid) + parts(stack, cash) == ["delivered"] * 3)
    assert go(buyer, f"/orders/{paid}")
    assert "已送达" in buyer.locator("main").inner_text()
    assert looks_wrong(open_orders(open_page, stack, paid)) == []

    eventually(lambda: points(buyer, "等着到账") > 0)
    before = score(stack, seller["shop_id"])
    consumer.review(buyer, paid, 5, "装得很快，屋里暖和")
    assert score(stack, seller["shop_id"]) != before

    (scale,) = signed_in(open_page, accounts(stack, "recycler", COUNTY)[0])
    eventually(lambda: stack.rows("SELECT 1 FROM devices WHERE holder LIKE 'courier:%%'"))
    assert sum(signing.hand_over_all(page, "courier-hub", county) for page in couriers) == 1
    assert signing.hand_over_all(county, "hub-recycler", scale) == 1
    assert recycler.weigh_trade_ins(scale) == 1
    balanced(stack)
    spoiled_by_hand_is_found(stack)


def test_a_phone_sent_in_by_post_is_paid_in_points(stack: Stack, open_page: Open) -> None:
    sender, county_recycler = signed_in(
        open_page, accounts(stack, "consumer", COUNTY)[1], accounts(stack, "recycler", COUNTY)[0]
    )
    before = points(sender, "现在能用")
    path, code = consumer.send_in_phone(sender)
    quote = stack.rows("SELECT quote_fen FROM recycling_orders WHERE code = %s", code)[0]["quote_fen"]
    timers = stack.rows("SELECT kind FROM outbox WHERE kind LIKE 'recycling.%%' AND due_at > now()")
    assert timers, "the quote and the label have clocks"

    recycler.receive(county_recycler, code)
    recycler.find_as_told(county_recycler)
    eventually(lambda: points(sender, "现在能用") == before + quote)
    go(sender, path)
    assert f"{quote:,} 积分已到账" in sender.locator("main").inner_text()
    balanced(stack)


def to_the_hub(county: Page, *shops: Page) -> None:
    """Every shop confirms and hands over what it has sold, and the hub takes it in."""
    for shop in shops:
        clerk.confirm_and_hand_over(shop)
    operator.receive_all(county)


def a_listing(stack: Stack, shop_id: str) -> str:
    """Something of the shop's that one person can carry, with plenty in stock."""
    found = stack.rows(
        "SELECT l.id FROM listings l JOIN stock s ON s.listing_id = l.id WHERE l.shop_id = %s "
        "AND l.state = 'active' AND l.people_required = 1 AND s.on_hand > 2 ORDER BY l.price_fen DESC",
        shop_id,
    )
    return str(found[0]["id"])


def parts(stack: Stack, order_id: str) -> list[str]:
    """Where each shop's part of the order is."""
    rows = stack.rows("SELECT state FROM shop_orders WHERE order_id = %s ORDER BY number", order_id)
    return [row["state"] for row in rows]


def day_is_closed_by_the_clock(stack: Stack) -> None:
    """Move the county's cut-off into the past, and let beat find that it has come.

    What is promised for a later day could wait for a fuller one, so it is promised for tomorrow.
    """
    tomorrow = clock.local_date(clock.now()) + timedelta(days=1)
    stack.rows("UPDATE jobs SET promised_on = %s WHERE county_code = %s", tomorrow, COUNTY)
    stack.rows("UPDATE counties SET cutoff = '00:00' WHERE code = %s", COUNTY)
    eventually(lambda: _is_closed(stack), seconds=90)


def _is_closed(stack: Stack) -> bool:
    """Whether a batch has jobs. One without, closed before they came or while they could still wait for a
    fuller day, makes room for the clock's next."""
    if stack.rows("SELECT 1 FROM jobs WHERE batch_id IS NOT NULL AND county_code = %s", COUNTY):
        return True
    done = "(SELECT id FROM batches WHERE state = 'done')"
    stack.rows(f"UPDATE jobs SET left_out_of = NULL WHERE left_out_of IN {done}")
    stack.rows(f"DELETE FROM batch_roads WHERE batch_id IN {done}")
    stack.rows("DELETE FROM batches WHERE county_code = %s AND state = 'done'", COUNTY)
    return False


def score(stack: Stack, shop_id: str) -> Any:
    rows = stack.rows("SELECT score FROM ratings WHERE subject_kind = 'shop' AND subject_id = %s", shop_id)
    return rows[0]["score"] if rows else None


def points(page: Page, label: str) -> int:
    """The figure under `label` on the page of points."""
    go(page, "/points")
    text = page.locator(".stat", has_text=label).inner_text()
    return int(re.sub(r"\D", "", text.removeprefix(label)))


def open_orders(open_page: Open, stack: Stack, order_id: str) -> Page:
    (page,) = signed_in(open_page, accounts(stack, "consumer", COUNTY)[0])
    go(page, f"/orders/{order_id}")
    return page


def spoiled_by_hand_is_found(stack: Stack) -> None:
    """A posting that the database's owner takes away is named, with exit 1; put back, the audit is clean."""
    (taken,) = stack.rows(
        "DELETE FROM ledger_postings"
        " WHERE (entry_id, line) = (SELECT entry_id, line FROM ledger_postings LIMIT 1)"
        " RETURNING entry_id, line, account_code, amount",
        role=OWNER,
    )
    checked = stack.market("audit")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert f"ledger entry {taken['entry_id']} has lost a posting" in checked.stdout
    stack.rows("INSERT INTO ledger_postings VALUES (%s, %s, %s, %s)", *taken.values(), role=OWNER)
    balanced(stack)
