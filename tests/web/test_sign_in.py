"""Registering, signing in and out, in a browser without JavaScript."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.people.models import Account, AccountSession
from tests.builders.people import PASSWORD, an_account
from tests.builders.web import Browser

HOME = "/account"
PERSON = {"phone": "138 0013 8000", "name": "李秀兰", "password": PASSWORD}


def test_a_villager_registers_and_is_signed_in(client: Browser, session: Session) -> None:
    answer = client.submit("/account/register", PERSON)
    assert (answer.status_code, answer.location) == (303, HOME)
    assert "李秀兰" in client.get(HOME).text
    assert session.scalars(select(Account)).one().phone == "13800138000"


def test_what_was_typed_stays_beside_the_sentence_of_what_is_wrong(
    client: Browser, session: Session, now: datetime
) -> None:
    answer = client.submit("/account/register", {**PERSON, "phone": "138001380"})
    assert answer.status_code == 422
    assert "请填 11 位手机号码" in answer.text
    assert 'value="138001380"' in answer.text
    assert 'value="李秀兰"' in answer.text
    assert PASSWORD not in answer.text
    assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_signing_in_leads_back_to_the_page_that_asked(
    client: Browser, session: Session, now: datetime
) -> None:
    account = an_account(session, now)
    asked = client.get("/account/privacy")
    assert (asked.status_code, asked.location) == (303, "/account/sign-in?next=/account/privacy")
    page = client.get(asked.location)
    assert 'name="next" type="hidden" value="/account/privacy"' in page.text
    answer = client.submit(
        "/account/sign-in", {"phone": account.phone, "password": PASSWORD, "next": "/account/privacy"}
    )
    assert answer.location == "/account/privacy"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"],
)
def test_nobody_is_led_to_another_site(client: Browser, session: Session, now: datetime, target: str) -> None:
    account = an_account(session, now)
    answer = client.submit("/account/sign-in", {"phone": account.phone, "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.location) == (303, HOME)


def test_a_cookie_kept_from_before_signing_out_is_nobody(
    client: Browser, session: Session, now: datetime
) -> None:
    client.become(an_account(session, now))
    copy = client.get_cookie("session")
    assert copy is not None
    client.submit("/account/sign-out")
    client.set_cookie("session", copy.value)
    assert client.get(HOME).status_code == 303
    assert session.scalars(select(AccountSession)).one().revoked_at is not None


def test_the_cookie_holds_no_account_id_and_is_closed_to_scripts(
    client: Browser, session: Session, now: datetime
) -> None:
    account = an_account(session, now)
    answer = client.submit("/account/sign-in", {"phone": account.phone, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    with client.session_transaction() as stored:
        assert str(account.id) not in str(dict(stored))


def test_a_session_planted_before_signing_in_does_not_become_the_persons(
    client: Browser, session: Session, now: datetime
) -> None:
    account = an_account(session, now)
    token_before = client.csrf_token()
    planted = client.get_cookie("session")
    assert planted is not None
    client.submit("/account/sign-in", {"phone": account.phone, "password": PASSWORD})
    assert client.csrf_token() != token_before
    attacker = Browser(client.application)
    attacker.set_cookie("session", planted.value)
    assert attacker.get(HOME).status_code == 303


def test_every_sign_in_is_a_session_of_its_own(client: Browser, session: Session, now: datetime) -> None:
    account = an_account(session, now)
    client.become(account)
    other = Browser(client.application)
    other.become(account)
    other.submit("/account/sign-out")
    assert client.get(HOME).status_code == 200


def test_signing_out_when_nobody_is_signed_in_leads_home(client: Browser) -> None:
    assert client.submit("/account/sign-out").location == "/"


@pytest.mark.parametrize("path", ["/account/sign-out", "/account/register", "/account/sign-in", "/language"])
def test_a_post_without_our_token_changes_nothing(
    client: Browser, session: Session, now: datetime, path: str
) -> None:
    client.become(an_account(session, now))
    answer = client.post(path, data={**PERSON, "locale": "en"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text
    assert session.scalars(select(AccountSession)).one().revoked_at is None
    assert session.scalars(select(Account)).one().locale == "zh"


def test_the_eleventh_wrong_password_for_a_number_has_to_wait(
    client: Browser, session: Session, now: datetime
) -> None:
    account = an_account(session, now)
    for _ in range(10):
        wrong = client.submit("/account/sign-in", {"phone": account.phone, "password": "wrong-password"})
        assert wrong.status_code == 422
    spaced = f"{account.phone[:3]} {account.phone[3:]}"
    stopped = client.submit("/account/sign-in", {"phone": spaced, "password": PASSWORD})
    assert stopped.status_code == 429
    assert "试的次数太多了" in stopped.text
    assert int(stopped.headers["Retry-After"]) > 0
    other = an_account(session, now)
    assert client.submit("/account/sign-in", {"phone": other.phone, "password": PASSWORD}).status_code == 303


def test_right_passwords_count_against_nobody(client: Browser, session: Session, now: datetime) -> None:
    account = an_account(session, now)
    for _ in range(12):
        answer = client.submit("/account/sign-in", {"phone": account.phone, "password": PASSWORD})
        assert answer.status_code == 303
