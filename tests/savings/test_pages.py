"""The pages of the three accounts and of her appliances."""

import pytest

from market.kernel import clock
from market.savings.appliances import mine
from tests.builders.catalog import a_listing, categories
from tests.builders.people import an_account
from tests.builders.shops import a_shop


@pytest.fixture
def moment():
    return clock.now()


@pytest.fixture
def listing(session, moment):
    found = a_listing(session, a_shop(session, moment), moment, stock=3)
    session.commit()
    return found


def ask(client, listing, **answers):
    return client.get(f"/savings/{listing.id}", query_string=answers)


def test_the_product_leads_to_its_three_accounts(client, listing):
    assert f"/savings/{listing.id}" in client.get(f"/listing/{listing.id}").text
    page = ask(client, listing)
    assert page.status_code == 200
    assert "算三本账" in page.text
    assert "立即停用" not in page.text


def test_where_replacing_does_not_pay_the_page_says_so(client, listing):
    page = ask(client, listing, year_kwh="438", new_year_kwh="219", bought_on="2020-01-01", value="0").text
    assert "不划算" in page
    assert "219.0 度" in page
    assert "116.20 公斤" in page
    assert "参考值" in page
    assert page.count("<svg viewBox") >= 2


def test_where_nothing_is_saved_there_is_no_payback(client, listing):
    assert "换了不省钱" in ask(client, listing, year_kwh="200", new_year_kwh="219").text


def test_a_hazard_stops_every_sum(client, listing):
    page = ask(client, listing, hazards="burnt_smell", year_kwh="438", new_year_kwh="219").text
    assert "立即停用" in page
    assert "经济账" not in page


def test_a_wrong_figure_gets_its_sentence_and_keeps_what_was_typed(client, listing):
    page = ask(client, listing, usage="9", year_kwh="438")
    assert page.status_code == 422
    assert "请填 0.2 到 2 之间的数" in page.text
    assert 'value="438"' in page.text


def test_what_is_not_for_sale_has_no_accounts(client, session, listing):
    assert client.get("/savings/0192f0c1-0000-7000-8000-000000000000").status_code == 404


def test_the_page_is_light(client, listing):
    page = ask(client, listing, year_kwh="438", new_year_kwh="219", bought_on="2010-01-01")
    assert len(page.data) < 14 * 1024 * 3  # what is sent is compressed to a third or less


def test_appliances_are_noted_changed_and_removed(client, session, moment):
    categories(session)
    person = an_account(session, moment)
    session.commit()
    client.become(person)
    assert "还没有记下的家电" in client.get("/account/appliances").text
    wrong = {"category_code": "ac", "name": "堂屋的空调", "declared_life_years": "99"}
    page = client.submit("/account/appliances/new", wrong)
    assert page.status_code == 422
    assert "堂屋的空调" in page.text
    right = wrong | {"declared_life_years": "", "installed_on": "2010-07-01"}
    assert client.submit("/account/appliances/new", right).status_code == 303
    assert "超过安全年限" in client.get("/account/appliances").text
    (one,) = mine(session, person.id)
    path = f"/account/appliances/{one.id}"
    assert (
        client.submit(path, right | {"installed_on": clock.local_date(moment).isoformat()}).status_code == 303
    )
    assert "安全年限内" in client.get("/account/appliances").text
    client.submit("/account/appliances/reminders", {"wanted": "no"})
    assert "您关掉了提醒" in client.get("/account/appliances").text
    assert client.submit(f"{path}/remove").status_code == 303
    assert "还没有记下的家电" in client.get("/account/appliances").text


def test_a_strangers_appliance_is_not_found(client, session, moment):
    categories(session)
    owner, stranger = an_account(session, moment), an_account(session, moment)
    session.commit()
    client.become(owner)
    client.submit("/account/appliances/new", {"category_code": "ac", "name": "空调"})
    (one,) = mine(session, owner.id)
    client.become(stranger)
    assert client.get(f"/account/appliances/{one.id}").status_code == 404
    assert client.submit(f"/account/appliances/{one.id}/remove").status_code == 404
    assert len(mine(session, owner.id)) == 1
