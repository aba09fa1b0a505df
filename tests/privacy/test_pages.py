"""One's own data, to read, to take along and to take away; and the notice that tells everybody."""

import json
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.people.models import Account, AccountState, DataAccess
from market.privacy.data_map import HOLDINGS
from market.web import privacy_text
from tests.builders.catalog import a_listing, categories
from tests.builders.orders import an_order
from tests.builders.people import PASSWORD, an_account
from tests.builders.places import a_county
from tests.builders.shops import a_shop
from tests.builders.web import Browser

SURE = {"password": PASSWORD, "agrees": "y"}


@pytest.fixture
def buyer(client: Browser, session: Session, now: datetime) -> Account:
    account = an_account(session, now, name="金丝雀秀")
    a_county(session)
    session.commit()
    client.become(account)
    return account


def test_the_notice_has_a_line_for_every_holding_and_needs_no_sign_in(
    client: Browser, session: Session
) -> None:
    a_county(session)
    page = client.get("/open/privacy").text
    assert [str(privacy_text.WHAT[it.name][0]) in page for it in HOLDINGS] == [True] * len(HOLDINGS)


def test_her_data_in_words_and_as_a_file_are_the_same_rows(
    client: Browser, session: Session, now: datetime, buyer: Account
) -> None:
    categories(session)
    order = an_order(session, buyer, [(a_listing(session, a_shop(session, now), now, stock=3), 1)], now)
    session.commit()
    page = client.get("/account/data").text
    assert "金丝雀秀" in page
    assert order.number in page
    assert "三组 12 号" in page

    answer = client.get("/account/data.json")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/json", "no-store")
    found = json.loads(answer.data)
    assert found["holdings"]["accounts"][0]["phone"] == buyer.phone
    assert [row["number"] for row in found["holdings"]["orders"]] == [order.number]
    assert session.scalars(select(DataAccess)).all() == []


def test_what_is_under_way_is_said_before_she_is_asked_anything(
    client: Browser, session: Session, now: datetime, buyer: Account
) -> None:
    categories(session)
    an_order(session, buyer, [(a_listing(session, a_shop(session, now), now, stock=3), 1)], now)
    session.commit()
    page = client.get("/account/close").text
    assert "有订单还没完成" in page
    assert 'name="password"' not in page
    answer = client.submit("/account/close", SURE)
    assert (answer.status_code, "有订单还没完成" in answer.text) == (422, True)
    assert session.get_one(Account, buyer.id).state is AccountState.active


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"agrees": ""}, "请先勾上，再注销"),
        ({"password": "not-hers-123"}, "密码不对，请再试一次"),
        ({"password": ""}, "请填写这一项"),
    ],
)
def test_a_form_that_is_not_right_says_so_and_ends_nothing(
    client: Browser, session: Session, buyer: Account, changes: dict[str, str], sentence: str
) -> None:
    data = {key: value for key, value in {**SURE, **changes}.items() if value}
    answer = client.submit("/account/close", data)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    session.expire_all()
    assert session.get_one(Account, buyer.id).state is AccountState.active


def test_an_ended_account_is_signed_out_everywhere(
    client: Browser, app: Flask, session: Session, buyer: Account
) -> None:
    other_phone = Browser(app)
    other_phone.become(buyer)
    assert client.submit("/account/close", SURE).location == "/"
    for browser in (client, other_phone):
        assert browser.get("/account").location.startswith("/account/sign-in")
    session.expire_all()
    assert session.get_one(Account, buyer.id).state is AccountState.closed
