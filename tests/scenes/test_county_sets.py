"""Sets that an operator puts together over the county's shops."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.catalog.models import Listing
from market.catalog.zone import open_stay
from market.inventory.queries import left
from market.inventory.receive import adjust
from market.kernel.errors import NotFound, Refused
from market.orders.cart import Owner, entries
from market.orders.cart_sets import put_set
from market.orders.checkout import checkout
from market.orders.models import Order
from market.people.models import Account
from market.scenes.county_set import make_county_set, show_county_set, zone_listings
from market.scenes.edit_set import SetDraft, change_set, set_shown
from market.scenes.models import SceneSet, SetState
from market.scenes.queries import offered_set, sets_in_county, sets_of_county
from market.scenes.rules import Missing, Scene
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label
from tests.builders.orders import choices_for
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_shop
from tests.builders.web import Browser

COUNTY = "610924"


@pytest.fixture
def goods(session: Session, now: datetime) -> list[Listing]:
    """A washer in each of two shops, both in the zone, at 2,599 yuan."""
    found = []
    for name in ("青禾电器行", "山泉家电"):
        listing = a_listing(
            session, a_shop(session, now, name=name), now, product=a_product_draft(name_zh=f"{name}的洗衣机")
        )
        a_verified_label(session, listing, now)
        found.append(listing)
    return found


@pytest.fixture
def made(session: Session, goods: list[Listing], now: datetime) -> SceneSet:
    return make_county_set(session, COUNTY, a_draft(goods), now)


@pytest.fixture
def buyer(session: Session, now: datetime) -> Account:
    return an_account(session, now)


def a_draft(goods: list[Listing], off_fen: int = 0, name: str = "两家合配") -> SetDraft:
    return SetDraft(Scene.bath, name, off_fen, {it.id: 1 for it in goods})


def test_a_set_over_two_shops_is_one_order_of_two_parts(session, made, goods, buyer, now):
    put_set(session, Owner(account_id=buyer.id), made.id, now)
    order = checkout(session, buyer, choices_for(session, buyer, now), "key", now)
    assert sorted(part.shop_name for part in order.shop_orders) == ["山泉家电", "青禾电器行"]
    assert (order.goods_fen, len(session.scalars(select(Order)).all())) == (519_800, 1)
    assert left(session, [it.id for it in goods]) == {it.id: 9 for it in goods}
    assert audit.run(session, now) == []


def test_where_one_shop_sold_out_meanwhile_nothing_is_taken_from_the_other(session, made, goods, buyer, now):
    put_set(session, Owner(account_id=buyer.id), made.id, now)
    choices = choices_for(session, buyer, now)
    adjust(session, goods[1].id, -10, "盘点", now)
    savepoint = session.begin_nested()
    with pytest.raises(Refused, match=r"inventory\.short"):
        checkout(session, buyer, choices, "key", now)
    savepoint.rollback()
    assert left(session, [goods[0].id]) == {goods[0].id: 10}
    assert session.scalars(select(Order)).all() == []


def test_only_what_is_in_the_countys_zone_may_go_in(session, goods, now):
    plain = a_listing(session, goods[0].shop, now)
    with pytest.raises(Refused, match="not_zone"):
        make_county_set(session, COUNTY, a_draft([goods[0], plain]), now)
    with pytest.raises(Refused, match="not_zone"):
        make_county_set(session, "610728", a_draft(goods), now)
    assert {it.id for it in zone_listings(session, COUNTY)} == {it.id for it in goods}
    assert session.scalars(select(SceneSet)).all() == []


def test_the_county_takes_nothing_off_the_shops_prices(session, goods, now):
    with pytest.raises(Refused, match="promotion"):
        make_county_set(session, COUNTY, a_draft(goods, off_fen=1), now)


def test_a_part_that_left_the_zone_keeps_the_set_from_being_bought(session, made, goods, buyer, now):
    stay = open_stay(session, goods[0].product_id)
    stay.until, stay.reason = now, "label_expired"
    session.flush()
    assert [part.missing for part in offered_set(session, made.id).parts] == [Missing.gone, None]
    with pytest.raises(Refused, match=r"scene\.gone"):
        put_set(session, Owner(account_id=buyer.id), made.id, now)
    assert entries(session, Owner(account_id=buyer.id)) == []


def test_neither_a_shop_nor_another_county_can_change_it(session, made, goods, now):
    shop_id = goods[0].shop_id
    with pytest.raises(NotFound):
        change_set(session, shop_id, made.id, a_draft(goods), now)
    with pytest.raises(NotFound):
        set_shown(session, shop_id, made.id, SetState.hidden, now)
    with pytest.raises(NotFound):
        show_county_set(session, "610728", made.id, SetState.hidden, now)
    show_county_set(session, COUNTY, made.id, SetState.hidden, now)
    assert (sets_in_county(session, COUNTY), len(sets_of_county(session, COUNTY))) == ([], 1)


def test_sets_are_paged_by_key(session, goods, now):
    for number in range(5):
        make_county_set(
            session, COUNTY, a_draft(goods, name=f"第{number}套"), now + timedelta(minutes=number)
        )
    first = [it.scene_set for it in sets_in_county(session, COUNTY, limit=3)]
    rest = [it.scene_set for it in sets_in_county(session, COUNTY, after=first[-1].id, limit=3)]
    assert [it.name for it in first + rest] == ["第4套", "第3套", "第2套", "第1套", "第0套"]


def test_an_operator_makes_and_hides_one_through_the_page(
    session: Session, client: Browser, goods: list[Listing], now: datetime
) -> None:
    client.become(an_operator(session, now))
    fields = {"scene": "bath", "name": "两家合配", "pieces_1": "1", "pieces_2": "1"}
    fields |= {f"listing_{n}": str(it.id) for n, it in enumerate(goods, 1)}
    short = client.submit("/county/scenes", fields | {"listing_2": ""})
    assert (short.status_code, "一套要选 2 到 6 种商品" in short.text, "两家合配" in short.text) == (
        422,
        True,
        True,
    )
    assert client.submit("/county/scenes", fields).location == "/county/scenes"
    found = session.scalars(select(SceneSet)).one()
    page = client.get("/scenes").text
    assert ("两家合配" in page, "县里配的" in page, "山泉家电" in page) == (True, True, True)
    client.submit(f"/county/scenes/{found.id}/hide")
    assert "两家合配" not in client.get("/scenes").text
    client.become(an_operator(session, now, "610728"))
    assert client.submit(f"/county/scenes/{found.id}/show").status_code == 404
