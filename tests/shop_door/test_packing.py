"""The bench through its pages: tick, scan, hand over."""

import pytest

from market.orders.models import Fulfillment
from tests.builders.catalog import a_listing
from tests.builders.orders import an_order
from tests.builders.people import an_account


@pytest.fixture
def parts(session, shop, clerk, now):
    listing = a_listing(session, shop, now, stock=5)
    found = [an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0] for _ in "ab"]
    session.commit()
    return found


def test_orders_are_confirmed_packed_and_handed_over_by_scan(session, client, parts):
    numbers = [part.number for part in parts]
    page = client.get("/shop/pack").text
    assert all(number in page for number in numbers)
    assert "0 张标签" in client.get("/shop/pack/labels").text
    assert client.submit("/shop/pack/confirm", {"number": numbers}).location == "/shop/pack"
    sheet = client.get("/shop/pack/labels").text
    assert ("2 张标签" in sheet, sheet.count("<svg"), "13912345678" in sheet) == (True, 2, False)
    one = client.get(f"/shop/pack/labels?number={numbers[1]}&number=LX991231-ABCDEFGH-1").text
    assert ("1 张标签" in one, numbers[1] in one, numbers[0] in one) == (True, True, False)
    early = client.submit("/shop/hand-over", {"scans": numbers[0]})
    assert early.location == "/shop/hand-over"
    assert f"{numbers[0]} 还没包好" in client.get("/shop/hand-over").text
    client.submit("/shop/pack", {"scans": "\n".join([*numbers, "LX991231-ABCDEFGH-1"])})
    page = client.get("/shop/pack").text
    assert ("已包好 2 单" in page, "不是本店的单" in page) == (True, True)
    nothing = client.submit("/shop/pack", {"scans": " "})
    assert (nothing.status_code, "请先扫标签" in nothing.text) == (422, True)
    session.expire_all()
    assert {part.state for part in parts} == {Fulfillment.confirmed}
    assert "13912345678" not in client.get("/shop/hand-over").text
