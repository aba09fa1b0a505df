"""The recall pages of every door, from declaring to the close; what is not yours is not found."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing, ListingState
from market.inventory.serials import add_serials, sell_serials
from market.kernel.seal import Seal
from market.notices.models import Call
from market.orders.cart import Owner, put
from market.orders.models import Order
from market.people.models import Account
from market.recalls.follow_up import tell_buyers
from market.recalls.models import Recall, RecallDuty, RecallUnit, ShelfCheck
from market.recalls.states import RecallState, Remedy, UnitState
from market.subsidies.real_name import check_name
from tests.builders.delivery import a_courier
from tests.builders.life import delivered, react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.recalls import COUNTY, SEAL, a_confirmed_recall, a_published_recall
from tests.builders.shops import a_clerk
from tests.builders.web import Browser

SERIAL = "HR26A0001"
FIELDS = {
    "kind": "serials",
    "first_serial": "HR26A0001",
    "last_serial": "HR26A0099",
    "maker": "禾润电器公司",
    "hazard": "电源线过热，可能起火",
    "advice": "请马上拔掉插头，不要再用",
    "remedies": ["repair", "refund"],
    "source": "县市场监管局通报",
}


@pytest.fixture
def washer(session: Session, now: datetime) -> Listing:
    return two_listings(session, now)[0]


@pytest.fixture
def buyer(session: Session, now: datetime) -> Account:
    return an_account(session, now)


@pytest.fixture
def sold(session: Session, washer: Listing, buyer: Account, now: datetime) -> Order:
    """A washer with its number, delivered to the buyer."""
    add_serials(session, washer, [SERIAL, "HR26A0002"], now)
    order = an_order(session, buyer, [(washer, 1)], now)
    references = {line.listing_id: line.reference for line in order.shop_orders[0].lines}
    sell_serials(session, references, [SERIAL], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    return order


@pytest.fixture
def recall(session: Session, washer: Listing, sold: Order, now: datetime) -> Recall:
    """Published, and its buyers told."""
    made = a_published_recall(session, washer, now)
    react(session, now)
    tell_buyers(session, made.id, lambda: SEAL, now)
    return made


def unit(session: Session) -> RecallUnit:
    return session.scalars(select(RecallUnit).where(RecallUnit.account_id.is_not(None))).one()


def test_an_operator_declares_and_another_publishes(
    client: Browser, session: Session, washer: Listing, sold: Order, now: datetime
) -> None:
    client.become(an_operator(session, now))
    found = client.get(f"/county/recalls?q={washer.product.model.lower()}").text
    path = f"/county/recalls/declare/{washer.product_id}"
    assert path in found
    wrong = client.submit(path, {**FIELDS, "last_serial": "HR26B0099"})
    assert wrong.status_code == 422
    assert "序列号要一样长" in wrong.text
    assert 'value="HR26B0099"' in wrong.text
    assert session.scalars(select(Recall)).all() == []
    made = client.submit(path, FIELDS)
    assert made.status_code == 303
    recall = session.scalars(select(Recall)).one()
    assert recall.remedies == ["repair", "refund"]
    page = f"/county/recalls/{recall.id}"
    assert "要通知的买家" in client.get(page).text
    for move, note in (("investigate", "送检"), ("confirm", "属实")):
        assert client.submit(f"{page}/{move}", {"note": note}).status_code == 303
    assert "要另一位同事来发布" in client.get(page).text
    client.submit(f"{page}/publish")
    session.refresh(recall)
    assert (recall.state, washer.state) == (RecallState.confirmed, ListingState.active)
    client.become(an_operator(session, now))
    client.submit(f"{page}/publish")
    session.expire_all()
    assert (recall.state, washer.state) == (RecallState.listing_frozen, ListingState.recalled)
    assert client.get(page).status_code == 200
    [duty, *_] = session.scalars(select(RecallDuty).order_by(RecallDuty.due_at)).all()
    assert client.submit(f"{page}/duties/{duty.id}", {"note": "无"}).status_code == 422
    assert client.submit(f"{page}/duties/{duty.id}", {"note": "县市监〔2026〕1 号"}).status_code == 303
    assert client.submit(f"{page}/close", {"note": "完"}).status_code == 422


def test_another_countys_operator_and_strangers_find_nothing(
    client: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    recall = a_confirmed_recall(session, washer, now)
    client.become(an_operator(session, now, "610728"))
    assert client.get(f"/county/recalls/{recall.id}").status_code == 404
    assert client.submit(f"/county/recalls/{recall.id}/publish").status_code == 404
    assert client.get(f"/county/recalls/declare/{washer.product_id}").status_code == 404
    assert client.submit(f"/county/recalls/{recall.id}/spaceship").status_code == 404
    client.become(an_account(session, now))
    assert client.get(f"/county/recalls/{recall.id}").status_code == 404


def test_the_buyer_reads_of_it_on_her_order_and_chooses(
    client: Browser, session: Session, buyer: Account, sold: Order, recall: Recall, now: datetime
) -> None:
    mine = unit(session)
    path = f"/recalls/{mine.id}"
    client.become(an_account(session, now))
    assert client.get(path).status_code == 404
    assert client.submit(f"{path}/choose", {"remedy": "refund"}).status_code == 404
    client.become(buyer)
    for page in (f"/orders/{sold.id}", "/account/appliances", "/recalls", "/notices"):
        shown = client.get(page).text
        assert path in shown, page
        assert recall.hazard in shown
    assert mine.state is UnitState.told
    assert recall.advice in client.get(path).text
    session.refresh(mine)
    assert mine.state is UnitState.reached
    wrong = client.submit(f"{path}/choose")
    assert (wrong.status_code, "请选一种办法" in wrong.text) == (422, True)
    assert client.submit(f"{path}/choose", {"remedy": "refund"}).status_code == 303
    session.refresh(mine)
    assert (mine.state, mine.remedy) == (UnitState.chosen, Remedy.refund)
    assert "等批准" in client.get(path).text or "退款" in client.get(path).text


def test_a_buyer_may_ask_to_be_called(
    client: Browser, session: Session, buyer: Account, now: datetime
) -> None:
    client.become(buyer)
    assert "打电话给我" in client.get("/recalls").text
    client.submit("/recalls/calls", {"wanted": "yes"})
    assert "不用打电话" in client.get("/recalls").text
    client.submit("/recalls/calls", {"wanted": "no"})
    assert "打电话给我" in client.get("/recalls").text


def test_the_operator_calls_remedies_and_closes(
    client: Browser, session: Session, washer: Listing, buyer: Account, recall: Recall, now: datetime
) -> None:
    operator = an_operator(session, now)
    client.become(operator)
    calls = f"/county/recalls/{recall.id}/calls"
    call = session.scalars(select(Call)).one()
    assert buyer.phone in client.get(calls).text
    assert client.submit(f"{calls}/{call.id}", {"reached": "no", "note": "没人接"}).status_code == 303
    assert "没人接" in client.get(calls).text
    assert client.submit(f"{calls}/{call.id}", {"reached": "yes"}).status_code == 303
    again = client.submit(f"{calls}/{call.id}", {"reached": "yes"})
    assert (again.status_code, unit(session).state) == (422, UnitState.reached)
    page = f"/county/recalls/units/{unit(session).id}"
    assert buyer.phone in client.get(page).text
    early = client.submit(f"{page}/unreachable", {"note": "没人接电话"})
    assert (early.status_code, "至少打过 3 次" in early.text) == (422, True)
    assert client.submit(f"{page}/plate", {"serial": SERIAL}).status_code == 422
    assert client.submit(f"{page}/choose", {"remedy": "repair"}).status_code == 303
    bad = client.submit(f"{page}/complete", {"cost": "八十", "note": "换了电源线"})
    assert (bad.status_code, "换了电源线" in bad.text) == (422, True)
    assert client.submit(f"{page}/complete", {"cost": "80", "note": "换了电源线"}).status_code == 303
    session.expire_all()
    assert (unit(session).state, unit(session).cost_fen) == (UnitState.remedied, 80_00)
    client.become(a_clerk(session, washer.shop, now))
    shelf = client.get("/shop/recalls").text
    assert "HR26A0002" in shelf
    assert SERIAL not in shelf
    path = f"/shop/recalls/{recall.id}"
    low = client.submit(path, {"pieces": "0"})
    assert (low.status_code, "件数要在 1 到 9 之间" in low.text) == (422, True)
    assert client.submit(path, {"pieces": "9"}).status_code == 303
    assert session.scalars(select(ShelfCheck.pieces)).one() == 9
    client.become(operator)
    assert client.submit(f"/county/recalls/{recall.id}/close", {"note": "都修好了"}).status_code == 303
    session.expire_all()
    assert (recall.state, recall.rate_bp) == (RecallState.closed, 10_000)
    assert "处理率 100.00%" in client.get(f"/county/recalls/{recall.id}").text


def test_the_cart_says_what_was_taken_out_until_it_is_changed(
    client: Browser, session: Session, washer: Listing, buyer: Account, now: datetime
) -> None:
    put(session, Owner(account_id=buyer.id), washer.id, 1, now)
    a_published_recall(session, washer, now)
    client.become(buyer)
    page = client.get("/cart").text
    assert f"“{washer.product.name_zh}”正在召回，已从购物车拿走" in page
    assert "购物车还是空的" in page
    assert "正在召回" not in client.get("/cart").text or "已从购物车拿走" in client.get("/cart").text
    assert client.get(f"/listing/{washer.id}").status_code in (200, 404)


def test_the_public_sees_closing_rates_and_traces_without_any_person(
    client: Browser, session: Session, buyer: Account, sold: Order, recall: Recall, now: datetime
) -> None:
    page = client.get("/open/recalls").text
    assert "<svg" in page
    assert (recall.hazard in page, "0.00%" in page) == (True, True)
    [told] = client.get("/open/recalls.json").json
    assert (told["code"], told["sold_affected"], told["rate_bp"]) == (recall.code, 1, 0)
    assert client.get(f"/open/trace?serial={SERIAL}").location == f"/open/trace/{SERIAL}"
    trace = client.get(f"/open/trace/{SERIAL.lower()}").text
    for words in ("进店", "卖出", "送到买家", "列入召回", "没有改动", recall.advice):
        assert words in trace
    told = client.get(f"/open/trace/{SERIAL}.json").json
    assert (told["recalled"], told["chain_whole"], len(told["events"][0]["hash"])) == (True, True, 64)
    assert [row["seq"] for row in told["events"]] == list(range(len(told["events"])))
    for text in (page, trace, str(told)):
        for private in (buyer.name, buyer.phone, sold.number, "三组 12 号"):
            assert private not in text


def test_a_number_that_nobody_knows_is_said_so_kindly(client: Browser) -> None:
    for path in ("/open/trace/ZZ99ZZ99", "/open/trace/%3Cb%3E", "/open/trace/ZZ99ZZ99.json"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "<b>" not in answer.text
    assert "请照铭牌再看一遍" in client.get("/open/trace/ZZ99ZZ99").text
    assert client.get("/open/trace").status_code == 200


def test_traces_are_rate_limited(client: Browser) -> None:
    codes = [client.get("/open/trace").status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]


def test_whoever_is_sixty_by_the_checked_number_is_called(
    client: Browser, session: Session, buyer: Account, sold: Order, washer: Listing, now: datetime
) -> None:
    seal = Seal(["tests-only-secret-key-of-40-characters-00"], "real_name")
    check_name(session, buyer, buyer.name, "610924196001010026", True, seal, now)
    made = a_published_recall(session, washer, now + timedelta(minutes=1))
    tell_buyers(session, made.id, lambda: seal, now)
    assert session.scalars(select(Call.reason)).all() == ["elder"]
