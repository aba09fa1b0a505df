"""The shop's and the county's settlement pages, and the sheet as a file."""

import hashlib
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from market.people.models import Account
from market.settlements import rules
from market.settlements.models import BankFile, SettlementSheet, SheetState, ShopBankAccount
from market.settlements.pay import approve, draw_up
from market.shops.models import Shop
from market.web.settlement_sheet import as_pdf, as_xlsx
from tests.builders.life import COUNTY, react
from tests.builders.people import an_account
from tests.builders.second_factor import proved
from tests.builders.shops import a_clerk, an_owner
from tests.builders.web import Browser


@pytest.fixture
def sheet(session, sold, now):
    later = now + timedelta(days=14)
    react(session, later)
    return draw_up(session, COUNTY, rules.week_of(now + timedelta(days=7)), later)[0]


def browser(app, account):
    seen = Browser(app)
    seen.become(account)
    return seen


def test_two_operators_approve_pay_and_confirm_and_the_shop_follows(
    app, session, sold, sheet, operators, now
):
    shop = session.get_one(Shop, sold.shop_id)
    owner = an_owner(session, shop)
    clerk = browser(app, owner)
    proved(session, owner)
    first, second = (browser(app, session.get_one(Account, it)) for it in operators)
    assert "2,521.03" in clerk.get("/shop/settlements").text
    typed = {"holder": "青禾电器行", "bank": "某银行", "number": "6222 0000 0000 0000 001"}
    assert clerk.submit("/shop/settlements/account", typed).status_code == 303
    assert "等县里确认" in clerk.get("/shop/settlements").text
    assert first.submit(f"/county/settlements/accounts/{shop.id}/confirm").status_code == 303

    page = f"/county/settlements/{sheet.id}"
    assert sold.number in first.get(page).text
    first.submit(f"{page}/approve")
    first.submit(f"{page}/approve")
    assert "要由另一个人来批准" in first.get(page).text
    session.refresh(sheet)
    assert sheet.state is SheetState.checked
    second.submit(f"{page}/approve")
    second.submit("/county/settlements/bank-files")
    file = session.scalars(select(BankFile)).one()
    csv = second.get(f"/county/settlements/bank-files/{file.id}.csv")
    assert (hashlib.sha256(csv.data).hexdigest(), "2521.03" in csv.text) == (file.sha256, True)
    nothing = second.submit(f"/county/settlements/bank-files/{file.id}/confirm", {"bank_reference": ""})
    assert (nothing.status_code, "请填银行回单号" in nothing.text) == (422, True)
    paid = second.submit(f"/county/settlements/bank-files/{file.id}/confirm", {"bank_reference": "HD-7"})
    assert paid.status_code == 303
    assert "已付款" in clerk.get(f"/shop/settlements/{sheet.id}").text


def test_a_bank_account_with_a_fault_says_so_by_the_field_and_keeps_what_was_typed(app, session, sold, now):
    owner = an_owner(session, session.get_one(Shop, sold.shop_id))
    clerk = browser(app, owner)
    proved(session, owner)
    typed = {"holder": "青禾电器行", "bank": "某银行", "number": "12-ab"}
    answer = clerk.submit("/shop/settlements/account", typed)
    assert (answer.status_code, "账号是 8 到 30 位数字" in answer.text) == (422, True)
    assert all(value in answer.text for value in typed.values())
    assert session.scalars(select(ShopBankAccount)).all() == []


def test_another_shops_and_another_countys_sheet_is_not_found(app, session, sheet, now):
    stranger = browser(app, an_account(session, now))
    for page in (f"/shop/settlements/{sheet.id}", f"/county/settlements/{sheet.id}"):
        assert stranger.get(page).status_code == 404
        assert stranger.get(f"{page}.pdf").status_code == 404


def test_the_clock_or_the_operator_draws_up_the_same_sheets(app, session, sold, operators, now):
    react(session, now + timedelta(days=14))
    seen = browser(app, session.get_one(Account, operators[0]))
    for _ in range(2):
        assert seen.submit("/county/settlements/draw-up").status_code == 303
    assert session.scalars(select(SettlementSheet)).all() == []  # today's week is not over yet


def test_the_workbook_holds_exact_numbers_and_sums_that_add_up(app, sheet):
    with app.test_request_context():
        book = load_workbook(io.BytesIO(as_xlsx(sheet)))
    page = book.active
    item, formulas, figures = ([cell.value for cell in page[row]] for row in (3, 4, 5))
    assert [Decimal(str(it)) for it in item[2:]] == [
        Decimal(it) for it in ("2209.15", "389.85", "0", "0", "2599", "-77.97", "2521.03")
    ]
    assert formulas[2] == "=SUM(C3:C3)"
    assert item[2:] == figures[2:]


def test_the_pdf_says_the_sums_and_is_the_same_each_time(app, sheet):
    with app.test_request_context():
        first, again = as_pdf(sheet, compress=False), as_pdf(sheet, compress=False)
    assert first.startswith(b"%PDF-")
    assert first == again
    told = "2,521.03".encode("utf-16-be")
    assert told in first or told.replace(b"\x00", b"\\000") in first


def test_a_sheet_is_downloaded_by_its_shop(app, session, sold, sheet, operators, now):
    for operator in operators:
        approve(session, COUNTY, operator, sheet.id, now)
    clerk = browser(app, a_clerk(session, session.get_one(Shop, sold.shop_id), now))
    for kind, begins in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = clerk.get(f"/shop/settlements/{sheet.id}.{kind}")
        assert (answer.status_code, answer.data[: len(begins)]) == (200, begins)
