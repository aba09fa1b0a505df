"""Ratings on the pages: public, explained, appealed against; a buyer's own, which only she sees."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.appeal_models import RatingAppeal
from market.credit.buyers import is_off, record_of_buyer
from market.credit.criteria import criteria
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.delivery import a_courier
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_recycler, a_recycler_clerk
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser


@pytest.fixture
def shop(session: Session, now: datetime) -> Shop:
    found = a_shop(session, now)
    for number in range(5):
        record_event(session, SubjectKind.shop, found.id, "handed_over_late", f"so:{number}", now)
    return found


def another(app: Flask, account: Account) -> Browser:
    browser = Browser(app)
    browser.become(account)
    return browser


def test_one_page_says_what_a_rating_does(client: Browser, shop: Shop) -> None:
    page = client.get("/open/ratings").text
    for kind in SubjectKind:
        assert all(part.name_zh in page for part in criteria(kind).components)
    for words in (
        "D：14 天",
        "D：定额的 0%",
        "D：4 张",
        "和别人同一台设备：按 30% 算",
        "30 天内可以申诉，15 天内由人答复",
    ):
        assert words in page


def test_everybody_rated_in_a_county_is_listed_and_a_courier_by_surname(
    client: Browser, session: Session, shop: Shop, now: datetime
) -> None:
    courier, recycler = a_courier(session, now), a_recycler(session, now)
    courier.name = "李建国"
    session.flush()
    page = client.get("/open/610924/ratings").text
    assert shop.name in page
    assert recycler.name in page
    assert "李建国" not in page
    assert page.count("新，还没评级") == 2
    for kind, subject in (("shop", shop), ("courier", courier), ("recycler", recycler)):
        assert client.get(f"/open/ratings/{kind}/{subject.id}").status_code == 200


def test_a_rating_shows_every_change_and_no_way_to_appeal_to_others(client: Browser, shop: Shop) -> None:
    page = client.get(f"/open/ratings/shop/{shop.id}").text
    assert page.count("交货晚了") == 5
    assert "申诉</a>" not in page


def test_a_buyers_rating_is_nobody_elses(
    client: Browser, session: Session, shop: Shop, now: datetime
) -> None:
    buyer = an_account(session, now)
    record_of_buyer(session, buyer.id, "was_at_home", "so:1", now)
    assert client.get(f"/open/ratings/buyer/{buyer.id}").status_code == 404
    assert client.get(f"/open/ratings/shop/{buyer.id}").status_code == 404


def test_a_shop_appeals_and_an_operator_upholds_it(
    app: Flask, session: Session, shop: Shop, now: datetime
) -> None:
    clerk = another(app, a_clerk(session, shop, now))
    page = clerk.get("/shop/rating").text
    assert page.count("不对？申诉") == 5
    event_id = page.split("/shop/rating/")[1].split('"')[0]
    empty = clerk.submit(f"/shop/rating/{event_id}", {"words": ""})
    assert (empty.status_code, "请写明哪里不对" in empty.text) == (422, True)
    assert clerk.submit(f"/shop/rating/{event_id}", {"words": "路断了"}).location == "/shop/rating"
    found = session.scalars(select(RatingAppeal)).one()
    operator = another(app, an_operator(session, now))
    assert "路断了" in operator.get(f"/county/appeals/{found.id}").text
    decided = {"outcome": "upheld", "answer": "有公告"}
    assert operator.submit(f"/county/appeals/{found.id}", decided).location == "/county/appeals"
    assert "有公告" in clerk.get(f"/shop/rating/{event_id}").text
    assert "申诉成立，一条记录作废" in clerk.get("/shop/rating").text
    late = operator.submit(f"/county/appeals/{found.id}", decided)
    assert late.status_code == 422


def test_another_shops_event_and_another_countys_appeal_are_not_found(
    app: Flask, session: Session, shop: Shop, now: datetime
) -> None:
    other = a_shop(session, now, name="别家")
    event_id = record_event(session, SubjectKind.shop, other.id, "dispute_lost", "return:1", now)
    clerk = another(app, a_clerk(session, shop, now))
    assert clerk.get(f"/shop/rating/{event_id}").status_code == 404
    assert clerk.submit(f"/shop/rating/{event_id}", {"words": "x"}).status_code == 404
    assert session.scalars(select(RatingAppeal)).all() == []


def test_couriers_and_recyclers_read_and_appeal_at_their_own_doors(
    app: Flask, session: Session, now: datetime
) -> None:
    courier, recycler = a_courier(session, now), a_recycler(session, now)
    late = record_event(session, SubjectKind.courier, courier.id, "delivered_late", "so:1", now)
    low = record_event(session, SubjectKind.recycler, recycler.id, "offer_lowered", "R-1", now)
    driver = another(app, session.get_one(Account, courier.account_id))
    clerk = another(app, a_recycler_clerk(session, recycler, now))
    assert "送晚了" in driver.get("/courier/rating").text
    assert driver.submit(f"/courier/rating/{late}", {"words": "路断"}).location == "/courier/rating"
    assert "压低了估价" in clerk.get("/recycler/rating").text
    assert clerk.submit(f"/recycler/rating/{low}", {"words": "屏幕裂了"}).location == "/recycler/rating"
    assert clerk.get(f"/recycler/rating/{late}").status_code == 404
    assert len(session.scalars(select(RatingAppeal)).all()) == 2


def test_a_buyer_reads_hers_appeals_and_switches_it_off_and_on(
    app: Flask, session: Session, shop: Shop, now: datetime
) -> None:
    buyer = an_account(session, now)
    record_of_buyer(session, buyer.id, "was_not_home", "so:1", now)
    browser = another(app, buyer)
    page = browser.get("/account/credit").text
    assert "约好的时候家里没人" in page
    event_id = page.split("/account/credit/")[1].split('"')[0]
    assert browser.submit(f"/account/credit/{event_id}", {"words": "我在家"}).location == "/account/credit"
    for chosen, off in (("1", True), ("", False)):
        assert browser.submit("/account/credit", {"is_off": chosen}).status_code == 303
        assert is_off(session, buyer.id) is off
