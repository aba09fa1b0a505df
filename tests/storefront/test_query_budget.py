"""How often a page may ask the database, besides for the number that says whether a kept copy holds.

Every page that the consumer's doors answer is in `PAGES`: at most 2 statements for a visitor and 4 for
whoever is signed in, with something on it.
"""

import uuid
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.kernel import clock, shown
from market.people.models import Account
from market.web.routes import EVERYBODY, routes
from tests.builders.lived_in import lived_in
from tests.builders.web import Browser

VISITOR, SIGNED_IN = 2, 4
DOORS = {"storefront", "account", "recycle"}
PAGES = {
    "account.addresses": "/account/addresses",
    "account.appeal": "/account/credit/{event}",
    "account.appliances": "/account/appliances",
    "account.close": "/account/close",
    "account.edit_address": "/account/addresses/{address}",
    "account.edit_appliance": "/account/appliances/{appliance}",
    "account.home": "/account",
    "account.new_address": "/account/addresses/new",
    "account.new_appliance": "/account/appliances/new",
    "account.own_data": "/account/data",
    "account.own_data_file": "/account/data.json",
    "account.password": "/account/password",
    "account.privacy": "/account/privacy",
    "account.profile": "/account/profile",
    "account.rating": "/account/credit",
    "account.register": "/account/register",
    "account.second_factor": "/account/second-factor",
    "account.sign_in": "/account/sign-in",
    "recycle.bring_it": "/recycle/bring",
    "recycle.home": "/recycle",
    "recycle.label": "/recycle/{phone}/label",
    "recycle.order": "/recycle/{phone}",
    "recycle.safety": "/recycle/new/phone",
    "recycle.trade_in_quote": "/recycle/quote",
    "storefront.aftersales": "/orders/lines/{line}/help",
    "storefront.aftersales_remedy": "/orders/lines/{line}/help/no_reason",
    "storefront.ask_repair": "/orders/lines/{line}/repair",
    "storefront.ask_return": "/orders/lines/{line}/return/no_reason/refund",
    "storefront.buy_form": "/fairs/goods/{goods}/buy",
    "storefront.cart": "/cart",
    "storefront.category": "/category/washer",
    "storefront.choose_address": "/checkout/address",
    "storefront.choose_delivery": "/checkout/delivery",
    "storefront.choose_payment": "/checkout/payment",
    "storefront.choose_trade_in": "/checkout/trade-in",
    "storefront.complete_form": "/groups/places/{due}/complete",
    "storefront.fair_stop": "/fairs/stops/{stop}",
    "storefront.fairs": "/fairs",
    "storefront.group": "/groups/{group}",
    "storefront.groups": "/groups",
    "storefront.home": "/",
    "storefront.inbox": "/notices",
    "storefront.invoice": "/orders/{order}/invoices/{invoice}",
    "storefront.listing": "/listing/{listing}",
    "storefront.listing_reviews": "/listing/{listing}/reviews",
    "storefront.model": "/p/{product}",
    "storefront.order": "/orders/{coming}",
    "storefront.orders": "/orders",
    "storefront.own_groups": "/account/groups",
    "storefront.points": "/points",
    "storefront.recall": "/recalls/{unit}",
    "storefront.recalls": "/recalls",
    "storefront.receipt": "/orders/{order}/receipt",
    "storefront.repair": "/repairs/{repair}",
    "storefront.return_": "/returns/{return}",
    "storefront.review": "/review/{reviewed}",
    "storefront.review_order": "/checkout",
    "storefront.review_weight": "/review/{weighed}/weight",
    "storefront.savings": "/savings/{listing}",
    "storefront.scenes": "/scenes",
    "storefront.search": "/search?q=洗衣机",
    "storefront.shop": "/shops/{shop}",
    "storefront.subsidies": "/subsidies",
    "storefront.suggestions": "/search/words?q=洗",
    "storefront.trade_in": "/trade-ins/{old}",
    "storefront.zone": "/zone",
}
NO_PAGES = {
    "recycle.label_file": "a sheet of paper",
    "recycle.photo": "a picture",
    "storefront.barcode": "a way to the model's page",
    "storefront.deposit_paid": "a way back from the provider",
    "storefront.keeper": "a script",
    "storefront.pay_return": "a way back from the provider",
    "storefront.photo": "a picture",
    "storefront.picture": "a picture",
    "storefront.repair_paid": "a way back from the provider",
    "storefront.repair_photo": "a picture",
    "storefront.return_photo": "a picture",
    "storefront.review_photo": "a picture",
    "storefront.trade_in_paid": "a way back from the provider",
    "storefront.trade_in_photo": "a picture",
}
BESIDES = {"open.recalls": "/open/recalls", "a delivered order": "/orders/{order}"}
KEPT = (
    "storefront.home", "storefront.category", "storefront.zone", "storefront.cart", "storefront.listing",
    "storefront.model", "storefront.search", "storefront.listing_reviews", "storefront.scenes",
    "storefront.shop",
)  # fmt: skip


@pytest.fixture(autouse=True)
def within_a_minute(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def life(app: Flask, session: Session, now: datetime) -> tuple[Account, dict[str, uuid.UUID]]:
    """Who has lived here, and what the addresses of pages name; the search knows its words."""
    found = lived_in(session, now)
    Browser(app).get("/search?q=冰箱")
    return found


def asked_for(client: Browser, session: Session, path: str, statements: list[str]) -> int:
    """How many statements a page takes that this process has shown before, but keeps no copy of."""
    client.get(path)
    session.expire_all()
    statements.clear()
    answer = client.get(f"{path}{'&' if '?' in path else '?'}again=1")
    assert answer.status_code == 200, (path, answer.location)
    return sum(it != shown.SUM for it in statements)


def over(asked: dict[str, int], most: int) -> dict[str, int]:
    """The pages that ask more than they may."""
    return {page: number for page, number in asked.items() if number > most}


def test_every_page_of_the_consumers_doors_has_a_budget(app: Flask) -> None:
    every = {it.endpoint for it in routes(app) if "GET" in it.methods and it.endpoint.split(".")[0] in DOORS}
    assert every == PAGES.keys() | NO_PAGES.keys()
    assert not PAGES.keys() & NO_PAGES.keys()


def test_a_visitors_page_asks_no_more_than_its_budget(
    app: Flask, session: Session, life: tuple[Account, dict[str, uuid.UUID]], statements: list[str]
) -> None:
    _her, at = life
    public = {it.endpoint for it in routes(app) if it.audience == EVERYBODY}
    pages = {name: path for name, path in (PAGES | BESIDES).items() if name in public}
    visitor = Browser(app)
    visitor.submit("/cart", {"listing_id": str(at["listing"]), "quantity": 1})
    asked = {name: asked_for(visitor, session, path.format(**at), statements) for name, path in pages.items()}
    assert over(asked, VISITOR) == {}


def test_a_kept_page_asks_for_nothing_but_its_number(
    app: Flask, session: Session, life: tuple[Account, dict[str, uuid.UUID]], statements: list[str]
) -> None:
    for name in KEPT:
        path = PAGES[name].format(**life[1])
        for _once in range(2):
            statements.clear()
            assert Browser(app).get(path).status_code == 200
        assert statements == [shown.SUM], name


def test_a_signed_in_persons_page_asks_no_more_than_its_budget(
    app: Flask, session: Session, life: tuple[Account, dict[str, uuid.UUID]], statements: list[str]
) -> None:
    account, at = life
    her = Browser(app)
    her.become(account)
    her.submit("/cart", {"listing_id": str(at["listing"]), "quantity": 1})
    pages = {name: path for name, path in (PAGES | BESIDES).items() if name != "account.sign_in"}
    asked = {name: asked_for(her, session, path.format(**at), statements) for name, path in pages.items()}
    assert over(asked, SIGNED_IN) == {}


def test_a_listing_that_nobody_has_reviewed_does_not_ask_for_its_reviews(
    client: Browser, session: Session, washer: Listing, statements: list[str]
) -> None:
    path = f"/listing/{washer.id}"
    assert "还没有人评价。" in client.get(path).text
    assert asked_for(client, session, path, statements) == 1
