"""The county charges with fraud in the browser; the shop answers; a colleague decides."""

import pytest
from sqlalchemy import select

from market.credit.fraud_models import FraudCharge, FraudState
from tests.builders.people import an_operator
from tests.builders.shops import a_shop, an_owner
from tests.builders.web import Browser


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


def door(app, who):
    browser = Browser(app)
    browser.become(who)
    return browser


def test_from_the_charge_to_the_finding(app, session, shop, now):
    first, second = (door(app, an_operator(session, now)) for _ in range(2))
    owner = door(app, an_owner(session, shop))
    form = {"subject": f"shop:{shop.id}", "words": "同一台机器报了两次", "evidence": "LX261120-AB"}
    assert first.submit("/county/fraud", form).status_code == 303
    charged = session.scalars(select(FraudCharge)).one()
    page = f"/county/fraud/{charged.id}"
    assert "要另一位同事来定" in first.get(page).text
    assert "现在只能不认定" in second.get(page).text
    early = second.submit(page, {"outcome": "found", "reasons": "照片一样"})
    assert (early.status_code, "对方还可以答复" in early.text, "照片一样" in early.text) == (422, True, True)
    own = f"/shop/fraud/{charged.id}"
    assert own in owner.get("/shop/rating").text
    assert "同一台机器报了两次" in owner.get(own).text
    empty = owner.submit(own, {"answer": ""})
    assert (empty.status_code, "请写答复" in empty.text) == (422, True)
    assert owner.submit(own, {"answer": "是两台"}).status_code == 303
    assert second.submit(page, {"outcome": "found", "reasons": "照片一样"}).status_code == 303
    session.refresh(charged)
    assert charged.state is FraudState.found
    assert f"/shop/rating/{charged.event_id}" in owner.get(own).text
    assert second.submit(page, {"clears": "1"}).status_code == 303
    session.refresh(charged)
    assert charged.state is FraudState.cleared


def test_a_charge_without_evidence_keeps_what_was_typed(app, session, shop, now):
    form = {"subject": f"shop:{shop.id}", "words": "同一台机器报了两次", "evidence": ""}
    answer = door(app, an_operator(session, now)).submit("/county/fraud", form)
    assert (answer.status_code, "请写明凭什么" in answer.text) == (422, True)
    assert "同一台机器报了两次" in answer.text
    assert session.scalars(select(FraudCharge)).all() == []


def test_nobody_elses_charge_is_found(app, session, shop, now):
    there = a_shop(session, now, "610728", "镇巴家电")
    first = door(app, an_operator(session, now))
    form = {"subject": f"shop:{shop.id}", "words": "同一台", "evidence": "LX1"}
    first.submit("/county/fraud", form)
    charged = session.scalars(select(FraudCharge)).one()
    stranger = door(app, an_owner(session, there))
    assert stranger.get(f"/shop/fraud/{charged.id}").status_code == 404
    assert stranger.submit(f"/shop/fraud/{charged.id}", {"answer": "我"}).status_code == 404
    elsewhere = door(app, an_operator(session, now, "610728"))
    assert elsewhere.get(f"/county/fraud/{charged.id}").status_code == 404
