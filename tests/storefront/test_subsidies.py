"""Her right to subsidies: the page, the claim in two taps, and what product and cart say of it."""

import pytest
from sqlalchemy import func, select

from market.people.models import Account
from market.subsidies import pots
from market.subsidies.coupon_models import Coupon, RealName
from tests.builders.catalog import a_listing
from tests.builders.people import an_address
from tests.builders.subsidies import a_funded_programme

DIGI = "DIGI-2026:1"
SPECIMEN = "11010519491231002X"
NAME = {"name": "王秀英", "number": SPECIMEN, "agrees": "y"}


@pytest.fixture
def phone(session, shop, now):
    """A phone of 2,599 yuan in a county that has three coupons for phones."""
    listing = a_listing(session, shop, now, category="phone")
    a_funded_programme(session, shop.county_code, now, code="DIGI-2026")
    pots.require_coupons(session, shop.county_code, DIGI, True)
    pots.set_places(session, shop.county_code, DIGI, "phone", 3)
    return listing


def coupons(session):
    return session.scalar(select(func.count()).select_from(Coupon))


def test_a_stranger_signs_in_first(client, phone):
    assert client.get("/subsidies").location == "/account/sign-in?next=/subsidies"


def test_from_the_product_to_the_order_with_the_subsidy(client, session, buyer, phone, now):
    an_address(session, buyer, now)
    page = client.get(f"/listing/{phone.id}").text
    assert "先领这一类的补贴资格，再下单" in page
    assert 'href="/subsidies"' in page
    client.submit("/cart", {"listing_id": phone.id, "quantity": 1})
    cart = client.get("/cart").text
    assert "领补贴资格" in cart
    assert "政府补贴 −" not in cart

    refused = client.submit(f"/subsidies/{DIGI}/phone", {"back": "checkout"})
    assert refused.location == "/subsidies"
    assert "请先核验实名" in client.get("/subsidies").text
    assert client.submit("/subsidies/name", NAME).status_code == 303
    page = client.get("/subsidies").text
    assert "1****************X" in page
    assert SPECIMEN not in page
    assert client.submit(f"/subsidies/{DIGI}/phone", {"back": "checkout"}).location == "/checkout"
    assert coupons(session) == 1
    checkout = client.get("/checkout").text
    assert "领到了" in checkout
    assert "389.85" in checkout
    page = client.get(f"/listing/{phone.id}").text
    assert "先领这一类的补贴资格" not in page
    assert "389.85" in page
    assert "以前下单有效" in client.get("/subsidies").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": ""}, "请填 18 位身份证号码"),
        ({"number": "110105491231002"}, "15 位的旧身份证已经停用"),
        ({"number": "110105194912310021"}, "身份证号码对不上"),
        ({"name": "王秀兰"}, "名字要和账户里的一样"),
        ({"name": ""}, "请写身份证上的姓名"),
        ({"agrees": ""}, "核验实名要您同意"),
    ],
)
def test_a_name_that_cannot_be_checked_says_why_beside_the_field(
    client, session, buyer, phone, changes, said
):
    typed = {name: value for name, value in (NAME | changes).items() if value or name != "agrees"}
    answer = client.submit("/subsidies/name", typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert session.scalars(select(RealName)).all() == []


def test_consent_can_be_taken_back_as_easily(client, session, buyer, phone):
    client.submit("/subsidies/name", NAME)
    assert "用姓名和身份证号码核对补贴资格" in client.get("/account/privacy").text
    assert client.submit("/subsidies/name/forget").status_code == 303
    assert session.scalars(select(RealName)).all() == []


def test_who_goes_by_another_name_now_is_asked_again(client, session, buyer, phone):
    client.submit("/subsidies/name", NAME)
    session.get_one(Account, buyer.id).name = "王秀兰"
    session.commit()
    assert "请重新核验" in client.get("/subsidies").text
    client.submit(f"/subsidies/{DIGI}/phone")
    assert coupons(session) == 0


def test_when_all_are_gone_the_page_says_so(client, session, buyer, phone, shop):
    pots.set_places(session, shop.county_code, DIGI, "phone", 0)
    session.commit()
    client.submit("/subsidies/name", NAME)
    assert "领完了" in client.get("/subsidies").text
    client.submit(f"/subsidies/{DIGI}/phone")
    assert "这一类的名额已经领完" in client.get("/subsidies").text


def test_without_coupons_asked_for_there_is_nothing_to_claim(client, session, buyer, washer, now):
    a_funded_programme(session, washer.shop.county_code, now)
    assert "直接下单就补" in client.get("/subsidies").text
    assert "519" not in client.get(f"/listing/{washer.id}").text
    assert "389.85" in client.get(f"/listing/{washer.id}").text
