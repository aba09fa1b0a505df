"""Refunds after delivery: by line and tender, approved by another, through the provider, then audited."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import BANK, COMMISSION, GOODWILL, REFUNDS_DUE, STRIPE_CLEARING, pot, shop_pending
from market.orders.models import PaymentMethod
from market.payments import reconcile
from market.payments.models import Bearer, Refund, RefundKind, RefundLine, RefundState
from market.payments.refund import Wanted, approve, reject, request, try_again
from market.payments.send_refund import pay_out_in_cash, send, settle_refund
from market.points.earn import grant
from market.points.queries import balance as points_of
from market.subsidies.models import Claim, ClaimState, Quota
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, at_once, clean, delivered, paid, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.stripe_sandbox import eventually
from tests.builders.subsidies import GB_2026


@pytest.fixture
def operator(session, now):
    return an_account(session, now)


@pytest.fixture
def sold(session, provider, now):
    """A delivered order of a washer and three rice cookers, paid by card and 100.00 in points."""
    washer, cooker = two_listings(session, now)
    buyer = an_account(session, now)
    grant(session, buyer.id, 100_00, "gift", now)
    order = an_order(session, buyer, [(washer, 1), (cooker, 3)], now, PaymentMethod.stripe, points=100_00)
    payment = paid(session, provider, buyer, order, now, "card")
    delivered(session, a_courier(session, now, COUNTY), order, now)
    assert clean(session, now)
    return order, payment


def part_of(order, category):
    return next(
        part for part in order.shop_orders if part.lines[0].snapshot["category_code"].startswith(category)
    )


def wanted(**changes):
    return Wanted(**{"reason": "坏了", "pieces": {}, "cuts_fen": {}, **changes})


def all_of(part, **changes):
    return wanted(pieces={line.id: line.quantity for line in part.lines}, **changes)


def test_goods_that_come_back_undo_every_tender(session, provider, sold, operator, now):
    order, payment = sold
    part = part_of(order, "washer")
    [line] = part.lines
    clerk = an_account(session, now)
    refund = request(session, part.id, all_of(part), clerk.id, "key", now)
    assert (refund.kind, refund.state) == (RefundKind.returned, RefundState.requested)
    assert balance(session, REFUNDS_DUE) == 0
    assert clean(session, now)
    approve(session, COUNTY, operator.id, refund.id, now)
    assert refund.amount_fen == line.paid_fen == balance(session, REFUNDS_DUE)
    assert balance(session, shop_pending(part.shop_id)) == 0
    claim = session.scalars(select(Claim)).one()
    assert (claim.state, claim.returned_fen) == (ClaimState.returned, claim.amount_fen)
    assert balance(session, pot(GB_2026, COUNTY)) == 1_000_000_00
    assert session.scalars(select(Quota.used)).all() == [0]
    assert points_of(session, order.account_id, now).available == line.points_fen
    assert clean(session, now)
    send(session, provider, refund.id, now)
    assert refund.state is RefundState.succeeded
    assert balance(session, STRIPE_CLEARING) == payment.amount_fen - line.paid_fen
    assert list(reconcile.breaks(session, provider)) == []
    assert clean(session, now)


def test_returns_in_parts_give_back_the_line_the_commission_and_no_more(
    session, provider, sold, operator, now
):
    order, _ = sold
    part = part_of(order, "rice_cooker")
    [line] = part.lines
    earned = balance(session, COMMISSION)
    for number in range(3):
        one = wanted(pieces={line.id: 1})
        refund = request(session, part.id, one, order.account_id, f"key-{number}", now)
        approve(session, COUNTY, operator.id, refund.id, now)
        assert clean(session, now)
    assert session.scalar(select(func.sum(Refund.amount_fen))) == line.paid_fen
    assert session.scalar(select(func.sum(RefundLine.points_fen))) == line.points_fen
    assert balance(session, shop_pending(part.shop_id)) == 0
    assert earned - balance(session, COMMISSION) == part.goods_fen * part.commission_bp // 10_000
    with pytest.raises(Refused) as refused:
        request(session, part.id, wanted(pieces={line.id: 1}), order.account_id, "key-4", now)
    assert (refused.value.code, refused.value.values["left"]) == ("refund.pieces", 0)
    assert session.scalar(select(func.count()).select_from(Refund)) == 3


def test_a_price_cut_takes_the_states_part_back_to_the_pot(session, provider, sold, operator, now):
    order, _ = sold
    part = part_of(order, "washer")
    [line] = part.lines
    refund = request(session, part.id, wanted(cuts_fen={line.id: 200_00}), order.account_id, "key", now)
    approve(session, COUNTY, operator.id, refund.id, now)
    assert (refund.kind, refund.amount_fen) == (RefundKind.reduced, 170_00)  # 15 % of 200.00 is the state's
    claim = session.scalars(select(Claim)).one()
    assert (claim.state, claim.returned_fen) == (ClaimState.installed, 30_00)
    assert clean(session, now)
    with pytest.raises(Refused, match=r"refund\.cut"):
        request(session, part.id, wanted(cuts_fen={line.id: line.paid_fen * 2}), order.account_id, "b", now)
    rest = request(session, part.id, all_of(part), order.account_id, "rest", now)
    approve(session, COUNTY, operator.id, rest.id, now)
    assert rest.amount_fen == line.paid_fen - 170_00
    assert balance(session, pot(GB_2026, COUNTY)) == 1_000_000_00
    assert clean(session, now)


@pytest.mark.parametrize("bearer", list(Bearer))
def test_goodwill_names_who_bears_it_and_a_later_return_gives_it_home(
    session, sold, operator, now, bearer: Bearer
):
    order, _ = sold
    part = part_of(order, "washer")
    before = balance(session, shop_pending(part.shop_id))
    gift = wanted(goodwill_fen=50_00, bearer=bearer)
    refund = request(session, part.id, gift, order.account_id, "key", now)
    approve(session, COUNTY, operator.id, refund.id, now)
    borne = (balance(session, GOODWILL), before - balance(session, shop_pending(part.shop_id)))
    assert borne == ((50_00, 0) if bearer is Bearer.county else (0, 50_00))
    assert clean(session, now)
    back = request(session, part.id, all_of(part, with_delivery=True), order.account_id, "back", now)
    approve(session, COUNTY, operator.id, back.id, now)
    assert back.amount_fen == part.payable_fen - 50_00
    assert (balance(session, GOODWILL), balance(session, shop_pending(part.shop_id))) == (0, 0)
    assert clean(session, now)


def test_goodwill_without_a_bearer_or_beyond_what_was_paid_is_refused(session, sold, now):
    order, _ = sold
    part = part_of(order, "washer")
    for gift, code in (
        (wanted(goodwill_fen=1), "refund.bearer_missing"),
        (wanted(goodwill_fen=part.payable_fen + 1, bearer=Bearer.county), "refund.too_much"),
        (wanted(), "refund.nothing"),
        (all_of(part, reason=" "), "refund.reason_missing"),
    ):
        with pytest.raises(Refused) as refused:
            request(session, part.id, gift, order.account_id, "key", now)
        assert refused.value.code == code
    assert session.scalar(select(func.count()).select_from(Refund)) == 0


def test_nobody_approves_what_she_asked_for_and_another_county_finds_nothing(session, sold, operator, now):
    order, _ = sold
    part = part_of(order, "washer")
    refund = request(session, part.id, all_of(part), operator.id, "key", now)
    with pytest.raises(Refused, match=r"refund\.own_request"):
        approve(session, COUNTY, operator.id, refund.id, now)
    with pytest.raises(NotFound):
        approve(session, "610728", an_account(session, now).id, refund.id, now)
    assert (refund.state, balance(session, REFUNDS_DUE)) == (RefundState.requested, 0)


def test_a_rejected_request_frees_what_it_reserved(session, sold, operator, now):
    order, _ = sold
    part = part_of(order, "washer")
    first = request(session, part.id, all_of(part), order.account_id, "first", now)
    with pytest.raises(Refused, match=r"refund\.pieces"):
        request(session, part.id, all_of(part), order.account_id, "second", now)
    reject(session, COUNTY, operator.id, first.id, now)
    reject(session, COUNTY, operator.id, first.id, now)
    second = request(session, part.id, all_of(part), order.account_id, "second", now)
    approve(session, COUNTY, operator.id, second.id, now)
    assert (first.state, second.state) == (RefundState.rejected, RefundState.approved)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        approve(session, COUNTY, operator.id, first.id, now)
    assert clean(session, now)


def test_the_delivery_fee_goes_back_once_and_only_on_request(session, sold, operator, now):
    order, _ = sold
    part = part_of(order, "rice_cooker")
    [line] = part.lines
    one = wanted(pieces={line.id: 1}, with_delivery=True)
    refund = request(session, part.id, one, order.account_id, "key", now)
    assert refund.delivery_fee_fen == part.delivery_fee_fen
    with pytest.raises(Refused, match=r"refund\.delivery_twice"):
        request(session, part.id, one, order.account_id, "again", now)
    approve(session, COUNTY, operator.id, refund.id, now)
    assert clean(session, now)


def test_a_refund_that_the_wallet_declines_is_owed_until_it_is_tried_again(
    session, provider, sandbox, operator, now
):
    washer, _ = two_listings(session, now)
    buyer = an_account(session, now)
    order = an_order(session, buyer, [(washer, 1)], now, PaymentMethod.stripe)
    paid(session, provider, buyer, order, now, "alipay")
    delivered(session, a_courier(session, now, COUNTY), order, now)
    [part] = order.shop_orders
    refund = request(session, part.id, all_of(part), buyer.id, "key", now)
    approve(session, COUNTY, operator.id, refund.id, now)
    sandbox.fault("refund_failure", count=1)
    send(session, provider, refund.id, now)

    def settled():
        settle_refund(session, provider, refund.id, now)
        return refund.state is not RefundState.sent

    eventually(settled)
    assert (refund.state, refund.failure) == (RefundState.failed, "declined")
    assert balance(session, REFUNDS_DUE) == refund.amount_fen
    assert list(reconcile.breaks(session, provider)) == []
    assert clean(session, now)
    try_again(session, COUNTY, refund.id, now)
    send(session, provider, refund.id, now)
    eventually(settled)
    assert (refund.state, refund.attempt) == (RefundState.succeeded, 2)
    assert balance(session, REFUNDS_DUE) == 0
    assert list(reconcile.breaks(session, provider)) == []
    assert clean(session, now)


def test_a_refund_made_by_hand_at_the_provider_is_a_break_and_ours_then_fails(
    session, provider, sandbox, sold, operator, now
):
    order, payment = sold
    by_hand = sandbox.stripe.v1.refunds.create({"payment_intent": payment.capture_reference})
    assert list(reconcile.breaks(session, provider)) == [
        f"refund {by_hand.id} of {payment.amount_fen} fen on {payment.capture_reference} has no refund here"
    ]
    part = part_of(order, "washer")
    refund = request(session, part.id, all_of(part), order.account_id, "key", now)
    approve(session, COUNTY, operator.id, refund.id, now)
    send(session, provider, refund.id, now)
    assert (refund.state, refund.provider_reference) == (RefundState.failed, None)
    assert "already been refunded" in refund.failure
    assert balance(session, REFUNDS_DUE) == refund.amount_fen


def test_a_refund_whose_answer_was_lost_is_no_break_and_is_not_paid_twice(
    session, provider, sandbox, sold, operator, now
):
    order, payment = sold
    part = part_of(order, "washer")
    refund = request(session, part.id, all_of(part), order.account_id, "key", now)
    approve(session, COUNTY, operator.id, refund.id, now)
    provider.refund(payment.capture_reference, refund.amount_fen, f"{refund.id}:1")  # and then we died
    assert list(reconcile.breaks(session, provider)) == []
    send(session, provider, refund.id, now)
    assert refund.state is RefundState.succeeded
    charge = sandbox.stripe.v1.charges.list({"payment_intent": payment.capture_reference}).data[0]
    assert charge.amount_refunded == refund.amount_fen


def test_a_cash_order_is_refunded_over_the_counter_with_a_name(session, operator, now):
    washer, _ = two_listings(session, now)
    buyer = an_account(session, now)
    order = an_order(session, buyer, [(washer, 1)], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    [part] = order.shop_orders
    refund = request(session, part.id, all_of(part), buyer.id, "key", now)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        pay_out_in_cash(session, COUNTY, operator.id, refund.id, "王秀英", now)
    approve(session, COUNTY, operator.id, refund.id, now)
    with pytest.raises(Refused, match=r"refund\.recipient"):
        pay_out_in_cash(session, COUNTY, operator.id, refund.id, " ", now)
    for _ in range(2):
        pay_out_in_cash(session, COUNTY, operator.id, refund.id, "王秀英", now)
    assert (refund.state, balance(session, REFUNDS_DUE)) == (RefundState.succeeded, 0)
    assert (refund.paid_to, refund.paid_out_by_id) == ("王秀英", operator.id)
    assert balance(session, BANK) == -refund.amount_fen
    assert clean(session, now)


def test_what_was_not_delivered_cannot_be_asked_back(session, now):
    washer, _ = two_listings(session, now)
    buyer = an_account(session, now)
    order = an_order(session, buyer, [(washer, 1)], now)
    [part] = order.shop_orders
    with pytest.raises(Refused, match=r"refund\.not_delivered"):
        request(session, part.id, all_of(part), buyer.id, "key", now)


@pytest.mark.race
def test_of_twenty_requests_for_the_same_piece_at_once_one_is_reserved(fresh_engine, provider, now):

    with Session(fresh_engine, expire_on_commit=False) as session:
        washer, _ = two_listings(session, now)
        buyer = an_account(session, now)
        order = an_order(session, buyer, [(washer, 1)], now, PaymentMethod.stripe)
        paid(session, provider, buyer, order, now, "card")
        delivered(session, a_courier(session, now, COUNTY), order, now)
        session.commit()
        [part] = order.shop_orders
        ask, part_id, buyer_id = all_of(part), part.id, buyer.id

    def one(session, number):
        request(session, part_id, ask, buyer_id, f"key-{number}", now)

    asked = at_once(fresh_engine, 20, one)
    assert asked == {"done": 1, "refund.pieces": 19}
