import pytest
from sqlalchemy import select

from market.inventory.models import SerialNumber
from market.inventory.queries import stock
from market.inventory.serials import add_serials
from market.orders.models import Fulfillment
from tests.builders.catalog import a_listing
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.shops import a_shop


@pytest.fixture
def shop_order(session, shop, now):
    """An order of one washer, to be paid in cash."""
    listing = a_listing(session, shop, now, stock=3)
    add_serials(session, listing, ["HR0001"], now)
    order = an_order(session, an_account(session, now), [(listing, 1)], now)
    session.commit()
    return order.shop_orders[0]


def counts(session, shop_order):
    listing_id = shop_order.lines[0].listing_id
    session.expire_all()
    row = stock(session, [listing_id])[listing_id]
    return row.on_hand, row.reserved, row.allocated


def test_an_order_is_confirmed_labelled_and_handed_over(session, client, clerk, shop_order):
    path = f"/shop/orders/{shop_order.id}"
    assert shop_order.number in client.get("/shop/").text
    assert client.submit(f"{path}/confirm").location == path
    assert (counts(session, shop_order), shop_order.state) == ((3, 0, 1), Fulfillment.confirmed)
    label = client.get(f"{path}/label").text
    assert "<svg" in label
    assert shop_order.number in label
    refused = client.submit(f"{path}/hand-over", {"serials": "HR0009"})
    assert (refused.status_code, "库里没有序列号 HR0009" in refused.text) == (422, True)
    assert client.submit(f"{path}/hand-over", {"serials": "HR0001"}).location == path
    assert session.scalars(select(SerialNumber)).one().reference == shop_order.lines[0].reference
    assert (counts(session, shop_order), shop_order.state) == ((2, 0, 0), Fulfillment.handed_over)
    assert shop_order.number in client.get("/shop/orders?tab=under_way").text


def test_a_declined_order_frees_its_stock_and_says_why(session, client, clerk, shop_order):
    path = f"/shop/orders/{shop_order.id}"
    answer = client.submit(f"{path}/decline", {"reason": " "})
    assert (answer.status_code, "请写明原因，买家会看到" in answer.text) == (422, True)
    assert counts(session, shop_order) == (3, 1, 0)
    assert client.submit(f"{path}/decline", {"reason": "样机摔坏了"}).status_code == 303
    assert (counts(session, shop_order), shop_order.state) == ((3, 0, 0), Fulfillment.declined)
    assert "样机摔坏了" in client.get(path).text


def test_the_buyers_phone_and_name_are_masked(client, clerk, shop_order):
    path = f"/shop/orders/{shop_order.id}"
    for page in (path, f"{path}/label"):
        text = client.get(page).text
        assert "13912345678" not in text
        assert "王秀英" not in text


def test_another_shops_order_is_not_found_and_stays(session, client, clerk, now):
    theirs = a_listing(session, a_shop(session, now, name="远山家电"), now)
    order = an_order(session, an_account(session, now), [(theirs, 1)], now)
    session.commit()
    path = f"/shop/orders/{order.shop_orders[0].id}"
    assert client.get(path).status_code == client.get(f"{path}/label").status_code == 404
    for step in ("confirm", "hand-over", "decline"):
        assert client.submit(f"{path}/{step}", {"reason": "理由"}).status_code == 404
    session.expire_all()
    assert order.shop_orders[0].state is Fulfillment.placed


def test_an_unknown_tab_is_not_found(client, clerk):
    assert client.get("/shop/orders?tab=nonsense").status_code == 404
    assert client.get("/shop/orders?tab=ended").status_code == 200
