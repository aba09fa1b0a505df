"""The cart, before and after signing in."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.kernel.money import format_yuan
from market.orders.models import Cart, CartLine
from market.people.models import Account
from market.recycling.models import PriceTableRow
from market.recycling.trade_in import quote_trade_in
from tests.builders.catalog import a_listing, a_product_draft
from tests.builders.people import an_account
from tests.builders.recycling import price_tables
from tests.builders.shops import a_shop
from tests.builders.web import Browser


def quantities(session: Session) -> list[int]:
    return list(session.scalars(select(CartLine.quantity).order_by(CartLine.quantity)))


def test_a_visitor_fills_a_cart_and_finds_it_after_signing_in(
    client: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    answer = client.submit("/cart", {"listing_id": washer.id, "quantity": 2})
    assert (answer.status_code, answer.location) == (303, "/cart")
    assert washer.product.name_zh in client.get("/cart").text
    account = an_account(session, now)
    client.become(account)
    assert washer.product.name_zh in client.get("/cart").text
    assert session.scalars(select(Cart.account_id)).all() == [account.id]
    assert client.get_cookie("cart") is None


def test_two_visitors_see_their_own_carts(client: Browser, washer: Listing) -> None:
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})
    assert "购物车还是空的" in Browser(client.application).get("/cart").text


def test_a_form_sent_twice_adds_once(client: Browser, session: Session, washer: Listing) -> None:
    form = {"listing_id": washer.id, "quantity": 1, "Idempotency-Key": "the-same-key-twice"}
    assert [client.submit("/cart", form).status_code for _ in range(2)] == [303, 303]
    assert quantities(session) == [1]


@pytest.mark.parametrize("typed", ["0", "100", "-1", "两件", "", "1.5"])
def test_a_wrong_quantity_says_so_beside_the_field_and_keeps_what_was_typed(
    client: Browser, session: Session, washer: Listing, typed: str
) -> None:
    answer = client.submit("/cart", {"listing_id": washer.id, "quantity": typed})
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert session.scalar(select(func.count()).select_from(CartLine)) == 0


def test_a_listing_of_nobody_is_not_found(client: Browser, washer: Listing) -> None:
    assert client.submit("/cart", {"listing_id": "nonsense", "quantity": 1}).status_code == 404


def test_another_quantity_and_none(
    client: Browser, session: Session, washer: Listing, buyer: Account
) -> None:
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})
    assert client.submit(f"/cart/{washer.id}", {"quantity": 3}).status_code == 303
    assert quantities(session) == [3]
    answer = client.submit(f"/cart/{washer.id}", {"quantity": "很多"})
    assert answer.status_code == 422
    assert 'value="很多"' in answer.text
    assert quantities(session) == [3]
    assert client.submit(f"/cart/{washer.id}", {"quantity": 0}).status_code == 303
    assert quantities(session) == []


def test_goods_of_two_shops_stand_apart(
    client: Browser, session: Session, washer: Listing, buyer: Account, now: datetime
) -> None:
    second = a_listing(session, a_shop(session, now, name="暖垭取暖店"), now, product=a_product_draft())
    for listing in (washer, second):
        client.submit("/cart", {"listing_id": listing.id, "quantity": 1})
    page = client.get("/cart").text
    assert 'aria-label="青禾电器行"' in page
    assert 'aria-label="暖垭取暖店"' in page


def test_what_is_no_longer_sold_is_named_and_not_counted(
    client: Browser, session: Session, washer: Listing, buyer: Account, now: datetime
) -> None:
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})
    set_state(session, washer.shop_id, washer.id, ListingState.paused, now)
    page = client.get("/cart").text
    assert "已下架" in page
    assert "去结算" not in page


ZERO = '<span class="num">¥0.00</span>'
OLD_FRIDGE = {"category_code": "fridge", "age_years": 8, "works": "y", "complete": "y"}


def test_the_old_appliance_is_quoted_in_the_cart(
    client: Browser, session: Session, washer: Listing, buyer: Account, now: datetime
) -> None:
    price_tables(session)
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})
    assert "<dt>旧家电折价</dt><dd>" + ZERO in client.get("/cart").text
    assert client.submit("/checkout/trade-in", OLD_FRIDGE).status_code == 303
    page = client.get("/cart").text
    credit = quote_trade_in(session, "fridge", 8, works=True, complete=True, now=now).credit_fen
    assert credit > 0
    assert f'<dt>旧家电折价</dt><dd><span class="num">−¥{format_yuan(credit)}</span>' in page
    assert "更改旧家电" in page


def test_an_old_appliance_of_a_kind_no_longer_taken_counts_for_nothing(
    client: Browser, session: Session, washer: Listing, buyer: Account, now: datetime
) -> None:
    price_tables(session)
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})
    client.submit("/checkout/trade-in", OLD_FRIDGE)
    assert "更改旧家电" in client.get("/cart").text
    session.execute(update(PriceTableRow).values(valid_to=now - timedelta(days=1)))
    page = client.get("/cart")
    assert page.status_code == 200
    assert "<dt>旧家电折价</dt><dd>" + ZERO in page.text
    assert "更改旧家电" not in page.text
