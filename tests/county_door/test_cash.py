"""The hub's cash page, and the courier's beside it: hand in by a code, count, bank, explain."""

import re
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.cash.models import CashBreak, Deposit, HandIn, HandInState
from market.cash.queries import is_banked
from market.delivery.models import Courier
from market.ledger.queries import balance
from market.ledger.rules import BANK, hub_cash
from market.orders import refuse
from market.orders.models import Fulfillment, ShopOrder
from market.people.models import Account
from tests.builders.cash import CASH_FEN, a_collection, a_part_at_hub, a_received_hand_in
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.people import an_operator
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser

COUNTY = "610924"


@pytest.fixture
def courier(session: Session, now: datetime) -> Courier:
    return a_courier(session, now)


@pytest.fixture
def part(session: Session, courier: Courier, now: datetime) -> ShopOrder:
    """A washer delivered against cash."""
    return a_collection(session, courier, a_listing(session, a_shop(session, now), now), now)


@pytest.fixture
def operator(session: Session, now: datetime) -> Account:
    return an_operator(session, now)


def code_on(client: Browser) -> str:
    """The code that the courier's page shows."""
    found = re.search(r'<p class="price code">(\d{6})</p>', client.get("/courier/cash").text)
    assert found
    return found[1]


def test_cash_goes_over_the_counter_and_to_the_bank(
    client: Browser, session: Session, courier: Courier, part: ShopOrder, operator: Account
) -> None:
    client.become(session.get_one(Account, courier.account_id))
    page = client.get("/courier/cash").text
    assert part.order.number in page
    assert "2,635.00" in page
    assert "20,000.00" in client.get("/courier/").text
    assert client.submit("/courier/cash/hand-in").location == "/courier/cash"
    code = code_on(client)
    assert "等中心点收" in client.get("/courier/cash").text
    hand_in = session.scalars(select(HandIn)).one()
    client.become(operator)
    path = f"/county/cash/hand-ins/{hand_in.id}/receive"
    assert "2,635.00" in client.get("/county/cash").text
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    refused = client.submit(path, {"code": wrong, "counted_fen": "2635.00"})
    assert (refused.status_code, "交款码不对" in refused.text) == (422, True)
    assert f'value="{wrong}"' in refused.text
    assert 'value="2635.00"' in refused.text
    session.expire_all()
    assert (hand_in.state, hand_in.wrong_tries) == (HandInState.open, 1)
    for _ in range(2):
        sent = client.submit(path, {"code": code, "counted_fen": "2635.00"})
        assert sent.location == "/county/cash"
    assert balance(session, hub_cash(COUNTY)) == CASH_FEN
    slip = {"hand_ins": [str(hand_in.id)], "amount_fen": "2635", "slip_number": "20261123-1"}
    assert client.submit("/county/cash/deposits", slip).location == "/county/cash"
    assert (balance(session, hub_cash(COUNTY)), balance(session, BANK)) == (0, CASH_FEN)
    assert is_banked(session, part.reference)
    assert "20261123-1" in client.get("/county/cash").text


def test_a_deposit_without_its_hand_ins_keeps_what_was_typed_and_banks_nothing(
    client: Browser, session: Session, courier: Courier, part: ShopOrder, operator: Account, now: datetime
) -> None:
    a_received_hand_in(session, courier, CASH_FEN, operator, now)
    client.become(operator)
    refused = client.submit("/county/cash/deposits", {"amount_fen": "2635", "slip_number": "slip-9"})
    assert (refused.status_code, "请勾选存进银行的交款" in refused.text) == (422, True)
    assert 'value="slip-9"' in refused.text
    assert session.scalar(select(func.count()).select_from(Deposit)) == 0


def test_a_difference_is_explained_on_the_page(
    client: Browser, session: Session, courier: Courier, part: ShopOrder, operator: Account, now: datetime
) -> None:
    a_received_hand_in(session, courier, CASH_FEN - 35_00, operator, now)
    one = session.scalars(select(CashBreak)).one()
    client.become(operator)
    path = f"/county/cash/breaks/{one.id}/resolve"
    assert "2,600.00" in client.get("/county/cash").text
    assert client.submit(path, {"note": " "}).status_code == 422
    assert client.submit(path, {"note": "找零找错", "write_off": "y"}).location == "/county/cash"
    session.expire_all()
    assert (one.note, one.written_off_fen) == ("找零找错", 35_00)


def test_another_countys_cash_is_not_found(
    client: Browser, session: Session, courier: Courier, part: ShopOrder, operator: Account, now: datetime
) -> None:
    hand_in = a_received_hand_in(session, courier, CASH_FEN - 1, operator, now)
    one = session.scalars(select(CashBreak)).one()
    client.become(an_operator(session, now, "610728"))
    form = {"code": "000000", "counted_fen": "1"}
    assert client.submit(f"/county/cash/hand-ins/{hand_in.id}/receive", form).status_code == 404
    assert client.submit(f"/county/cash/breaks/{one.id}/resolve", {"note": "x"}).status_code == 404
    assert courier.name not in client.get("/county/cash").text


def test_a_courier_with_nothing_to_hand_in_is_told_so(
    client: Browser, session: Session, courier: Courier
) -> None:
    client.become(session.get_one(Account, courier.account_id))
    assert "没有要交的现金" in client.get("/courier/cash").text
    client.submit("/courier/cash/hand-in")
    assert "您身上没有要交的现金" in client.get("/courier/cash").text
    assert session.scalar(select(func.count()).select_from(HandIn)) == 0


def test_refused_goods_go_back_over_the_hub_to_the_shop(
    client: Browser, session: Session, operator: Account, now: datetime
) -> None:
    shop = a_shop(session, now)
    part = a_part_at_hub(session, a_listing(session, shop, now), now)
    refuse.job_refused(session, part.reference, now)
    client.become(session.get_one(Account, part.order.account_id))
    assert "您没有收下，付过的都会退回" in client.get(f"/orders/{part.order_id}").text
    client.become(operator)
    assert part.number in client.get("/county/hub").text
    assert client.submit(f"/county/hub/{part.id}/back").location == "/county/hub"
    client.become(a_clerk(session, shop, now))
    assert "货已回店" in client.get(f"/shop/orders/{part.id}").text
    assert client.submit(f"/shop/orders/{part.id}/back").status_code == 303
    session.expire_all()
    assert part.state is Fulfillment.returned
    assert "拒收，已回店" in client.get(f"/shop/orders/{part.id}").text
