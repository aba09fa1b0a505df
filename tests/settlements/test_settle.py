"""A sale's way into the shop's bank account: once, by two people, whatever is run again or dies."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import BANK, shop_available, shop_payable, shop_pending
from market.payments.refund import Wanted, request
from market.payments.refund import approve as approve_refund
from market.settlements import items, rules
from market.settlements.bank_account import change_bank_account, confirm_bank_account
from market.settlements.models import BankFile, ItemState, SettlementItem, SettlementSheet, SheetState
from market.settlements.pay import approve, confirm_bank_file, draw_up, make_bank_file
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, at_once, clean, delivered, react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.settlements.conftest import SEAL

NET_FEN = 2599_00 - 77_97  # a washer less 3 % commission


def balances(session, shop_id):
    accounts = (shop_pending(shop_id), shop_available(shop_id), shop_payable(shop_id))
    return tuple(balance(session, account) for account in accounts)


@pytest.fixture
def later(now):
    """When the return window is over and its week too."""
    return now + timedelta(days=14)


@pytest.fixture
def week(now):
    return rules.week_of(now + timedelta(days=7))


def test_a_sale_waits_out_the_return_window(session, sold, now, later):
    assert balances(session, sold.shop_id) == (NET_FEN, 0, 0)
    react(session, now + timedelta(days=6))
    assert balances(session, sold.shop_id) == (NET_FEN, 0, 0)
    react(session, later)
    assert balances(session, sold.shop_id) == (0, NET_FEN, 0)
    item = session.scalars(select(SettlementItem)).one()
    assert (item.net_fen, item.commission_fen, item.state) == (NET_FEN, 77_97, ItemState.available)
    assert clean(session, now)


def test_ten_runs_of_everything_pay_once(session, sold, banked, operators, now, later, week):
    react(session, later)
    for _ in range(10):
        [sheet] = draw_up(session, COUNTY, week, later)
    assert (sheet.number, sheet.net_fen, sheet.state) == (1, NET_FEN, SheetState.drawn_up)
    assert clean(session, later)
    approve(session, COUNTY, operators[0], sheet.id, later)
    with pytest.raises(Refused, match=r"settlement\.own_approval"):
        approve(session, COUNTY, operators[0], sheet.id, later)
    assert balances(session, sold.shop_id) == (0, NET_FEN, 0)
    approve(session, COUNTY, operators[1], sheet.id, later)
    assert balances(session, sold.shop_id) == (0, 0, NET_FEN)
    assert clean(session, later)
    files = [make_bank_file(session, COUNTY, operators[0], SEAL, later) for _ in range(10)]
    assert files[1:] == [None] * 9
    assert (files[0].transfers, files[0].sum_fen) == (1, NET_FEN)
    assert f"{NET_FEN // 100}.{NET_FEN % 100:02d}" in SEAL.open(files[0].content_sealed)
    with pytest.raises(Refused, match=r"settlement\.bank_reference"):
        confirm_bank_file(session, COUNTY, operators[1], files[0].id, " ", later)
    for _ in range(10):
        confirm_bank_file(session, COUNTY, operators[1], files[0].id, "BK-1", later)
    assert (balances(session, sold.shop_id), balance(session, BANK)) == ((0, 0, 0), -NET_FEN)
    assert sheet.state is SheetState.paid
    assert clean(session, later)


def test_a_refund_before_the_sheet_lowers_it_and_one_after_it_the_next(
    session, sold, banked, operators, now, later, week
):
    [line] = sold.lines
    cut = request(session, sold.id, Wanted("旧款", {}, {line.id: 100_00}), sold.order.account_id, "a", now)
    approve_refund(session, COUNTY, operators[0], cut.id, now)
    react(session, now)
    assert clean(session, now)
    taken = session.scalars(select(SettlementItem).where(SettlementItem.kind == "reduction")).one()
    assert (taken.goods_fen, taken.money_fen, taken.subsidy_fen) == (-100_00, -85_00, -15_00)
    assert (taken.commission_fen, taken.net_fen) == (-3_00, -97_00)
    react(session, later)
    [sheet] = draw_up(session, COUNTY, week, later)
    assert (sheet.goods_fen, sheet.commission_fen, sheet.net_fen) == (2499_00, 74_97, 2424_03)
    for operator in operators:
        approve(session, COUNTY, operator, sheet.id, later)
    back = request(session, sold.id, Wanted("坏了", {line.id: 1}, {}), sold.order.account_id, "b", later)
    approve_refund(session, COUNTY, operators[0], back.id, later)
    react(session, later)
    assert balances(session, sold.shop_id) == (0, -2424_03, 2424_03)
    next_week = rules.week_of(later)
    assert draw_up(session, COUNTY, next_week, later + timedelta(days=7)) == []  # the shop owes; it waits
    assert clean(session, later)


def test_cash_that_is_not_in_the_bank_is_not_the_shops_yet(session, now, later, week):
    washer, _ = two_listings(session, now)
    order = an_order(session, an_account(session, now), [(washer, 1)], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    [part] = order.shop_orders
    react(session, later)
    assert balances(session, part.shop_id) == (NET_FEN, 0, 0)
    assert draw_up(session, COUNTY, week, later) == []
    for _ in range(2):
        items.release_cash(session, part.reference, later)
    assert balances(session, part.shop_id) == (0, NET_FEN, 0)
    assert clean(session, later)


def test_a_week_that_is_not_over_another_county_and_a_shop_without_a_bank_wait(
    session, sold, operators, now, later, week
):
    react(session, later)
    with pytest.raises(Refused, match=r"settlement\.week"):
        draw_up(session, COUNTY, rules.week_of(later), later)
    [sheet] = draw_up(session, COUNTY, week, later)
    with pytest.raises(NotFound):
        approve(session, "610728", operators[0], sheet.id, later)
    for operator in operators:
        approve(session, COUNTY, operator, sheet.id, later)
    assert make_bank_file(session, COUNTY, operators[0], SEAL, later) is None
    clerk = an_account(session, now).id
    change_bank_account(
        session, sold.shop_id, "青禾电器行", "某银行", "6222 0000 0000 0001", clerk, SEAL, later
    )
    assert make_bank_file(session, COUNTY, operators[0], SEAL, later) is None
    with pytest.raises(Refused, match=r"settlement\.own_approval"):
        confirm_bank_account(session, COUNTY, clerk, sold.shop_id, later)
    confirm_bank_account(session, COUNTY, operators[0], sold.shop_id, later)
    assert make_bank_file(session, COUNTY, operators[0], SEAL, later).sum_fen == NET_FEN


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (("", "某银行", "62220000"), "holder"),
        (("店", " ", "62220000"), "bank"),
        (("店", "行", "12ab"), "number"),
    ],
)
def test_a_bank_account_with_a_fault_is_refused_by_its_field(session, sold, now, typed, field):
    with pytest.raises(Refused) as refused:
        change_bank_account(session, sold.shop_id, *typed, an_account(session, now).id, SEAL, now)
    assert refused.value.field == field


def test_dying_after_any_step_and_running_it_again_pays_once(
    session, sold, banked, operators, now, later, week
):
    react(session, later)
    made = {}

    def sheet_id():
        return session.scalar(select(SettlementSheet.id))

    steps = (
        lambda: draw_up(session, COUNTY, week, later),
        lambda: approve(session, COUNTY, operators[0], sheet_id(), later),
        lambda: approve(session, COUNTY, operators[1], sheet_id(), later),
        lambda: made.update(file=make_bank_file(session, COUNTY, operators[0], SEAL, later)),
        lambda: confirm_bank_file(session, COUNTY, operators[1], made["file"].id, "BK-1", later),
    )
    for step in steps:
        dying = session.begin_nested()
        step()
        dying.rollback()
        session.expire_all()
        assert clean(session, later)
        step()
        assert clean(session, later)
    assert balance(session, BANK) == -NET_FEN


@pytest.mark.race
def test_ten_runs_at_once_make_one_sheet_and_one_file(fresh_engine, now, later, week):
    with Session(fresh_engine) as session:
        washer, _ = two_listings(session, now)
        order = an_order(session, an_account(session, now), [(washer, 1)], now)
        delivered(session, a_courier(session, now, COUNTY), order, now)
        items.release_cash(session, order.shop_orders[0].reference, later)
        shop_id, clerk = order.shop_orders[0].shop_id, an_account(session, now).id
        operators = [an_operator(session, now).id for _ in range(2)]
        change_bank_account(session, shop_id, "店", "行", "6222000000000000", clerk, SEAL, now)
        confirm_bank_account(session, COUNTY, operators[0], shop_id, now)
        session.commit()
    assert at_once(fresh_engine, 10, lambda s, _: draw_up(s, COUNTY, week, later)) == {"done": 10}
    with Session(fresh_engine) as session:
        sheet_id = session.scalars(select(SettlementSheet.id)).one()
    approvals = at_once(fresh_engine, 10, lambda s, n: approve(s, COUNTY, operators[n % 2], sheet_id, later))
    assert approvals["done"] == 2
    files = at_once(fresh_engine, 10, lambda s, _: make_bank_file(s, COUNTY, operators[0], SEAL, later))
    assert files == {"done": 10}
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(BankFile)) == 1
        assert balances(session, shop_id) == (0, 0, NET_FEN)
        react(session, later)  # the timers that are overdue
        assert clean(session, later)
