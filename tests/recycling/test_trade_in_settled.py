"""What becomes of a trade-in that is not as it was told, not handed in, or whose order came to nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from market import audit
from market.delivery.models import Job, JobState
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.ledger.queries import balance
from market.ledger.rules import BANK, GOODWILL, STRIPE_CLEARING, recycler_due, trade_in, trade_in_due
from market.notices.models import Notice
from market.orders import refuse
from market.points import queries as points
from market.recycling.answer_trade_in import (
    accept_reoffer,
    decline_reoffer,
    dispute_reoffer,
    leave_unanswered,
)
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.custody_models import Device
from market.recycling.models import Decision, TradeInDue
from market.recycling.pay_due import pay_at_desk, pay_online
from market.recycling.queries import trade_in_assessment, trade_in_dues
from market.recycling.settle_trade_in import decide, give_back
from market.recycling.states import DueState, TradeInState
from market.recycling.trade_in import not_handed_in, trade_in_collected
from tests.builders.custody import to_the_recycler
from tests.builders.delivery import a_courier
from tests.builders.people import an_account
from tests.builders.recycling import a_photo, a_recycler
from tests.builders.trade_ins import (
    CREDIT_FEN,
    WORSE_FEN,
    a_collected_fridge,
    an_order_with_a_fridge,
)

COUNTY = "610924"
OWED_FEN = CREDIT_FEN - WORSE_FEN


@pytest.fixture
def courier(session, now):
    return a_courier(session, now)


@pytest.fixture
def fridge(session, consumer, recycler, courier, now):
    old = a_collected_fridge(session, consumer, courier, now)
    session.commit()
    return old


@pytest.fixture
def reoffered(session, fridge, recycler, clerk, now):
    look_at(session, recycler, clerk, fridge, now, faults=["not_working"], photo=a_photo())
    session.commit()
    return fridge


def look_at(session, recycler, clerk, old, now, age_years=3, faults=(), photo=None, weight_grams=60_000):
    if not session.get_one(Device, old.id).holder.startswith("recycler:"):
        to_the_recycler(session, old, recycler, now)
    return assess_trade_in(
        session, recycler, clerk.id, old.id, weight_grams, age_years, faults, "压缩机不转", photo, now
    )


def found(session, now):
    left_out = ("outbox", "payments")  # the orders here are paid without a payment
    return [f"{it.book}: {it.detail}" for it in audit.run(session, now) if it.book not in left_out]


def due_of(session, old):
    return session.scalars(select(TradeInDue).where(TradeInDue.trade_in_id == old.id)).one()


def told(session, old):
    rows = session.scalars(select(Notice.kind).where(Notice.kind.like("trade_in.%")).order_by(Notice.id))
    return [kind.removeprefix("trade_in.") for kind in rows]


def test_an_appliance_as_it_was_told_is_confirmed_and_the_recycler_owes_its_credit(
    session, fridge, recycler, clerk, now
):
    look_at(session, recycler, clerk, fridge, now)
    assert (fridge.state, fridge.worth_fen, fridge.confirmed_weight_grams) == (
        "confirmed",
        CREDIT_FEN,
        60_000,
    )
    assert balance(session, recycler_due(recycler.id)) == CREDIT_FEN
    assert balance(session, trade_in(COUNTY)) == 0
    assert trade_in_dues(session, fridge.id) == []
    assert told(session, fridge) == []
    assert found(session, now) == []


def test_an_appliance_better_than_told_counts_for_no_more_than_its_credit(
    session, fridge, recycler, clerk, now
):
    look_at(session, recycler, clerk, fridge, now, age_years=1)
    assert (fridge.state, fridge.worth_fen) == ("confirmed", CREDIT_FEN)


def test_a_worse_appliance_is_reoffered_only_with_a_photo(session, fridge, recycler, clerk, now):
    with pytest.raises(Refused, match="photo_needed"):
        look_at(session, recycler, clerk, fridge, now, faults=["not_working"])
    assert (fridge.state, trade_in_assessment(session, fridge.id)) == (TradeInState.collected, None)
    look_at(session, recycler, clerk, fridge, now, age_years=4, faults=["not_working"], photo=a_photo())
    seen = trade_in_assessment(session, fridge.id)
    assert seen.reasons == ["age", "not_working"]
    assert (fridge.state, fridge.offer_fen) == ("reoffer", seen.value_fen)
    assert fridge.answer_by == now + timedelta(days=7)
    assert (fridge.worth_fen, trade_in_dues(session, fridge.id)) == (None, [])
    assert told(session, fridge) == ["reoffer"]
    assert found(session, now) == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("weight_grams", {"weight_grams": 0}),
        ("age_years", {"age_years": -1}),
        ("faults", {"faults": ["haunted"]}),
    ],
)
def test_an_assessment_that_cannot_be_is_refused(session, fridge, recycler, clerk, now, field, changes):
    with pytest.raises(Refused) as refused:
        look_at(session, recycler, clerk, fridge, now, **changes)
    assert (refused.value.field, fridge.state) == (field, "collected")


def test_another_countys_recycler_may_not_assess_it(session, fridge, clerk, now):
    with pytest.raises(NotFound):
        look_at(session, a_recycler(session, now, "610728"), clerk, fridge, now)


def test_who_accepts_the_lower_credit_owes_the_difference_and_pays_it_at_the_desk(
    session, reoffered, recycler, consumer, now
):
    accept_reoffer(session, consumer.id, reoffered.id, now)
    due = due_of(session, reoffered)
    assert (reoffered.state, reoffered.worth_fen) == ("confirmed", WORSE_FEN)
    assert (due.amount_fen, due.reason, due.state) == (OWED_FEN, "lower_worth", "open")
    assert balance(session, trade_in_due(COUNTY)) == OWED_FEN
    assert balance(session, recycler_due(recycler.id)) == WORSE_FEN
    assert found(session, now) == []
    before, operator = balance(session, BANK), an_account(session, now)
    for _ in range(2):
        pay_at_desk(session, COUNTY, operator.id, due.id, "JX-0001", now)
    assert (due.state, due.paid_by, balance(session, trade_in_due(COUNTY))) == ("paid", "desk", 0)
    assert balance(session, BANK) - before == OWED_FEN
    assert told(session, reoffered) == ["reoffer", "due_lower_worth", "due_paid"]
    assert found(session, now) == []


def test_a_slip_counts_once(session, reoffered, consumer, courier, now):
    accept_reoffer(session, consumer.id, reoffered.id, now)
    due, operator = due_of(session, reoffered), an_account(session, now)
    with pytest.raises(Refused, match="slip_number"):
        pay_at_desk(session, COUNTY, operator.id, due.id, "1", now)
    with pytest.raises(NotFound):
        pay_at_desk(session, "610728", operator.id, due.id, "JX-0001", now)
    assert due.state is DueState.open


def test_who_declines_has_it_back_and_owes_the_whole_credit(session, reoffered, recycler, consumer, now):
    decline_reoffer(session, consumer.id, reoffered.id, now)
    due = due_of(session, reoffered)
    assert (reoffered.state, due.amount_fen, due.reason) == ("going_home", CREDIT_FEN, "given_back")
    assert balance(session, recycler_due(recycler.id)) == 0
    for _ in range(2):
        give_back(session, COUNTY, reoffered.id, now)
    assert (reoffered.state, reoffered.returned_at) == ("returned", now)
    assert pay_online(session, due.id, now)
    assert not pay_online(session, due.id, now)
    assert balance(session, trade_in_due(COUNTY)) == 0
    assert found(session, now) == []


def test_silence_accepts_nothing(session, reoffered, consumer, now):
    leave_unanswered(session, reoffered.id, now)
    assert reoffered.state is TradeInState.reoffer
    late = now + timedelta(days=7)
    row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "recycling.trade_in_answer_due")).one()
    assert row.due_at == late
    for _ in range(2):
        leave_unanswered(session, reoffered.id, late)
    assert (reoffered.state, reoffered.worth_fen, reoffered.answer_by) == ("unanswered", None, None)
    assert session.scalars(select(TradeInDue)).all() == []
    with pytest.raises(Refused, match="illegal_move"):
        accept_reoffer(session, consumer.id, reoffered.id, late)
    assert found(session, late) == []


def test_an_answer_after_the_deadline_is_refused(session, reoffered, consumer, now):
    for answer in (accept_reoffer, decline_reoffer):
        with pytest.raises(Refused, match="answer_late"):
            answer(session, consumer.id, reoffered.id, now + timedelta(days=7))
    assert reoffered.state is TradeInState.reoffer


def test_nobody_answers_for_somebody_else(session, reoffered, now):
    stranger = an_account(session, now)
    for answer in (accept_reoffer, decline_reoffer):
        with pytest.raises(NotFound):
            answer(session, stranger.id, reoffered.id, now)


def test_a_dispute_needs_words_and_goes_to_a_person(session, reoffered, consumer, now):
    with pytest.raises(Refused) as refused:
        dispute_reoffer(session, consumer.id, reoffered.id, "  ", now)
    assert (refused.value.field, reoffered.state) == ("words", "reoffer")
    dispute_reoffer(session, consumer.id, reoffered.id, "收走时还在制冷", now)
    assert (reoffered.state, reoffered.dispute) == ("disputed", "收走时还在制冷")


@pytest.mark.parametrize(
    ("decision", "state", "worth_fen", "waived_fen", "recycler_fen", "owed_fen"),
    [
        (Decision.county_bears, "confirmed", WORSE_FEN, OWED_FEN, WORSE_FEN, 0),
        (Decision.recycler_bears, "confirmed", CREDIT_FEN, 0, CREDIT_FEN, 0),
        (Decision.give_back, "going_home", 0, 0, 0, CREDIT_FEN),
    ],
)
def test_an_operator_settles_a_dispute_at_somebodys_cost(
    session,
    reoffered,
    recycler,
    consumer,
    now,
    decision,
    state,
    worth_fen,
    waived_fen,
    recycler_fen,
    owed_fen,
):
    dispute_reoffer(session, consumer.id, reoffered.id, "收走时还在制冷", now)
    operator = an_account(session, now)
    with pytest.raises(Refused, match="decision_note"):
        decide(session, COUNTY, operator.id, reoffered.id, decision, " ", now)
    with pytest.raises(NotFound):
        decide(session, "610728", operator.id, reoffered.id, decision, "看了照片", now)
    before = balance(session, GOODWILL)
    decide(session, COUNTY, operator.id, reoffered.id, decision, "看了照片", now)
    assert (reoffered.state, reoffered.worth_fen, reoffered.waived_fen) == (state, worth_fen, waived_fen)
    assert balance(session, GOODWILL) - before == waived_fen
    assert balance(session, recycler_due(recycler.id)) == recycler_fen
    assert balance(session, trade_in_due(COUNTY)) == owed_fen
    assert found(session, now) == []
    with pytest.raises(Refused, match="illegal_move"):
        decide(session, COUNTY, operator.id, reoffered.id, decision, "再看一次", now)


def test_what_was_not_handed_in_is_owed_and_may_be_handed_in_later(session, consumer, recycler, clerk, now):
    _, old = an_order_with_a_fridge(session, consumer, now)
    for _ in range(2):
        not_handed_in(session, f"trade_in:{old.id}", now)
    first = due_of(session, old)
    assert (old.state, first.amount_fen, first.reason) == ("not_handed_in", CREDIT_FEN, "not_handed_in")
    trade_in_collected(session, f"trade_in:{old.id}", now)
    assert (old.state, old.worth_fen, first.state) == ("collected", None, "void")
    assert balance(session, trade_in_due(COUNTY)) == 0
    look_at(session, recycler, clerk, old, now)
    assert (old.state, balance(session, trade_in(COUNTY))) == ("confirmed", 0)
    assert found(session, now) == []


def test_who_pays_for_what_she_did_not_hand_in_keeps_it(session, consumer, now):
    _, old = an_order_with_a_fridge(session, consumer, now)
    not_handed_in(session, f"trade_in:{old.id}", now)
    before = balance(session, STRIPE_CLEARING)
    assert pay_online(session, due_of(session, old).id, now)
    job = session.scalars(select(Job).where(Job.reference == f"trade_in:{old.id}")).one()
    assert (old.state, job.state) == ("kept", JobState.canceled)
    assert balance(session, STRIPE_CLEARING) - before == CREDIT_FEN
    assert found(session, now) == []


def test_what_a_courier_takes_although_it_was_paid_for_is_given_back_in_points(
    session, consumer, recycler, clerk, now
):
    _, old = an_order_with_a_fridge(session, consumer, now)
    not_handed_in(session, f"trade_in:{old.id}", now)
    pay_online(session, due_of(session, old).id, now)
    trade_in_collected(session, f"trade_in:{old.id}", now)
    look_at(session, recycler, clerk, old, now)
    assert (old.state, old.topped_up_fen) == ("confirmed", CREDIT_FEN)
    assert points.balance(session, consumer.id, now).available == CREDIT_FEN
    assert found(session, now) == []


def test_whose_goods_were_refused_is_asked_before_her_appliance_is_taken(
    session, consumer, recycler, clerk, now
):
    order, old = an_order_with_a_fridge(session, consumer, now)
    trade_in_collected(session, f"trade_in:{old.id}", now)
    (part,) = order.shop_orders
    refuse.job_refused(session, part.reference, now)
    assert (order.state, old.state, old.granted_fen) == ("canceled", "collected", 0)
    assert found(session, now) == []
    look_at(session, recycler, clerk, old, now)
    assert (old.state, old.offer_fen) == ("reoffer", CREDIT_FEN)
    assert trade_in_assessment(session, old.id).reasons == ["order_off"]
    accept_reoffer(session, consumer.id, old.id, now)
    assert (old.topped_up_fen, trade_in_dues(session, old.id)) == (CREDIT_FEN, [])
    assert points.balance(session, consumer.id, now).available == CREDIT_FEN
    assert balance(session, recycler_due(recycler.id)) == CREDIT_FEN
    assert found(session, now) == []


def test_whose_goods_were_refused_may_have_her_appliance_back_free(session, consumer, recycler, clerk, now):
    order, old = an_order_with_a_fridge(session, consumer, now)
    trade_in_collected(session, f"trade_in:{old.id}", now)
    refuse.job_refused(session, order.shop_orders[0].reference, now)
    look_at(session, recycler, clerk, old, now)
    decline_reoffer(session, consumer.id, old.id, now)
    assert (old.state, old.worth_fen, trade_in_dues(session, old.id)) == ("going_home", 0, [])
    assert found(session, now) == []


def test_goods_refused_after_the_appliance_was_taken_over_are_made_good_in_points(
    session, consumer, recycler, clerk, now
):
    order, old = an_order_with_a_fridge(session, consumer, now)
    trade_in_collected(session, f"trade_in:{old.id}", now)
    look_at(session, recycler, clerk, old, now)
    refuse.job_refused(session, order.shop_orders[0].reference, now)
    assert (old.state, old.granted_fen, old.topped_up_fen) == ("confirmed", 0, CREDIT_FEN)
    assert points.balance(session, consumer.id, now).available == CREDIT_FEN
    assert found(session, now) == []


def test_a_trade_in_that_was_not_made_even_is_a_break(session, reoffered, consumer, now):
    accept_reoffer(session, consumer.id, reoffered.id, now)
    reoffered.worth_fen = WORSE_FEN - 1
    session.flush()
    assert any(f"trade-in {reoffered.code}: 1 fen" in line for line in found(session, now))
