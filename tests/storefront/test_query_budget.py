"""How often a page may ask the database, besides for the number that says whether a kept copy holds."""

import uuid
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.kernel import clock, shown
from tests.builders.catalog import a_listing, a_product_draft, an_offer_draft
from tests.builders.fairs import a_fair
from tests.builders.groups import a_group
from tests.builders.people import an_account, an_address
from tests.builders.shops import a_shop
from tests.builders.web import Browser

ANONYMOUS = {
    "/": 2,
    "/category/washer": 2,
    "/zone": 2,
    "/cart": 1,
    "/listing/{listing}": 3,
    "/p/{product}": 2,
    "/search?q=洗衣机": 2,
    "/listing/{listing}/reviews": 3,
    "/scenes": 4,
    "/shops/{shop}": 6,
}
NOT_KEPT = {
    "/fairs": 3,
    "/savings/{listing}": 3,
    "/open/recalls": 3,
    "/groups": 4,
    "/groups/{group}": 4,
    "/fairs/stops/{stop}": 6,
}
SIGNED_IN = {"/": 4, "/category/washer": 4, "/zone": 4, "/cart": 4, "/p/{product}": 4, "/search?q=洗衣机": 4}
# The bars are 2 and 4. What stands above them is as it is, and may only fall.
ABOVE_FOUR = {
    "/open/recalls": 5,
    "/listing/{listing}/reviews": 5,
    "/listing/{listing}": 6,
    "/scenes": 6,
    "/groups": 6,
    "/fairs": 6,
    "/savings/{listing}": 6,
    "/groups/{group}": 7,
    "/points": 7,
    "/shops/{shop}": 8,
    "/fairs/stops/{stop}": 9,
    "/subsidies": 10,
}


@pytest.fixture(autouse=True)
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def at(app: Flask, session: Session, washer: Listing, now: datetime) -> dict[str, uuid.UUID]:
    """What the addresses of pages name: all is there, and the search knows its words."""
    other = a_shop(session, now, name="远山家电")
    same = a_product_draft(brand=washer.product.brand, model=washer.product.model)
    a_listing(session, other, now, product=same, offer=an_offer_draft(price_fen=255_000))
    Browser(app).get("/search?q=冰箱")
    return {
        "listing": washer.id,
        "product": washer.product_id,
        "shop": washer.shop_id,
        "stop": a_fair(session, now).stops[0].id,
        "group": a_group(session, washer, now).id,
    }


def asked_for(client: Browser, session: Session, path: str, statements: list[str]) -> list[str]:
    session.expire_all()
    statements.clear()
    assert client.get(path).status_code == 200
    return [it for it in statements if it != shown.SUM]


@pytest.mark.parametrize("page", ANONYMOUS)
def test_a_visitors_page_asks_no_more_than_its_budget(
    app: Flask, session: Session, at: dict[str, uuid.UUID], statements: list[str], page: str
) -> None:
    path = page.format(**at)
    asked = asked_for(Browser(app), session, path, statements)
    assert len(asked) <= ANONYMOUS[page], "\n\n".join(asked)
    statements.clear()
    assert Browser(app).get(path).status_code == 200
    assert statements == [shown.SUM]


@pytest.mark.parametrize("page", NOT_KEPT)
def test_a_visitors_page_that_is_not_kept_asks_no_more_than_its_budget(
    app: Flask, session: Session, at: dict[str, uuid.UUID], statements: list[str], page: str
) -> None:
    asked = asked_for(Browser(app), session, page.format(**at), statements)
    assert len(asked) <= NOT_KEPT[page], "\n\n".join(asked)


@pytest.mark.parametrize("page", SIGNED_IN | ABOVE_FOUR)
def test_a_signed_in_persons_page_asks_no_more_than_its_budget(
    app: Flask, session: Session, at: dict[str, uuid.UUID], now: datetime, statements: list[str], page: str
) -> None:
    her, account = Browser(app), an_account(session, now)
    an_address(session, account, now)
    her.become(account)
    her.get(page.format(**at))
    asked = asked_for(her, session, page.format(**at), statements)
    assert len(asked) <= (SIGNED_IN | ABOVE_FOUR)[page], "\n\n".join(asked)


def test_a_filled_cart_asks_no_more_than_its_budget(
    app: Flask, session: Session, at: dict[str, uuid.UUID], now: datetime, statements: list[str]
) -> None:
    visitor, her, account = Browser(app), Browser(app), an_account(session, now)
    an_address(session, account, now)
    her.become(account)
    for client, budget in ((visitor, 3), (her, 6)):
        client.submit("/cart", {"listing_id": str(at["listing"]), "quantity": 1})
        client.get("/cart")
        asked = asked_for(client, session, "/cart", statements)
        assert len(asked) <= budget, "\n\n".join(asked)
