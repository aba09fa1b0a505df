"""Which language a page is in."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.builders.people import an_account
from tests.builders.web import Browser


def spoken(client: Browser, asked: str = "") -> str:
    page = client.get("/account/register", headers={"Accept-Language": asked} if asked else {})
    return "zh" if '<html lang="zh-CN">' in page.text else "en"


@pytest.mark.parametrize(
    ("asked", "language"), [("", "zh"), ("zh-CN,zh;q=0.9", "zh"), ("en-GB,en;q=0.8", "en"), ("fr", "zh")]
)
def test_a_visitor_is_spoken_to_as_the_browser_asks_and_in_chinese_otherwise(
    client: Browser, asked: str, language: str
) -> None:
    assert spoken(client, asked) == language


def test_a_visitors_choice_is_kept_and_leads_back_to_the_page(client: Browser) -> None:
    answer = client.submit("/language", {"locale": "en", "next": "/account/register?next=/cart"})
    assert (answer.status_code, answer.location) == (303, "/account/register?next=/cart")
    assert spoken(client, "zh-CN") == "en"


def test_a_language_we_do_not_speak_changes_nothing(client: Browser) -> None:
    client.submit("/language", {"locale": "tlh"})
    assert spoken(client) == "zh"


def test_the_accounts_language_goes_with_the_person(client: Browser, session: Session, now: datetime) -> None:
    account = an_account(session, now)
    client.become(account)
    client.submit("/language", {"locale": "en"})
    session.refresh(account)
    assert account.locale == "en"
    elsewhere = Browser(client.application)
    elsewhere.become(account)
    assert '<html lang="en">' in elsewhere.get("/account", headers={"Accept-Language": "zh"}).text
