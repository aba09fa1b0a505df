"""What was agreed to is taken back on the page that shows it, in whatever version it was given."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.seal import Seal
from market.people import consents, queries
from market.people.models import Account, Consent, Purpose
from market.subsidies.coupon_models import RealName
from market.subsidies.real_name import check_name
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.web import Browser


@pytest.fixture
def her(app: Flask, client: Browser, session: Session, now: datetime) -> Account:
    a_county(session)
    account = an_account(session, now, name="金丝雀秀")
    seal = Seal([app.config["SECRET_KEY"]], "real_name")
    check_name(session, account, "金丝雀秀", "61092419580312002X", True, seal, now)
    session.commit()
    client.become(account)
    return account


def test_the_subsidy_consent_goes_where_it_is_shown_and_the_number_with_it(
    client: Browser, session: Session, her: Account
) -> None:
    assert "撤回同意，删除号码" in client.get("/account/privacy").text
    for _ in range(2):
        assert client.submit("/account/consents/subsidy", {"agree": "no"}).status_code == 303
    assert session.scalars(select(RealName)).all() == []
    assert set(queries.standing_consents(session, her.id)) == {Purpose.account}
    page = client.get("/account/privacy").text
    assert "去填写并同意" in page
    answer = client.submit("/account/consents/subsidy", {"agree": "yes"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/subsidies")
    assert Purpose.subsidy not in queries.standing_consents(session, her.id)


def test_every_purpose_has_a_way_to_give_it_and_to_take_it_back(
    client: Browser, session: Session, her: Account, now: datetime
) -> None:
    # Given at a shop's counter, and so shown only where it was.
    assert "/account/consents/assisted" not in client.get("/account/privacy").text
    consents.give_consent(session, her.id, Purpose.assisted, now)
    session.commit()
    page = client.get("/account/privacy").text
    for purpose in Purpose:
        way = "/account/close" if purpose is Purpose.account else f"/account/consents/{purpose.value}"
        assert way in page
    assert client.submit("/account/consents/account", {"agree": "no"}).status_code == 404


def test_an_older_version_is_taken_back_too_and_does_not_stand_for_the_new_one(
    client: Browser, session: Session, her: Account, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    consents.give_consent(session, her.id, Purpose.sms, now)
    session.commit()
    monkeypatch.setitem(consents.VERSIONS, Purpose.sms, 2)
    assert not queries.agrees(session, her.id, Purpose.sms)
    page = client.get("/account/privacy").text
    assert "说法改了，要您重新同意才继续用。" in page
    assert "不再发短信" in page
    client.submit("/account/consents/sms", {"agree": "no"})
    left = select(Consent.id).where(Consent.purpose == Purpose.sms, Consent.withdrawn_at.is_(None))
    assert session.scalars(left).all() == []
