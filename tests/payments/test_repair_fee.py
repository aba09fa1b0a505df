"""A repair's fee is paid online once it is mended and before the courier sets out; cash at the door stays."""

import pytest
from sqlalchemy import select

from market.aftersales import pay_fee, terms
from market.aftersales.answer_quote import accept_quote
from market.aftersales.models import Outcome
from market.aftersales.pay_fee import begin_fee, fee_paid
from market.aftersales.queries import delivered_at
from market.aftersales.repair_desk import Diagnosis, diagnose, finish, take_in
from market.aftersales.request_repair import request_repair
from market.delivery.models import JobState
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import REFUNDS_DUE, REPAIRS, STRIPE_CLEARING
from market.payments.models import PaymentState, Refund
from market.payments.pay import open_page
from market.payments.settle import settle
from tests.builders.aftersales import a_delivered_washer, a_trouble, breaks, driven, job
from tests.builders.catalog import categories
from tests.builders.life import COUNTY, PAGES, react
from tests.builders.people import an_account
from tests.builders.stripe_sandbox import pay

VISA = {"number": "4242 4242 4242 4242"}
FEE_FEN = 180_00


@pytest.fixture
def buyer(session, now):
    return an_account(session, now)


@pytest.fixture
def later(session, buyer, now):
    """Long after the warranty of a washer was over."""
    categories(session)
    for data in terms.shipped():
        terms.publish(session, data)
    order = a_delivered_washer(session, buyer, now)
    line = order.shop_orders[0].lines[0]
    at = delivered_at(line)
    return line, at.replace(year=at.year + 4)


@pytest.fixture
def quoted(session, buyer, later):
    line, at = later
    case = request_repair(session, buyer.id, line.id, a_trouble(), at)
    driven(session, f"{case.reference}:pickup", at)
    take_in(session, COUNTY, case.id, at)
    return diagnose(session, COUNTY, case.id, Diagnosis("皮带断了", fee_fen=FEE_FEN), at)


@pytest.fixture
def mended(session, buyer, quoted, later):
    accept_quote(session, buyer.id, quoted.id, later[1])
    return finish(session, COUNTY, quoted.id, True, "换了皮带", later[1])


def begun(session, provider, case, at):
    payment = begin_fee(session, case.account_id, case.id, at)
    open_page(session, provider, payment, **PAGES)
    return payment


def captured(session, provider, payment, at):
    assert pay(payment.checkout_url, "card", **VISA)[0] == 303
    assert settle(session, provider, payment.id, at) is PaymentState.captured


def test_what_was_paid_online_is_not_asked_for_at_the_door(session, provider, mended, later):
    at = later[1]
    first = job(session, f"{mended.reference}:home:1")
    assert first.cash_due_fen == FEE_FEN
    payment = begun(session, provider, mended, at)
    assert begun(session, provider, mended, at).id == payment.id
    captured(session, provider, payment, at)
    for _ in range(2):
        fee_paid(session, payment.id, at)
    assert (mended.paid_at, balance(session, REPAIRS)) == (at, FEE_FEN)
    again = job(session, f"{mended.reference}:home:2")
    assert (job(session, first.reference).state, again.cash_due_fen) == (JobState.canceled, 0)
    driven(session, again.reference, at)
    assert (mended.state.value, mended.outcome) == ("home", Outcome.fixed)
    assert balance(session, REPAIRS) == FEE_FEN
    assert breaks(session, at) == []


def test_nothing_is_to_be_paid_before_it_is_mended_or_by_another(session, buyer, quoted, later, now):
    at = later[1]
    with pytest.raises(Refused, match="not_due"):
        begin_fee(session, buyer.id, quoted.id, at)
    accept_quote(session, buyer.id, quoted.id, at)
    with pytest.raises(Refused, match="not_due"):
        begin_fee(session, buyer.id, quoted.id, at)
    finish(session, COUNTY, quoted.id, True, "换了皮带", at)
    with pytest.raises(NotFound):
        begin_fee(session, an_account(session, now).id, quoted.id, at)


def test_on_the_road_the_courier_takes_the_cash(session, buyer, mended, later, monkeypatch):
    on_the_road = f"{mended.reference}:home:1"
    monkeypatch.setattr(pay_fee, "is_on_the_road", lambda _, reference: reference == on_the_road)
    with pytest.raises(Refused, match="on_the_road"):
        begin_fee(session, buyer.id, mended.id, later[1])


def test_money_that_comes_after_the_cash_goes_back(session, provider, mended, later):
    at = later[1]
    payment = begun(session, provider, mended, at)
    before = balance(session, STRIPE_CLEARING)
    driven(session, f"{mended.reference}:home:1", at)
    captured(session, provider, payment, at)
    react(session, at)
    fee_paid(session, payment.id, at)
    back = session.scalars(select(Refund).where(Refund.payment_id == payment.id)).one()
    assert (back.amount_fen, balance(session, REFUNDS_DUE)) == (FEE_FEN, FEE_FEN)
    assert (balance(session, REPAIRS), balance(session, STRIPE_CLEARING)) == (FEE_FEN, before + FEE_FEN)
    assert breaks(session, at) == []


def test_until_the_worker_has_counted_it_the_book_still_adds_up(session, provider, mended, later):
    at = later[1]
    payment = begun(session, provider, mended, at)
    captured(session, provider, payment, at)
    assert breaks(session, at) == []
    react(session, at)
    assert (mended.paid_at, breaks(session, at)) == (at, [])
