"""Two answers at once, and an answer against the deadline: one of them counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.ledger.queries import balance
from market.ledger.rules import trade_in_due
from market.recycling.answer_trade_in import accept_reoffer, decline_reoffer, leave_unanswered
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.models import TradeIn, TradeInDue
from market.recycling.pay_due import pay_at_desk, pay_online
from market.recycling.trade_in import not_handed_in
from tests.builders.delivery import a_courier
from tests.builders.life import at_once
from tests.builders.people import an_account
from tests.builders.recycling import a_photo, a_recycler, a_recycler_clerk
from tests.builders.trade_ins import CREDIT_FEN, WORSE_FEN, a_collected_fridge, an_order_with_a_fridge

pytestmark = pytest.mark.race
COUNTY = "610924"


@pytest.fixture
def old(fresh_engine, now):
    """A committed trade-in that waits for its buyer's answer."""
    with Session(fresh_engine, expire_on_commit=False) as session:
        buyer, recycler = an_account(session, now), a_recycler(session, now)
        clerk = a_recycler_clerk(session, recycler, now)
        found = a_collected_fridge(session, buyer, a_courier(session, now), now)
        assess_trade_in(session, recycler, clerk.id, found.id, 60_000, 3, ["not_working"], "", a_photo(), now)
        session.commit()
        return found


def books(session, now):
    return [it for it in audit.run(session, now) if it.book not in ("outbox", "payments")]


def test_of_ten_answers_at_once_one_counts(fresh_engine, old, now):
    def answer(session, number):
        use_case = accept_reoffer if number % 2 else decline_reoffer
        use_case(session, old.account_id, old.id, now)

    assert at_once(fresh_engine, 10, answer) == {"done": 1, "state.illegal_move": 9}
    with Session(fresh_engine) as session:
        (due,) = session.scalars(select(TradeInDue)).all()
        state = session.get_one(TradeIn, old.id).state
        expected = {"confirmed": CREDIT_FEN - WORSE_FEN, "going_home": CREDIT_FEN}[state]
        assert (due.amount_fen, balance(session, trade_in_due(COUNTY))) == (expected, expected)
        assert books(session, now) == []


def test_an_answer_against_the_deadline_wins_or_comes_too_late(fresh_engine, old, now):
    late = now + timedelta(days=7)

    def meet(session, number):
        if number % 2:
            accept_reoffer(session, old.account_id, old.id, late - timedelta(seconds=1))
        else:
            leave_unanswered(session, old.id, late)

    outcome = at_once(fresh_engine, 6, meet)
    with Session(fresh_engine) as session:
        found = session.get_one(TradeIn, old.id)
        dues = session.scalars(select(TradeInDue)).all()
        assert (found.state, len(dues)) in (("confirmed", 1), ("unanswered", 0))
        refused = 2 if found.state == "confirmed" else 3
        assert outcome == {"done": 6 - refused, "state.illegal_move": refused}
        assert books(session, now) == []


def test_a_due_paid_online_and_at_the_desk_at_once_is_paid_once(fresh_engine, old, now):
    with Session(fresh_engine) as session:
        accept_reoffer(session, old.account_id, old.id, now)
        operator_id = an_account(session, now).id
        due_id = session.scalars(select(TradeInDue.id)).one()
        session.commit()
    taken = []

    def pay(session, number):
        if number % 2:
            taken.append(pay_online(session, due_id, now))
        else:
            pay_at_desk(session, COUNTY, operator_id, due_id, "JX-0001", now)

    assert at_once(fresh_engine, 6, pay) == {"done": 6}
    with Session(fresh_engine) as session:
        due = session.get_one(TradeInDue, due_id)
        assert (due.state, taken.count(True)) == ("paid", 1 if due.paid_by == "online" else 0)
        assert balance(session, trade_in_due(COUNTY)) == 0
        assert books(session, now) == []


def test_one_slip_written_at_two_desks_at_once_pays_one_due(fresh_engine, now):
    with Session(fresh_engine) as session:
        for _ in range(2):
            _, old = an_order_with_a_fridge(session, an_account(session, now), now)
            not_handed_in(session, f"trade_in:{old.id}", now)
        operator_id = an_account(session, now).id
        due_ids = session.scalars(select(TradeInDue.id)).all()
        session.commit()

    def pay(session, number):
        pay_at_desk(session, COUNTY, operator_id, due_ids[number], "JX-0001", now)

    assert at_once(fresh_engine, 2, pay) == {"done": 1, "cash.slip_taken": 1}
    with Session(fresh_engine) as session:
        dues = session.scalars(select(TradeInDue)).all()
        assert sorted((due.state.value, due.slip_number) for due in dues if due.slip_number) == [
            ("paid", "JX-0001")
        ]
        assert balance(session, trade_in_due(COUNTY)) == CREDIT_FEN
        assert books(session, now) == []
