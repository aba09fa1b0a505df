"""The account's own pages: profile, password, addresses, privacy."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.people import queries
from market.people.data_access import record_access
from market.people.models import Account, Address, Purpose, ViewerRole, ViewPurpose
from market.people.sign_in import start_session
from tests.builders.people import PASSWORD, an_account, an_address, written_address
from tests.builders.places import a_county
from tests.builders.web import Browser


@pytest.fixture
def me(client: Browser, session: Session, now: datetime) -> Account:
    account = an_account(session, now)
    client.become(account)
    return account


def typed(session: Session, **changes: str) -> dict[str, str]:
    written = written_address(session)
    return {**{name: getattr(written, name) for name in written.__dataclass_fields__}, **changes}


@pytest.mark.parametrize("path", ["", "/profile", "/password", "/addresses", "/addresses/new", "/privacy"])
def test_every_page_opens_for_its_person_and_sends_a_stranger_to_sign_in(
    client: Browser, me: Account, path: str
) -> None:
    assert client.get(f"/account{path}").status_code == 200
    assert Browser(client.application).get(f"/account{path}").status_code == 303


def test_name_and_language_are_kept(client: Browser, session: Session, me: Account) -> None:
    answer = client.submit("/account/profile", {"name": " 王阿姨 ", "locale": "en"})
    assert answer.status_code == 303
    session.refresh(me)
    assert (me.name, me.locale) == ("王阿姨", "en")


def test_an_empty_name_is_refused_beside_its_field(client: Browser, session: Session, me: Account) -> None:
    answer = client.submit("/account/profile", {"name": "  ", "locale": "en"})
    assert answer.status_code == 422
    assert "请填写这一项" in answer.text
    session.refresh(me)
    assert (me.name, me.locale) == ("王秀英", "zh")


def test_changing_the_password_keeps_this_browser_and_ends_the_others(
    client: Browser, session: Session, now: datetime, me: Account
) -> None:
    other = Browser(client.application)
    other.become(me)
    answer = client.submit("/account/password", {"current": PASSWORD, "password": "another-village-8"})
    assert answer.status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_a_wrong_current_password_is_said_beside_it(client: Browser, me: Account) -> None:
    answer = client.submit("/account/password", {"current": "wrong-one-1", "password": "another-village-8"})
    assert answer.status_code == 422
    assert "密码不对" in answer.text


def test_an_address_is_picked_step_by_step_without_losing_what_was_typed(
    client: Browser, session: Session, me: Account
) -> None:
    fields = typed(session, village_code="")
    page = client.submit("/account/addresses/new", {**fields, "step": "village"})
    assert page.status_code == 200
    assert '<option value="610924103204">大连村</option>' in page.text
    assert 'value="三组 12 号"' in page.text
    assert 'class="error"' not in page.text
    assert session.scalar(select(func.count()).select_from(Address)) == 0


def test_an_address_is_saved_and_leads_back_to_where_it_was_needed(
    client: Browser, session: Session, me: Account
) -> None:
    answer = client.submit("/account/addresses/new", typed(session, next="/checkout"))
    assert (answer.status_code, answer.location) == (303, "/checkout")
    [address] = queries.addresses(session, me.id)
    assert (address.village_code, address.detail) == ("610924103204", "三组 12 号")
    assert "139****5678" in client.get("/account/addresses").text


def test_a_village_of_another_township_is_refused_and_nothing_is_saved(
    client: Browser, session: Session, me: Account
) -> None:
    answer = client.submit("/account/addresses/new", typed(session, village_code="610924101200"))
    assert answer.status_code == 422
    assert "请选择村" in answer.text
    assert queries.addresses(session, me.id) == []


def test_an_address_is_changed_and_removed(
    client: Browser, session: Session, now: datetime, me: Account
) -> None:
    address = an_address(session, me, now)
    path = f"/account/addresses/{address.id}"
    assert 'value="三组 12 号"' in client.get(path).text
    client.submit(path, typed(session, detail="五组 3 号"))
    session.refresh(address)
    assert address.detail == "五组 3 号"
    client.submit(f"{path}/remove")
    assert client.get(path).status_code == 404


def test_the_address_of_another_is_not_found_and_not_changed(
    client: Browser, session: Session, now: datetime, me: Account
) -> None:
    theirs = an_address(session, an_account(session, now), now)
    path = f"/account/addresses/{theirs.id}"
    assert client.get(path).status_code == 404
    assert client.submit(path, typed(session, detail="我家")).status_code == 404
    assert client.submit(f"{path}/remove").status_code == 404
    session.refresh(theirs)
    assert (theirs.detail, theirs.deleted_at) == ("三组 12 号", None)


def test_a_lost_phone_is_signed_out_from_another_browser(
    client: Browser, session: Session, now: datetime, me: Account
) -> None:
    phone = Browser(client.application)
    phone.become(me)
    lost = queries.live_sessions(session, me.id, now)[0]
    assert client.submit(f"/account/sessions/{lost.id}/end").status_code == 303
    assert sorted((client.get("/account").status_code, phone.get("/account").status_code)) == [200, 303]


def test_the_session_of_another_is_not_found_and_stays(
    client: Browser, session: Session, now: datetime, me: Account
) -> None:
    start = start_session(session, an_account(session, now), "", now)
    theirs = queries.arrival(session, start.token, now)
    assert theirs is not None
    for session_id in (theirs.account_session.id, new_id()):
        assert client.submit(f"/account/sessions/{session_id}/end").status_code == 404
    assert queries.arrival(session, start.token, now) is not None


def test_consent_to_texts_is_given_and_taken_back_with_one_press(
    client: Browser, session: Session, me: Account
) -> None:
    client.submit("/account/consents/sms", {"agree": "yes"})
    assert queries.agrees(session, me.id, Purpose.sms)
    assert client.submit("/account/consents/sms", {"agree": "perhaps"}).status_code == 404
    client.submit("/account/consents/sms", {"agree": "no"})
    assert not queries.agrees(session, me.id, Purpose.sms)


def test_the_privacy_page_says_who_looked(
    client: Browser, session: Session, now: datetime, me: Account
) -> None:
    courier = an_account(session, now, name="赵师傅")
    record_access(session, me.id, courier.id, ViewerRole.courier, ViewPurpose.delivery, "LX0001", now)
    page = client.get("/account/privacy").text
    assert "送货员 赵师傅：送货" in page
    assert "LX0001" in page


def test_a_new_address_starts_in_the_county_the_visitor_shops_in(
    client: Browser, session: Session, me: Account
) -> None:
    a_county(session, "610728")
    a_county(session, "610924")
    client.submit("/region", {"county": "610924"})
    page = client.get("/account/addresses/new").text
    assert '<option selected value="610924">紫阳县</option>' in page
