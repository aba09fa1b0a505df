"""Groups through the pages: a shop opens one, a villager joins and pays, the county calls one off."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.groups.models import GroupOrder, GroupPlace
from market.groups.states import GroupState, PlaceState
from market.inventory.queries import left
from market.kernel import clock
from market.kernel.clock import local_date
from market.orders.models import Order
from market.payments.queries import refund_of
from market.people.models import Account
from market.shops.models import ShopState
from tests.builders.catalog import a_listing
from tests.builders.groups import a_group, a_place
from tests.builders.life import react
from tests.builders.people import an_account, an_address, an_operator
from tests.builders.second_factor import a_second_factor, code_at
from tests.builders.shops import a_clerk, a_shop, an_owner

WEEK = timedelta(days=7)


@pytest.fixture
def now() -> datetime:
    """The doors read the clock, and so does this."""
    return clock.now()


@pytest.fixture
def washer(session: Session, now: datetime) -> Listing:
    return a_listing(session, a_shop(session, now), now, stock=0)


@pytest.fixture
def clerk(session: Session, washer: Listing, now: datetime) -> Account:
    return a_clerk(session, washer.shop, now)


@pytest.fixture
def group(session: Session, washer: Listing, now: datetime) -> GroupOrder:
    return a_group(session, washer, now)


def typed(washer: Listing, now: datetime, **changes: Any) -> dict[str, Any]:
    day = local_date(now)
    fields = {
        "listing_id": str(washer.id),
        "words": "按您选的开门方向做",
        "price": "2500",
        "deposit": "500",
        "least": "2",
        "most": "3",
        "closes_on": (day + WEEK).isoformat(),
        "make_by": (day + timedelta(days=20)).isoformat(),
        "complete_days": "5",
        "options": "门：左开门、右开门\n颜色:奶白,浅灰",
    }
    return fields | changes


def test_a_shop_opens_a_group_and_villagers_see_it(session, client, clerk, washer, now):
    client.become(clerk)
    assert "还没有拼单" in client.get("/shop/groups").text
    assert client.submit("/shop/groups/new", typed(washer, now)).location == "/shop/groups"
    made = session.scalars(select(GroupOrder)).one()
    assert (made.price_fen, made.deposit_fen, made.least, made.most) == (250_000, 50_000, 2, 3)
    assert clock.local(made.closes_at).hour == 20
    assert made.options == [
        {"name": "门", "choices": ["左开门", "右开门"]},
        {"name": "颜色", "choices": ["奶白", "浅灰"]},
    ]
    client.become(an_account(session, now))
    page = client.get("/groups").text
    for part in ("¥2,500.00", "¥2,599.00", "已有 0 件，还差 2 件"):
        assert part.replace("¥2,500.00", "2,500.00") in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deposit": "500.01"}, "最多 ¥500.00"),
        ({"price": "2600"}, "拼单价不能高过单买的价格"),
        ({"options": "门"}, "每行写“名称：选项、选项”"),
        ({"options": "门：左开门"}, "每项 2 到 8 种"),
        ({"closes_on": "去年"}, "请填日期"),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_kept(session, client, clerk, washer, now, changes, sentence):
    client.become(clerk)
    answer = client.submit("/shop/groups/new", typed(washer, now, **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "按您选的开门方向做" in answer.text
    assert session.scalars(select(GroupOrder)).all() == []


def test_a_villager_joins_with_what_she_wants_and_leaves_again(session, client, group, now):
    buyer = an_account(session, now)
    path = f"/groups/{group.id}"
    assert "民法典 587 条" in client.get(path).text
    client.become(buyer)
    wish = {"pieces": "1", "chosen_0": "右开门", "terms_version": "2026-12"}
    refused = client.submit(f"{path}/join", wish)
    assert (refused.status_code, "请先看清定金规则" in refused.text) == (422, True)
    assert client.submit(f"{path}/join", wish | {"terms": "y"}).location == path
    place = session.scalars(select(GroupPlace)).one()
    assert (place.state, place.chosen, place.terms_version) == (PlaceState.held, {"门": "右开门"}, "2026-12")
    page = client.get(path).text
    assert ("去付定金" in page, "门：右开门" in page, "¥500.00" in page) == (True, True, True)
    assert client.submit(f"/groups/places/{place.id}/leave").location == path
    session.refresh(place)
    assert (place.state, session.get_one(GroupOrder, group.id).taken) == (PlaceState.lapsed, 0)


def test_somebody_elses_place_is_not_found(session, client, group, now):
    place = a_place(session, group, now)
    client.become(an_account(session, now))
    for path in ("leave", "pay", "complete"):
        assert client.submit(f"/groups/places/{place.id}/{path}").status_code == 404
    assert client.get(f"/groups/places/{place.id}/complete").status_code == 404
    assert place.state is PlaceState.joined


def test_the_rest_is_paid_on_one_page_with_the_deposit_taken_off(session, client, clerk, washer, now):
    before = now - timedelta(days=8)
    group = a_group(session, washer, before)
    buyer = an_account(session, before)
    place = a_place(session, group, before, buyer)
    a_place(session, group, before)
    react(session, now)
    assert group.state is GroupState.confirmed
    client.become(clerk)
    page = client.get(f"/shop/groups/{group.id}").text
    assert ("门：左开门" in page, "2 件" in page, buyer.name in page) == (True, True, False)
    assert client.submit(f"/shop/groups/{group.id}/ready").location == f"/shop/groups/{group.id}"
    assert left(session, [washer.id]) == {washer.id: 0}
    client.become(buyer)
    path = f"/groups/places/{place.id}/complete"
    assert client.get(path).location == f"/account/addresses/new?next=/groups/places/{place.id}/complete"
    address = an_address(session, buyer, now)
    page = client.get(path).text
    assert '<span class="num">−¥500.00' in page
    fields = {"address_id": str(address.id), "payment_method": "cash"}
    wrong = client.submit(path, fields | {"expected_payable_fen": "1"})
    assert (wrong.status_code, "价格有变动" in wrong.text) == (422, True)
    shown = page.split('name="expected_payable_fen"')[1].split('value="')[1].split('"')[0]
    answer = client.submit(path, fields | {"expected_payable_fen": shown})
    order = session.scalars(select(Order)).one()
    assert answer.location == f"/orders/{order.id}?placed=1"
    assert (order.deposit_fen, order.payable_fen) == (50_000, int(shown))
    told = client.get(answer.location).text
    assert ("门：左开门" in told, "已付定金" in told) == (True, True)
    assert "已下单" in client.get("/account/groups").text


def test_the_county_calls_a_group_off_with_a_reason(session, client, group, now):
    a_place(session, group, now)
    client.become(an_operator(session, now))
    assert "已付定金" in client.get("/county/groups").text
    refused = client.submit(f"/county/groups/{group.id}/cancel", {"reason": ""})
    assert (refused.status_code, "请写明原因" in refused.text) == (422, True)
    done = client.submit(f"/county/groups/{group.id}/cancel", {"reason": "厂里停产"})
    assert done.location == "/county/groups"
    session.refresh(group)
    assert (group.state, group.cancel_reason) == (GroupState.canceled, "厂里停产")
    client.become(an_operator(session, now, "610728"))
    assert client.submit(f"/county/groups/{group.id}/cancel", {"reason": "厂里停产"}).status_code == 404


def test_another_shops_group_is_not_found(session, client, group, now):
    client.become(a_clerk(session, a_shop(session, now), now))
    assert client.get(f"/shop/groups/{group.id}").status_code == 404
    for path in ("ready", "cancel"):
        answer = client.submit(f"/shop/groups/{group.id}/{path}", {"reason": "厂里停产"})
        assert answer.status_code == 404
    assert group.state is GroupState.open


def test_what_did_not_come_about_says_so(session, client, group, now):
    buyer = an_account(session, now)
    a_place(session, group, now, buyer)
    react(session, now + WEEK)
    client.become(buyer)
    page = client.get(f"/groups/{group.id}").text
    assert ("人数没够，没拼成" in page, "已原路退回 ¥500.00" in page) == (True, True)
    notices = client.get("/notices").text
    assert f'href="/groups/{group.id}"' in notices
    client.become(a_clerk(session, group.listing.shop, now))
    assert "货都到店了" not in client.get(f"/shop/groups/{group.id}").text


def test_tiers_are_typed_one_a_line_and_the_page_says_what_each_costs(session, client, clerk, washer, now):
    client.become(clerk)
    wrong = client.submit("/shop/groups/new", typed(washer, now, tiers="多买便宜"))
    assert (wrong.status_code, "每行写“满几件 几元”" in wrong.text, "多买便宜" in wrong.text) == (
        422,
        True,
        True,
    )
    dearer = client.submit("/shop/groups/new", typed(washer, now, most="9", tiers="满 4 件 2500 元"))
    assert (dearer.status_code, "一档比一档" in dearer.text, "满 4 件 2500 元" in dearer.text) == (
        422,
        True,
        True,
    )
    assert session.scalars(select(GroupOrder)).all() == []
    tiers = "满 4 件 2,480 元\n6件：2450.50"
    fields = typed(washer, now, most="9", deposit="490", tiers=tiers)
    assert client.submit("/shop/groups/new", fields).location == "/shop/groups"
    made = session.scalars(select(GroupOrder)).one()
    assert made.tiers == [{"pieces": 4, "price_fen": 248_000}, {"pieces": 6, "price_fen": 245_050}]
    page = client.get(f"/groups/{made.id}").text
    for part in ("多拼多降", "满 2 件", "每件 ¥2,500.00", "满 6 件", "每件 ¥2,450.50"):
        assert part in page, part


def test_an_owner_goes_back_on_a_group_with_her_second_factor_and_the_buyer_is_told(
    session, client, clerk, washer, now
):
    before = now - timedelta(days=8)
    group = a_group(session, washer, before)
    buyer = an_account(session, before)
    place = a_place(session, group, before, buyer)
    a_place(session, group, before)
    react(session, now)
    path = f"/shop/groups/{group.id}"
    client.become(clerk)
    assert "双倍退定金" not in client.get(path).text
    assert client.submit(f"{path}/withdraw", {"reason": "厂里停产"}).status_code == 404
    owner = an_owner(session, washer.shop)
    client.become(owner)
    page = client.get(path).text
    assert ("店里另赔 ¥1,000.00" in page, "先开通二次验证" in page) == (True, True)
    a_second_factor(session, owner, now)
    session.commit()
    asked = client.submit(f"{path}/withdraw", {"reason": "厂里停产"})
    assert (asked.status_code, "请填动态码" in asked.text, "厂里停产" in asked.text) == (422, True, True)
    session.refresh(group)
    assert (group.state, place.penalty_fen) == (GroupState.confirmed, 0)
    code = {"reason": "厂里停产", "code": code_at(clock.now())}
    assert client.submit(f"{path}/withdraw", code).location == "/shop/groups"
    react(session, now)
    session.refresh(place)
    owed = refund_of(session, place.penalty)
    assert (place.state, place.penalty_fen) == (PlaceState.returned, 50_000)
    client.become(buyer)
    page = client.get(f"/groups/{group.id}").text
    assert ("店里另赔您 ¥500.00" in page, owed.number in page) == (True, True)
    client.become(an_operator(session, now))
    desk = client.get("/county/refunds").text
    assert ("店里另赔的一倍定金" in desk, owed.number in desk) == (True, True)
    paid = client.submit(f"/county/refunds/{owed.id}/pay-out", {"recipient_name": "王秀英"})
    assert paid.status_code == 303
    client.become(buyer)
    assert "店里另赔您的 ¥500.00 已领" in client.get(f"/groups/{group.id}").text


def test_nobody_is_asked_to_join_what_may_not_be_sold(session, client, group, now):
    client.become(an_account(session, now))
    path = f"/groups/{group.id}"
    wish = {"pieces": "1", "chosen_0": "右开门", "terms_version": "2026-12", "terms": "y"}
    assert "加入，去付定金" in client.get(path).text
    group.listing.shop.state, group.listing.shop.state_reason = ShopState.suspended, "查处中"
    session.commit()
    assert "加入，去付定金" not in client.get(path).text
    assert client.submit(f"{path}/join", wish).status_code == 422
    assert session.scalars(select(GroupPlace)).all() == []
