"""Fairs through the pages: planned, joined, printed, visited, bought from."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from market.fairs.models import Fair, FairGoods, FairKind, FairState
from market.fairs.plan_fair import cancel_fair
from market.fairs.take_part import bring
from market.inventory.queries import left
from market.kernel import clock
from market.orders.models import Order
from market.people.models import Account
from tests.builders.catalog import a_listing
from tests.builders.fairs import NEIGHBOR, VILLAGE, a_fair, a_stop
from tests.builders.life import COUNTY
from tests.builders.people import an_account, an_address, an_operator
from tests.builders.places import a_region
from tests.builders.shops import a_clerk, a_shop


@pytest.fixture
def now():
    """The doors read the clock, and so does this."""
    return clock.now()


@pytest.fixture
def washer(session, now):
    return a_listing(session, a_shop(session, now), now)


@pytest.fixture
def under_way(session, washer, now):
    """A van that is at the village now, with two washers."""
    began = now - timedelta(days=1)
    fair = a_fair(session, began, a_stop(began, hours=23), kind=FairKind.van, title="下乡流动车")
    bring(session, washer.shop, fair.id, washer.id, 2, began)
    return fair


def test_an_operator_plans_a_van_by_writing_a_stop_on_each_line(session, client, now):
    client.become(an_operator(session, now))
    village = a_region(session, VILLAGE)
    day = (clock.local_date(now) + timedelta(days=3)).isoformat()
    town = session.get(type(village), VILLAGE[:9])
    lines = f"{day} 9:00-11:30 {town.name}{village.name} 村委会门口\n{day} 13:00－16:00 {town.name} 文化广场"
    fields = {"kind": "van", "title": "下乡流动车", "stops": lines.replace("－", "-")}
    assert client.submit("/county/fairs/new", fields).location == "/county/fairs"
    fair = session.scalars(select(Fair)).one()
    assert (fair.kind, [stop.region_code for stop in fair.stops]) == (FairKind.van, [VILLAGE, VILLAGE[:9]])
    first = clock.local(fair.stops[0].starts_at)
    assert (first.hour, first.minute, fair.stops[0].venue) == (9, 0, "村委会门口")
    poster = client.get(f"/county/fairs/{fair.id}/poster.pdf")
    assert (poster.mimetype, poster.data[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize(
    ("stops", "sentence"),
    [
        ("后天上午 焕古镇", "第 1 行看不懂"),
        ("2026-13-45 9:00-11:00 焕古镇 广场", "第 1 行看不懂"),
        ("2036-12-05 9:00-11:00 不在的镇 广场", "第 1 行看不懂"),
        ("", "请填写这一项"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_kept(session, client, now, stops, sentence):
    client.become(an_operator(session, now))
    answer = client.submit("/county/fairs/new", {"kind": "fair", "title": "展销会", "stops": stops})
    assert (answer.status_code, sentence in answer.text, "展销会" in answer.text) == (422, True, True)
    assert session.scalars(select(Fair)).all() == []


def test_the_county_calls_it_off_and_another_county_does_not_find_it(session, client, under_way, washer, now):
    client.become(an_operator(session, now, "610728"))
    for path in ("cancel", "poster.pdf"):
        answer = (
            client.get(f"/county/fairs/{under_way.id}/{path}")
            if "." in path
            else client.submit(f"/county/fairs/{under_way.id}/{path}", {"reason": "下雪"})
        )
        assert answer.status_code == 404
    client.become(an_operator(session, now))
    refused = client.submit(f"/county/fairs/{under_way.id}/cancel", {"reason": ""})
    assert (refused.status_code, "请写明为什么取消" in refused.text) == (422, True)
    assert (
        client.submit(f"/county/fairs/{under_way.id}/cancel", {"reason": "下雪"}).location == "/county/fairs"
    )
    session.refresh(under_way)
    assert (under_way.state, left(session, [washer.id])) == (FairState.canceled, {washer.id: 10})


def test_a_shop_sets_goods_aside_and_says_it_is_there(session, client, under_way, washer, now):
    client.become(a_clerk(session, washer.shop, now))
    path = f"/shop/fairs/{under_way.id}"
    assert "下乡流动车" in client.get("/shop/fairs").text
    wish = {"listing_id": str(washer.id), "pieces": "5"}
    assert client.submit(path, wish).location == path
    assert left(session, [washer.id]) == {washer.id: 5}
    refused = client.submit(path, wish | {"pieces": "11"})
    assert (refused.status_code, left(session, [washer.id])) == (422, {washer.id: 5})
    assert client.submit(f"{path}/arrive").location == path
    assert "已签到" in client.get(path).text
    assert "店铺签到" in client.get(f"/fairs/stops/{under_way.stops[0].id}").text


def test_a_shop_of_another_county_does_not_find_it(session, client, under_way, now):
    client.become(a_clerk(session, a_shop(session, now, "610728"), now))
    path = f"/shop/fairs/{under_way.id}"
    assert (client.get(path).status_code, client.submit(f"{path}/arrive").status_code) == (404, 404)


def test_a_visitor_is_counted_once_and_needs_no_account(session, client, under_way):
    path = f"/fairs/stops/{under_way.stops[0].id}"
    assert "我来了" in client.get(path).text
    for _ in range(2):
        assert client.submit(f"{path}/here").location == path
    session.refresh(under_way.stops[0])
    assert (under_way.stops[0].visitors, "记上您来过了" in client.get(path).text) == (1, True)


def test_what_is_on_the_van_is_bought_on_the_spot(session, client, under_way, washer, now):
    goods = session.scalars(select(FairGoods)).one()
    path = f"/fairs/goods/{goods.id}/buy"
    assert path in client.get(f"/fairs/stops/{under_way.stops[0].id}").text
    buyer = an_account(session, now)
    client.become(buyer)
    assert client.get(path).location == f"/account/addresses/new?next={path}"
    address = an_address(session, buyer, now)
    page = client.get(f"{path}?pieces=2").text
    shown = page.split('name="expected_payable_fen"')[1].split('value="')[1].split('"')[0]
    fields = {"address_id": str(address.id), "payment_method": "cash", "pieces": "2"}
    wrong = client.submit(path, fields | {"expected_payable_fen": "1"})
    assert (wrong.status_code, "价格有变动" in wrong.text) == (422, True)
    answer = client.submit(path, fields | {"expected_payable_fen": shown})
    order = session.scalars(select(Order)).one()
    assert (answer.location, order.goods_fen) == (f"/orders/{order.id}?placed=1", 519_800)
    assert "现场没有了" in client.get(f"/fairs/stops/{under_way.stops[0].id}").text


def test_what_comes_near_comes_first(session, client, under_way, now):
    buyer = session.get_one(Account, an_account(session, now).id)
    page = client.get("/fairs").text
    assert ("下乡流动车" in page, "离您近的下几场" in page) == (True, False)
    an_address(session, buyer, now)
    client.become(buyer)
    assert "离您近的下几场" in client.get("/fairs").text
    assert "离您近的下几场" in client.get(f"/fairs?near={VILLAGE[:9]}").text
    assert client.get(f"/fairs?near={COUNTY}999").status_code == 200


def test_the_home_page_names_the_next_two_nearest_first(session, client, washer, now):
    def venues():
        return re.findall("去[近远]处|村里", client.get("/").text)

    assert venues() == []
    near, own = a_stop(now, NEIGHBOR, 30, venue="去近处"), a_stop(now, VILLAGE, 40, venue="村里")
    fair = a_fair(session, now, a_stop(now, "610924100", 20, venue="去远处"), near, own, kind=FairKind.van)
    assert venues() == ["去远处", "去近处"]
    buyer = an_account(session, now)
    an_address(session, buyer, now)
    client.become(buyer)
    assert venues() == ["村里", "去近处"]
    cancel_fair(session, COUNTY, fair.id, "下雪", now)
    assert venues() == []
