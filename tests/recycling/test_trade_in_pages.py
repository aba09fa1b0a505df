"""The buyer's, the recycler's and the operator's pages of trade-ins."""

import io

import pytest
from sqlalchemy import select

from market.kernel import clock
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.models import TradeInDue
from market.recycling.pay_due import pay_at_desk
from market.recycling.queries import trade_in_dues
from market.recycling.trade_in import not_handed_in
from tests.builders.delivery import a_courier
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_photo, a_recycler, a_recycler_clerk, price_tables
from tests.builders.trade_ins import a_collected_fridge, an_order_with_a_fridge


@pytest.fixture
def moment():
    return clock.now()


@pytest.fixture
def reoffered(session, consumer, recycler, clerk, moment):
    old = a_collected_fridge(session, consumer, a_courier(session, moment), moment)
    photo = a_photo()
    assess_trade_in(session, recycler, clerk.id, old.id, 60_000, 3, ["not_working"], "不转", photo, moment)
    session.commit()
    return old


def test_four_questions_give_the_credit_and_its_reasons(client, session):
    price_tables(session)
    session.commit()
    page = client.submit("/recycle/quote", {"category_code": "fridge", "age_years": "3", "complete": "y"})
    assert page.status_code == 200
    assert "能折 ¥83.20" in page.text
    assert "参考值" in page.text
    assert client.submit("/recycle/quote", {"age_years": "99"}).status_code == 422


def test_a_worse_fridge_is_reoffered_at_the_recyclers_door(client, session, consumer, clerk, moment):
    old = a_collected_fridge(session, consumer, a_courier(session, moment), moment)
    session.commit()
    client.become(clerk)
    path = f"/recycler/trade-ins/{old.id}"
    found = {"weight_grams": "60000", "age_years": "3", "faults": ["not_working"], "note": "压缩机不转"}
    without = client.submit(path, found)
    assert without.status_code == 422
    assert "压缩机不转" in without.text
    assert client.submit(path, found | {"photo": (io.BytesIO(a_photo()), "a.jpg")}).status_code == 303
    session.expire_all()
    assert (old.state.value, old.offer_fen) == ("reoffer", 8320)
    assert client.get(f"{path}/photo").mimetype == "image/jpeg"


def test_the_buyer_sees_why_and_accepts(client, session, consumer, reoffered):
    client.become(consumer)
    path = f"/trade-ins/{reoffered.id}"
    page = client.get(path).text
    assert "新折价 ¥83.20" in page
    assert "同意，补 ¥124.80" in page
    assert client.get(f"{path}/photo").mimetype == "image/jpeg"
    assert client.submit(f"{path}/accept").status_code == 303
    assert "要补 ¥124.80" in client.get(path).text
    order_page = client.get(f"/orders/{reoffered.reference.removeprefix('order:')}").text
    assert path in order_page


def test_the_buyer_may_decline_or_dispute(client, session, consumer, reoffered):
    client.become(consumer)
    path = f"/trade-ins/{reoffered.id}"
    assert client.submit(f"{path}/dispute", {"words": ""}).status_code == 422
    assert client.submit(f"{path}/dispute", {"words": "收走时还在制冷"}).status_code == 303
    assert "收走时还在制冷" in client.get(path).text
    session.expire_all()
    assert reoffered.state.value == "disputed"


def test_a_stranger_sees_no_trade_in(client, session, reoffered, moment):
    client.become(an_account(session, moment))
    for path in ("", "/photo"):
        assert client.get(f"/trade-ins/{reoffered.id}{path}").status_code == 404
    assert client.submit(f"/trade-ins/{reoffered.id}/decline").status_code == 404
    session.expire_all()
    assert reoffered.state.value == "reoffer"


def test_what_one_recycler_has_is_none_of_anothers(client, session, reoffered, moment):
    other = a_recycler(session, moment, name="另一家")
    client.become(a_recycler_clerk(session, other, moment))
    path = f"/recycler/trade-ins/{reoffered.id}"
    assert [client.get(it).status_code for it in (path, f"{path}/photo")] == [404, 404]
    assert client.submit(path, {"weight_grams": "1"}).status_code == 404
    session.expire_all()
    assert (reoffered.state.value, reoffered.offer_fen) == ("reoffer", 8320)


def test_an_operator_decides_takes_cash_and_gives_back(client, session, consumer, reoffered, moment):
    client.become(consumer)
    client.submit(f"/trade-ins/{reoffered.id}/dispute", {"words": "收走时还在制冷"})
    client.become(an_operator(session, moment))
    assert "收走时还在制冷" in client.get("/county/trade-ins").text
    decide = f"/county/trade-ins/{reoffered.id}/decide"
    assert client.submit(decide, {"decision": "give_back", "note": ""}).status_code == 422
    assert client.submit(decide, {"decision": "give_back", "note": "看过照片"}).status_code == 303
    (due,) = trade_in_dues(session, reoffered.id)
    pay = f"/county/trade-ins/dues/{due.id}/pay"
    assert client.submit(pay, {"slip_number": "1"}).status_code == 422
    assert client.submit(pay, {"slip_number": "JX-0007"}).status_code == 303
    assert client.submit(f"/county/trade-ins/{reoffered.id}/give-back").status_code == 303
    session.expire_all()
    assert (reoffered.state.value, due.state.value) == ("returned", "paid")


def test_another_countys_operator_finds_nothing(client, session, reoffered, moment):
    client.become(an_operator(session, moment, "610728"))
    assert reoffered.code not in client.get("/county/trade-ins").text
    assert client.get(f"/county/trade-ins/{reoffered.id}/photo").status_code == 404
    assert client.submit(f"/county/trade-ins/{reoffered.id}/give-back").status_code == 404
    assert client.submit(f"/county/trade-ins/{reoffered.id}/decide").status_code == 404


def test_what_was_not_handed_in_can_be_paid(client, session, consumer, moment):
    _, old = an_order_with_a_fridge(session, consumer, moment)
    not_handed_in(session, f"trade_in:{old.id}", moment)
    session.commit()
    client.become(consumer)
    page = client.get(f"/trade-ins/{old.id}").text
    assert "要补 ¥208.00" in page
    assert f"/trade-ins/{old.id}/pay" in page


def test_a_slip_that_is_known_is_refused_beside_its_field(client, session, consumer, moment):
    for buyer in (consumer, an_account(session, moment)):
        _, old = an_order_with_a_fridge(session, buyer, moment)
        not_handed_in(session, f"trade_in:{old.id}", moment)
    session.commit()
    first, second = session.scalars(select(TradeInDue)).all()
    client.become(an_operator(session, moment))
    form = {"slip_number": "JX-0007"}
    assert client.submit(f"/county/trade-ins/dues/{first.id}/pay", form).status_code == 303
    answer = client.submit(f"/county/trade-ins/dues/{second.id}/pay", form)
    assert answer.status_code == 422
    assert "这张存款单已经登记过" in answer.text
    assert 'value="JX-0007"' in answer.text
    session.expire_all()
    assert (first.state.value, second.state.value, second.slip_number) == ("paid", "open", None)


def test_two_counties_banks_may_give_one_number(session, consumer, moment):
    paid = []
    for buyer, county_code in ((consumer, "610924"), (an_account(session, moment), "610728")):
        operator = an_operator(session, moment, county_code)
        _, old = an_order_with_a_fridge(session, buyer, moment)
        old.county_code = county_code
        not_handed_in(session, f"trade_in:{old.id}", moment)
        (due,) = trade_in_dues(session, old.id)
        paid.append(pay_at_desk(session, county_code, operator.id, due.id, "JX-0007", moment).state.value)
    assert paid == ["paid", "paid"]
