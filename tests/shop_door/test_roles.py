"""What each role reaches at the shop's door, and how somebody comes in."""

import re
from html import unescape

import pytest

from market.shops.apply import add_staff
from market.shops.models import ShopRole
from market.shops.queries import role_of
from market.web.routes import routes
from market.web.shop.roles import DRIVERS, OWNERS, may
from tests.builders.people import an_account
from tests.builders.shops import an_owner
from tests.builders.web import Browser


@pytest.fixture
def owner(app, session, shop):
    browser = Browser(app)
    session.commit()
    browser.become(an_owner(session, shop))
    return browser


@pytest.fixture
def driver(app, session, shop, now):
    account = an_account(session, now, name="小赵")
    add_staff(session, shop.id, account.id, ShopRole.driver, now)
    session.commit()
    browser = Browser(app)
    browser.become(account)
    return browser


def own_pages(app):
    return {
        route.endpoint.partition(".")[2]: route.path
        for route in routes(app)
        if route.audience == "shop" and "GET" in route.methods and "<" not in route.path
    }


def test_the_table_names_only_routes_that_exist(app):
    known = {route.endpoint.partition(".")[2] for route in routes(app) if route.audience == "shop"}
    assert (OWNERS | DRIVERS) - known == set()


def test_a_driver_sees_only_what_to_hand_over(app, driver):
    assert driver.get("/shop/").location == "/shop/hand-over"
    assert "没有包好的货" in driver.get("/shop/hand-over").text
    for endpoint, path in own_pages(app).items():
        if endpoint not in {"home", *DRIVERS}:
            assert driver.get(path).status_code == 404, path


def test_a_clerk_has_no_bank_account_and_no_people(app, client, clerk):
    assert client.get("/shop/people").status_code == 404
    typed = {"holder": "青禾电器行", "bank": "某银行", "number": "6222000000000000001"}
    assert client.submit("/shop/settlements/account", typed).status_code == 404
    assert "保存账户" not in client.get("/shop/settlements").text
    for endpoint, path in own_pages(app).items():
        assert (client.get(path).status_code == 404) is not may(ShopRole.clerk, endpoint), path


def test_an_owner_invites_by_phone_and_removes(app, session, shop, owner, now):
    account = an_account(session, now, name="小钱")
    session.commit()
    assert owner.submit("/shop/people", {"phone": "12", "role": "clerk"}).status_code == 422
    owner.submit("/shop/people", {"phone": account.phone, "role": "clerk"})
    page = unescape(owner.get("/shop/people").text)
    code = re.search(r"邀请码 (\d{6})", page)
    assert code
    assert code[1] not in owner.get("/shop/people").text
    newcomer = Browser(app)
    newcomer.become(account)
    bad = newcomer.submit("/shop/join", {"code": "12"})
    assert (bad.status_code, "邀请码是 6 位数字" in bad.text) == (422, True)
    assert newcomer.submit("/shop/join", {"code": code[1]}).location == "/shop/"
    assert newcomer.get("/shop/").status_code == 200
    assert owner.submit(f"/shop/people/{account.id}/remove").location == "/shop/people"
    assert newcomer.get("/shop/").status_code == 404
    history = owner.get("/shop/papers").text
    assert ("小钱 店员" in history, "clerk" in history) == (True, False)
    session.expire_all()
    assert role_of(session, account.id) is None
    last = an_owner(session, shop).id
    owner.submit(f"/shop/people/{last}/remove")
    assert "店里要留一位店主" in owner.get("/shop/people").text
