"""What is owed of a trade-in, paid on the hosted page; and paid there again after the desk had it."""

import pytest
from sqlalchemy import select

from market.ledger.queries import balance
from market.ledger.rules import REFUNDS_DUE, STRIPE_CLEARING, trade_in_due
from market.orders.models import PaymentMethod
from market.payments import send_refund
from market.payments.models import PaymentState, Refund, RefundKind, RefundState
from market.payments.pay import begin_due, open_page
from market.payments.settle import settle
from market.recycling.models import TradeInDue
from market.recycling.pay_due import pay_at_desk
from market.recycling.queries import trade_in_of
from market.recycling.states import TradeInState
from market.recycling.trade_in import not_handed_in
from tests.builders.catalog import a_listing
from tests.builders.life import COUNTY, PAGES, clean, paid, react, to_the_hub
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import price_tables
from tests.builders.shops import a_shop
from tests.builders.stripe_sandbox import pay
from tests.builders.trade_ins import CREDIT_FEN, OLD_FRIDGE

VISA = {"number": "4242 4242 4242 4242"}


@pytest.fixture
def old(session, provider, now):
    """An old fridge that was credited in an order paid online, and then not handed in."""
    price_tables(session)
    buyer, listing = an_account(session, now), a_listing(session, a_shop(session, now), now, stock=3)
    order = an_order(session, buyer, [(listing, 1)], now, PaymentMethod.stripe, trade_in=OLD_FRIDGE)
    paid(session, provider, buyer, order, now)
    react(session, now)
    to_the_hub(session, order, now)
    old = trade_in_of(session, f"order:{order.id}")
    not_handed_in(session, f"trade_in:{old.id}", now)
    return old


def begun(session, provider, old, now):
    payment = begin_due(session, old.account_id, old.id, now)
    open_page(session, provider, payment, **PAGES)
    return payment


def test_a_due_paid_on_the_hosted_page_is_settled_once(session, provider, old, now):
    before = balance(session, STRIPE_CLEARING)
    payment = begun(session, provider, old, now)
    assert begun(session, provider, old, now).checkout_url == payment.checkout_url
    assert payment.amount_fen == CREDIT_FEN
    assert settle(session, provider, payment.id, now) is PaymentState.open
    assert pay(payment.checkout_url, "card", **VISA)[0] == 303
    for _ in range(2):
        assert settle(session, provider, payment.id, now) is PaymentState.captured
    due = session.get_one(TradeInDue, payment.due_id)
    assert (due.state, due.paid_by, old.state) == ("paid", "online", TradeInState.kept)
    assert balance(session, STRIPE_CLEARING) - before == CREDIT_FEN
    assert balance(session, trade_in_due(COUNTY)) == 0
    assert session.scalars(select(Refund)).all() == []
    assert clean(session, now)


def test_what_comes_in_after_the_desk_was_paid_goes_back(session, provider, old, now):
    before = balance(session, STRIPE_CLEARING)
    payment = begun(session, provider, old, now)
    operator = an_operator(session, now)
    pay_at_desk(session, COUNTY, operator.id, payment.due_id, "JX-0001", now)
    assert pay(payment.checkout_url, "card", **VISA)[0] == 303
    assert settle(session, provider, payment.id, now) is PaymentState.captured
    back = session.scalars(select(Refund)).one()
    assert (back.kind, back.amount_fen, back.payment_id) == (RefundKind.unclaimed, CREDIT_FEN, payment.id)
    assert balance(session, REFUNDS_DUE) == CREDIT_FEN
    send_refund.send(session, provider, back.id, now)
    assert back.state is RefundState.succeeded
    assert (balance(session, REFUNDS_DUE), balance(session, STRIPE_CLEARING)) == (0, before)
    due = session.get_one(TradeInDue, payment.due_id)
    assert (due.state, due.paid_by, due.slip_number) == ("paid", "desk", "JX-0001")
    assert clean(session, now)
