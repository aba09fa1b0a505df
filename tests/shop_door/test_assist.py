"""The counter's pages: a code, what she wants, the price, her receipt; her privacy page shows all of it."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from market.notices.models import Notice
from market.orders.assist import PLACE_WITHIN, forget, lines
from market.orders.assisted_models import AssistedOrder, AssistState
from market.orders.models import Order
from tests.builders.catalog import a_listing, a_scan, an_offer_draft
from tests.builders.life import react
from tests.builders.people import an_account, written_address
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser, hidden

WHERE = {
    "recipient_name": "孙大爷",
    "phone": "13916000009",
    "village_code": "610924103204",
    "detail": "二组 3 号",
    "method": "cash",
}


@pytest.fixture
def elder(session, now):
    written_address(session)  # the village is there
    return an_account(session, now, name="孙满仓", phone="13916000009")


@pytest.fixture
def goods(session, shop, clerk, now):
    listing = a_listing(session, shop, now, stock=5, offer=an_offer_draft(own_number="A-1"))
    session.commit()
    return listing


def test_from_the_code_to_the_receipt(app, session, client, elder, goods):
    asked = client.submit("/shop/assist/code", {"phone": elder.phone})
    page = asked.location
    assert "她手机上的 6 位码" in client.get(page).text
    wrong = client.submit(f"{page}/agree", {"code": "abcdef"})
    assert (wrong.status_code, "这个码不对" in wrong.text) == (422, True)
    session.expire_all()
    assert session.scalars(select(AssistedOrder.wrong_tries)).all() == [1]
    code = session.scalars(select(Notice)).one().params["code"]
    assert client.submit(f"{page}/agree", {"code": code}).location == page
    unknown = client.submit(f"{page}/goods", WHERE | {"goods": "A-9 ×2"})
    assert (unknown.status_code, "“A-9 ×2”认不出" in unknown.text, "二组 3 号" in unknown.text) == (
        422,
        True,
        True,
    )
    assert client.submit(f"{page}/goods", WHERE | {"goods": "A-1 ×2"}).location == page
    shown = client.get(page).text
    assert "念给她听" in shown
    fields = hidden(shown, "expected_payable_fen")
    done = client.submit(f"{page}/place", {"expected_payable_fen": fields["expected_payable_fen"]})
    assert done.location == f"{page}/receipt"
    order = session.scalars(select(Order)).one()
    receipt = client.get(done.location).text
    assert (order.number in receipt, elder.name in receipt) == (True, False)
    assert client.get(page).location == done.location
    hers = Browser(app)
    hers.become(elder)
    privacy = hers.get("/account/privacy").text
    assert (order.number in privacy, "店员在柜台替我下单" in privacy) == (True, True)
    assert order.number in hers.get("/orders").text
    assert hers.submit("/account/consents/assisted", {"agree": "no"}).status_code == 303
    assert "不再让店员替我下单" not in hers.get("/account/privacy").text
    assert hers.submit("/account/consents/assisted", {"agree": "yes"}).status_code == 404


def test_on_paper_without_a_photo_or_a_password_says_so_by_the_field(session, client, goods):
    written_address(session)
    session.commit()
    typed = {"phone": "13916000010", "name": "郑奶奶"}
    silent = client.submit("/shop/assist/paper", typed)
    assert (silent.status_code, "请拍一张照片" in silent.text, "郑奶奶" in silent.text) == (422, True, True)
    no_word = client.submit("/shop/assist/paper", typed | {"photo": (io.BytesIO(a_scan()), "a.png")})
    assert (no_word.status_code, "密码太短" in no_word.text) == (422, True)
    assert session.scalars(select(AssistedOrder)).all() == []
    signed = typed | {"password": "her-own-word-7", "photo": (io.BytesIO(a_scan()), "a.png")}
    assert client.submit("/shop/assist/paper", signed).status_code == 303
    assert session.scalars(select(AssistedOrder.state)).all() == [AssistState.agreed]
    assert "同意书" in client.get("/shop/assist/consent-form").text


def test_another_shops_is_not_found(app, session, client, elder, goods, now):
    page = client.submit("/shop/assist/code", {"phone": elder.phone}).location
    stranger = Browser(app)
    other = a_clerk(session, a_shop(session, now, name="远山家电"), now)
    session.commit()
    stranger.become(other)
    assert [stranger.get(page).status_code, stranger.get(f"{page}/receipt").status_code] == [404, 404]
    posts = [stranger.submit(f"{page}/{act}").status_code for act in ("agree", "goods", "place")]
    assert posts == [404] * 3


def test_what_was_written_down_and_not_ordered_is_gone_after_two_hours(session, client, elder, goods):
    page = client.submit("/shop/assist/code", {"phone": elder.phone}).location
    code = session.scalars(select(Notice)).one().params["code"]
    client.submit(f"{page}/agree", {"code": code})
    client.submit(f"{page}/goods", WHERE | {"goods": "A-1 ×2"})
    session.expire_all()
    found = session.scalars(select(AssistedOrder)).one()
    over = found.agreed_at + PLACE_WITHIN
    forget(session, found.id, over - timedelta(minutes=1))
    assert (found.draft["address"]["recipient_name"], len(lines(session, found))) == ("孙大爷", 1)
    for late in (timedelta(0), timedelta(days=1)):
        react(session, over + late)
        forget(session, found.id, over + late)
        assert (found.draft, lines(session, found), found.state) == ({}, [], AssistState.agreed)
    session.commit()
    assert "孙大爷" not in client.get(page).text
