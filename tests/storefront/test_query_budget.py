"""How often a page may ask the database, besides for the number that says whether a kept copy holds."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.kernel import clock, shown
from tests.builders.catalog import a_listing, a_product_draft, an_offer_draft
from tests.builders.fairs import a_fair
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.web import Browser

ANONYMOUS = {
    "/": 2,
    "/category/washer": 2,
    "/zone": 2,
    "/cart": 1,
    "/listing/{listing}": 3,
    "/p/{product}": 2,
}
SIGNED_IN = {"/": 4, "/category/washer": 4, "/zone": 4, "/cart": 4, "/p/{product}": 4}


@pytest.fixture(autouse=True)
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


def path_of(page: str, washer: Listing) -> str:
    return page.format(listing=washer.id, product=washer.product_id)


@pytest.mark.parametrize("page", ANONYMOUS)
def test_a_visitors_page_asks_no_more_than_its_budget(
    app: Flask, session: Session, washer: Listing, now: datetime, statements: list[str], page: str
) -> None:
    other = a_shop(session, now, name="远山家电")
    same = a_product_draft(brand=washer.product.brand, model=washer.product.model)
    a_listing(session, other, now, product=same, offer=an_offer_draft(price_fen=255_000))
    a_fair(session, now)
    path = path_of(page, washer)
    session.expire_all()
    statements.clear()
    assert Browser(app).get(path).status_code == 200
    asked = [it for it in statements if it != shown.SUM]
    assert len(asked) <= ANONYMOUS[page], "\n\n".join(asked)
    statements.clear()
    assert Browser(app).get(path).status_code == 200
    assert statements == [shown.SUM]


@pytest.mark.parametrize("page", SIGNED_IN)
def test_a_signed_in_persons_page_asks_no_more_than_its_budget(
    app: Flask, session: Session, washer: Listing, now: datetime, statements: list[str], page: str
) -> None:
    her = Browser(app)
    her.become(an_account(session, now))
    path = path_of(page, washer)
    her.get(path)
    session.expire_all()
    statements.clear()
    assert her.get(path).status_code == 200
    assert len(statements) <= SIGNED_IN[page], "\n\n".join(statements)
