"""Sets through the pages: a shop puts one together, buyers put it in the cart whole."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.inventory.receive import adjust
from market.people.models import Account
from market.scenes.models import SceneSet, SetState
from market.shops.models import Shop
from tests.builders.catalog import a_listing, a_product_draft
from tests.builders.people import an_account
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser


@pytest.fixture
def goods(session: Session, shop: Shop, now: datetime) -> list[Listing]:
    """A hood and a washer, 2,599 yuan each."""
    hood = a_listing(session, shop, now, category="range_hood", product=a_product_draft(name_zh="顶吸油烟机"))
    return [hood, a_listing(session, shop, now)]


def typed(goods: list[Listing], **changes: Any) -> dict[str, Any]:
    fields = {"scene": "kitchen", "name": "新灶房一套", "promotion": "198", "pieces_1": "1", "pieces_2": "1"}
    lines = {f"listing_{n}": str(it.id) for n, it in enumerate(goods, 1)}
    return fields | lines | changes


def made(session: Session) -> SceneSet:
    return session.scalars(select(SceneSet).execution_options(populate_existing=True)).one()


def test_a_set_is_made_shown_and_put_in_the_cart_whole(
    session: Session, client: Browser, clerk: Account, goods: list[Listing], now: datetime
) -> None:
    assert "还没有套装" in client.get("/shop/scenes").text
    assert client.submit("/shop/scenes/new", typed(goods)).location == "/shop/scenes"
    client.become(an_account(session, now))
    page = client.get("/scenes").text
    for part in ("新灶房一套", "智慧厨房", "顶吸油烟机", '<span class="num">−¥198.00', "¥5,000.00"):
        assert part in page
    assert "新灶房一套" in client.get("/scenes?scene=kitchen").text
    assert "新灶房一套" not in client.get("/scenes?scene=bath").text
    assert client.submit(f"/scenes/{made(session).id}/cart").location == "/cart"
    cart = client.get("/cart").text
    assert (cart.count("整套优惠 −¥99.00"), "¥5,000.00" in cart) == (2, True)


def test_a_set_with_a_part_out_of_stock_says_so_and_cannot_be_put_in_the_cart(
    session: Session, client: Browser, clerk: Account, goods: list[Listing], now: datetime
) -> None:
    client.submit("/shop/scenes/new", typed(goods))
    adjust(session, goods[0].id, -10, "盘点", now)
    page = client.get("/scenes").text
    assert ("库存不够" in page, "整套加入购物车" in page) == (True, False)
    assert "买家现在不能整套买" in client.get("/shop/scenes").text
    answer = client.submit(f"/scenes/{made(session).id}/cart", follow_redirects=True)
    assert "“顶吸油烟机”的库存不够一套" in answer.text
    assert "购物车还是空的" in client.get("/cart").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"promotion": "便宜"}, "请填金额"),
        ({"promotion": "2599.01"}, "最多 ¥2,599.00"),
        ({"listing_2": ""}, "一套要选 2 到 6 种商品"),
        ({"pieces_2": "10"}, "请填 1 到 9 之间的数"),
        ({"pieces_2": ""}, "每种 1 到 9 件"),
    ],
)
def test_what_is_wrong_stands_by_its_field_and_what_was_typed_stays(
    session: Session,
    client: Browser,
    clerk: Account,
    goods: list[Listing],
    changes: dict[str, str],
    sentence: str,
) -> None:
    answer = client.submit("/shop/scenes/new", typed(goods, **changes))
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert f'<option selected value="{goods[0].id}">' in answer.text
    assert session.scalars(select(SceneSet)).all() == []


def test_one_thing_stands_on_one_line_only(
    session: Session, client: Browser, clerk: Account, goods: list[Listing]
) -> None:
    answer = client.submit("/shop/scenes/new", typed(goods, listing_2=str(goods[0].id)))
    assert (answer.status_code, "同一件商品选了两次" in answer.text) == (422, True)


def test_a_set_is_changed_hidden_and_shown_again(
    session: Session, client: Browser, clerk: Account, goods: list[Listing]
) -> None:
    client.submit("/shop/scenes/new", typed(goods))
    path = f"/shop/scenes/{made(session).id}"
    assert 'value="198.00"' in client.get(path).text
    assert client.submit(path, typed(goods, name="改了名", pieces_2="2")).status_code == 303
    assert (made(session).name, [line.pieces for line in made(session).lines]) == ("改了名", [1, 2])
    client.submit(f"{path}/hide")
    assert made(session).state is SetState.hidden
    assert "改了名" not in client.get("/scenes").text
    client.submit(f"{path}/show")
    assert "改了名" in client.get("/scenes").text


def test_another_shops_set_is_not_found(
    session: Session, client: Browser, clerk: Account, goods: list[Listing], now: datetime
) -> None:
    client.submit("/shop/scenes/new", typed(goods))
    path = f"/shop/scenes/{made(session).id}"
    client.become(a_clerk(session, a_shop(session, now, name="远山家电"), now))
    assert client.get(path).status_code == 404
    for act in (path, f"{path}/hide", f"{path}/show"):
        assert client.submit(act, typed(goods, name="抢来的")).status_code == 404
    assert (made(session).name, made(session).state) == ("新灶房一套", SetState.shown)
