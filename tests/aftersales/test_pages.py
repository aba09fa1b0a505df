"""Returns and repairs at the doors: three steps, a page to follow, the shop's inbox, the county's desks."""

import gzip
import io
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from market.aftersales import terms
from market.aftersales.models import Repair, ReturnRequest
from market.aftersales.request_repair import request_repair
from market.aftersales.request_return import request_return
from market.aftersales.rules import Remedy
from market.kernel import clock
from market.orders import cart
from market.payments import refund
from market.shops.models import Shop
from tests.builders.aftersales import (
    a_damaged_wish,
    a_delivered_washer,
    a_faulty_wish,
    a_trouble,
    a_wish,
    driven,
    not_taken,
)
from tests.builders.catalog import a_listing, categories
from tests.builders.life import COUNTY, react
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_photo
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser

FIRST_VISIT_BYTES = 14 * 1024


@pytest.fixture
def moment():
    """Yesterday morning: what the pages do now comes after it, within every window."""
    return clock.at(clock.local_date(clock.now()) - timedelta(days=1), time(10))


@pytest.fixture
def buyer(session, moment):
    return an_account(session, moment)


@pytest.fixture
def order(session, buyer, moment):
    categories(session)
    for data in terms.shipped():
        terms.publish(session, data)
    found = a_delivered_washer(session, buyer, moment)
    session.commit()
    return found


@pytest.fixture
def line(order):
    return order.shop_orders[0].lines[0]


@pytest.fixture
def hers(app, order, buyer):
    browser = Browser(app)
    browser.become(buyer)
    return browser


@pytest.fixture
def shops(app, session, order, moment):
    browser = Browser(app)
    browser.become(a_clerk(session, session.get_one(Shop, order.shop_orders[0].shop_id), moment))
    return browser


@pytest.fixture
def countys(app, session, order, moment):
    browser = Browser(app)
    browser.become(an_operator(session, moment))
    return browser


def one(session, model):
    session.expire_all()
    return session.scalars(select(model)).one()


def picture():
    return (io.BytesIO(a_photo()), "photo.jpg")


def test_three_short_steps_lead_from_the_order_to_a_return(session, order, line, hers):
    first = f"/orders/lines/{line.id}/help"
    assert first in hers.get(f"/orders/{order.id}").text
    assert f"{first}/fault" in hers.get(first).text
    second = hers.get(f"{first}/fault").text
    assert f"/orders/lines/{line.id}/repair" in second
    assert "整机三包到" in second
    assert "参考值" in second
    third = f"/orders/lines/{line.id}/return/fault/refund"
    assert third in second
    assert hers.get(third).status_code == 200
    wrong = hers.submit(third, {"quantity": "1", "words": "", "way": "pickup"})
    assert wrong.status_code == 422
    assert "请说说怎么回事" in wrong.text
    told = {"quantity": "1", "words": "不脱水", "way": "bring", "photos": picture()}
    kept = hers.submit(third, {**told, "quantity": "3", "photos": picture()})
    assert (kept.status_code, "不脱水" in kept.text) == (422, True)
    assert session.scalars(select(ReturnRequest)).all() == []
    answer = hers.submit(third, {**told, "photos": picture()})
    case = one(session, ReturnRequest)
    assert (answer.status_code, answer.location) == (303, f"/returns/{case.id}")
    page = hers.get(answer.location).text
    assert case.code in page
    photo = next(part for part in page.split('"') if "/photos/" in part)
    assert hers.get(photo).mimetype == "image/jpeg"
    assert case.code in hers.get(f"/orders/{order.id}").text


def test_a_form_sent_twice_asks_once(session, line, hers):
    path = f"/orders/lines/{line.id}/return/no_reason/refund"
    fields = {"quantity": "1", "way": "pickup", "Idempotency-Key": "0123456789abcdef"}
    first, second = hers.submit(path, fields), hers.submit(path, fields)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert one(session, ReturnRequest).freight_fen == 36_00


@pytest.mark.parametrize("door", ["return", "repair", "shop", "county"])
def test_what_is_not_yours_is_not_found(app, session, line, buyer, moment, door):
    made = request_return(session, buyer.id, line.id, a_damaged_wish(), moment)
    session.commit()
    browser = Browser(app)
    if door == "shop":
        browser.become(a_clerk(session, a_shop(session, moment), moment))
    else:
        browser.become(an_account(session, moment))
    paths = {
        "return": f"/returns/{made.id}",
        "repair": f"/orders/lines/{line.id}/repair",
        "shop": f"/shop/returns/{made.id}",
        "county": "/county/returns",
    }
    assert browser.get(paths[door]).status_code == 404


def test_a_shop_answers_counts_looks_and_the_county_pays(session, line, buyer, hers, shops, countys, moment):
    case = request_return(session, buyer.id, line.id, a_faulty_wish(), moment)
    session.commit()
    assert case.code in shops.get("/shop/returns").text
    path = f"/shop/returns/{case.id}"
    assert "不脱水" in shops.get(path).text
    assert shops.submit(f"{path}/refuse", {"reason": ""}).status_code == 422
    assert shops.submit(f"{path}/approve", {}).status_code == 303
    driven(session, f"return:{case.id}:pickup", moment)
    session.commit()
    none = shops.submit(f"{path}/receive", {"quantity": "0"})
    assert (none.status_code, "件数不对" in none.text) == (422, True)
    assert shops.submit(f"{path}/receive", {"quantity": "1"}).status_code == 303
    seen = {"found": "faulty", "sellable": "0"}
    reasonless = shops.submit(f"{path}/inspect", seen)
    assert (reasonless.status_code, "请写清楚" in reasonless.text) == (422, True)
    assert shops.submit(f"{path}/inspect", {**seen, "write_off_reason": "电机坏了"}).status_code == 303
    session.expire_all()
    assert case.state == "settling"
    assert line.shop_order.number in countys.get("/county/refunds").text
    assert countys.submit(f"/county/refunds/{case.refund_id}/approve").status_code == 303
    react(session, clock.now())
    session.commit()
    assert "退款已批准" in hers.get(f"/returns/{case.id}").text
    assert "已批准" in hers.get("/notices").text


def test_a_dispute_is_settled_at_the_countys_desk(session, line, buyer, hers, shops, countys, moment):
    case = request_return(session, buyer.id, line.id, a_damaged_wish(), moment)
    session.commit()
    assert shops.submit(f"/shop/returns/{case.id}/refuse", {"reason": "没有裂"}).status_code == 303
    page = hers.get(f"/returns/{case.id}").text
    assert "没有裂" in page
    assert hers.submit(f"/returns/{case.id}/dispute", {"words": ""}).status_code == 422
    assert hers.submit(f"/returns/{case.id}/dispute", {"words": "有照片"}).status_code == 303
    desk = countys.get("/county/returns").text
    assert "有照片" in desk
    assert countys.get(next(part for part in desk.split('"') if "/photos/" in part)).status_code == 200
    decide = f"/county/returns/{case.id}/decide"
    assert countys.submit(decide, {"decision": "for_buyer", "note": ""}).status_code == 422
    assert countys.submit(decide, {"decision": "for_buyer", "note": "看得见裂"}).status_code == 303
    session.expire_all()
    assert case.state == "approved"
    assert hers.submit(f"/returns/{case.id}/withdraw").status_code == 303
    session.expire_all()
    assert case.state == "withdrawn"


def test_what_she_would_rather_have_shows_the_difference_and_is_a_purchase_of_its_own(
    session, order, line, buyer, hers, shops, moment
):
    shop = session.get_one(Shop, line.shop_order.shop_id)
    dearer = a_listing(session, shop, moment)
    dearer.price_fen = dearer.list_price_fen = 2_999_00
    session.commit()
    page = hers.get(f"/orders/lines/{line.id}/return/no_reason/exchange").text
    assert "要补 ¥400.00" in page
    wish = a_wish(remedy=Remedy.exchange, other_listing_id=dearer.id)
    case = request_return(session, buyer.id, line.id, wish, moment)
    session.commit()
    path = f"/shop/returns/{case.id}"
    shops.submit(f"{path}/approve", {})
    driven(session, f"return:{case.id}:pickup", moment)
    session.commit()
    shops.submit(f"{path}/receive", {"quantity": "1"})
    assert shops.submit(f"{path}/inspect", {"found": "as_told", "sellable": "1"}).status_code == 303
    refund.approve(
        session, COUNTY, an_operator(session, moment).id, one(session, ReturnRequest).refund_id, moment
    )
    react(session, clock.now())
    session.commit()
    assert "比原来的多 ¥400.00" in hers.get(f"/returns/{case.id}").text
    assert hers.submit(f"/returns/{case.id}/order-other").location == "/cart"
    [entry] = cart.entries(session, cart.Owner(account_id=buyer.id))
    assert (entry.listing.id, entry.quantity) == (dearer.id, 1)


def test_an_exchange_is_sent_taken_in_refused_and_sent_again(session, line, buyer, shops, countys, moment):
    case = request_return(session, buyer.id, line.id, a_faulty_wish(remedy=Remedy.exchange), moment)
    session.commit()
    path = f"/shop/returns/{case.id}"
    shops.submit(f"{path}/approve", {})
    driven(session, f"return:{case.id}:pickup", moment)
    session.commit()
    shops.submit(f"{path}/receive", {"quantity": "1"})
    shops.submit(f"{path}/inspect", {"found": "faulty", "sellable": "0", "write_off_reason": "坏"})
    assert shops.submit(f"{path}/refund-instead").status_code == 409
    assert shops.submit(f"{path}/send", {}).status_code == 303
    assert f"/county/returns/{case.id}/at-hub" in countys.get("/county/returns").text
    assert countys.submit(f"/county/returns/{case.id}/at-hub").status_code == 303
    not_taken(session, f"return:{case.id}:new:1", moment)
    session.commit()
    assert countys.submit(f"/county/returns/{case.id}/again").status_code == 303
    driven(session, f"return:{case.id}:new:2", moment)
    assert one(session, ReturnRequest).state == "exchanged"


def test_late_returns_stand_apart_at_the_countys_desk_and_in_the_shops_inbox(
    session, line, buyer, shops, countys, moment
):
    request_return(session, buyer.id, line.id, a_faulty_wish(), moment)
    one(session, ReturnRequest).due_at = moment - timedelta(minutes=1)
    session.commit()
    assert "超期的" in countys.get("/county/returns").text
    assert "已超期" in shops.get("/shop/returns").text


def test_a_repair_goes_over_the_stations_desk(session, order, line, buyer, hers, countys, moment):
    path = f"/orders/lines/{line.id}/repair"
    assert "整机三包到" in hers.get(path).text
    assert hers.submit(path, {"fault": "noise", "words": "", "way": "pickup"}).status_code == 422
    told = {"fault": "noise", "words": "甩干时响", "way": "pickup", "photos": picture()}
    assert hers.submit(path, told).status_code == 303
    case = one(session, Repair)
    desk = f"/county/repairs/{case.id}"
    assert "等送货车顺路来取" in countys.get(desk).text
    assert desk in countys.get("/county/repairs").text
    assert "还没排车，费用还不知道" in hers.get(f"/repairs/{case.id}").text
    assert countys.submit(f"{desk}/take-in").status_code == 303
    feeless = countys.submit(f"{desk}/diagnose", {"found": "进了硬币", "by_misuse": "y"})
    assert (feeless.status_code, "请填要收多少钱" in feeless.text) == (422, True)
    quote = {"found": "进了硬币", "by_misuse": "y", "fee": "60"}
    assert countys.submit(f"{desk}/diagnose", quote).status_code == 303
    assert "修要 ¥60.00" in hers.get(f"/repairs/{case.id}").text
    assert hers.submit(f"/repairs/{case.id}/accept").status_code == 303
    assert countys.submit(f"{desk}/parts", {"note": "等内筒"}).status_code == 303
    assert countys.submit(f"{desk}/parts-came").status_code == 303
    assert countys.submit(f"{desk}/finish", {"fixed": "yes", "note": "取出硬币"}).status_code == 303
    assert countys.submit(f"{desk}/hand-over", {"slip_number": ""}).status_code == 422
    assert countys.submit(f"{desk}/hand-over", {"slip_number": "CK-1234"}).status_code == 303
    ended = one(session, Repair)
    assert (ended.state, ended.fee_fen, ended.slip_number) == ("home", 60_00, "CK-1234")
    assert "取出硬币" in hers.get(f"/repairs/{case.id}").text


@pytest.mark.parametrize("answer", ["decline", "withdraw", "dance"])
def test_an_answer_that_cannot_be_given_now_changes_nothing(session, line, buyer, hers, moment, answer):
    case = request_repair(session, buyer.id, line.id, a_trouble(), moment)
    session.commit()
    status = hers.submit(f"/repairs/{case.id}/{answer}").status_code
    session.expire_all()
    expected = {"decline": (409, "requested"), "withdraw": (303, "withdrawn"), "dance": (409, "requested")}
    assert (status, case.state) == expected[answer]


def test_pages_speak_english_and_weigh_little_on_a_first_visit(session, line, buyer, hers, moment):
    case = request_return(session, buyer.id, line.id, a_damaged_wish(), moment)
    session.commit()
    hers.submit("/language", {"locale": "en"})
    css = gzip.compress(hers.get("/static/app.css").data)
    for path in (
        f"/orders/lines/{line.id}/help",
        f"/orders/lines/{line.id}/help/fault",
        f"/returns/{case.id}",
    ):
        page = hers.get(path)
        assert page.status_code == 200
        assert len(gzip.compress(page.data)) + len(css) <= FIRST_VISIT_BYTES
    assert "Waiting for the shop" in page.text
