"""Two operators at one counter, each in a thread and a transaction of his own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit
from market.cash.deposit import make_deposit
from market.cash.hand_in import begin_hand_in, receive_hand_in
from market.cash.models import CashBreak, Deposit, HandIn
from market.kernel.errors import Refused
from market.ledger.models import Entry
from market.ledger.queries import balance
from market.ledger.rules import BANK, courier_cash, hub_cash
from tests.builders.cash import CASH_FEN, a_collection
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.people import an_operator
from tests.builders.shops import a_shop

COUNTY = "610924"

pytestmark = pytest.mark.race


@pytest.fixture
def counter(fresh_engine, now):
    """A courier with an open hand-in of one washer's cash; two operators who know the code."""
    with Session(fresh_engine) as session:
        courier = a_courier(session, now)
        a_collection(session, courier, a_listing(session, a_shop(session, now), now), now)
        operators = [an_operator(session, now).id for _ in range(2)]
        hand_in, code = begin_hand_in(session, courier, now)
        session.commit()
        return courier.id, hand_in.id, code, operators


def at_once(engine, calls):
    together = Barrier(len(calls))

    def one(call):
        with Session(engine) as session:
            together.wait()
            try:
                call(session)
                session.commit()
            except Refused as refused:
                return refused.code
            return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_a_hand_in_that_two_operators_receive_counts_once_and_banks_once(fresh_engine, counter, now):
    courier_id, hand_in_id, code, operators = counter
    calls = [
        lambda own, by=by: receive_hand_in(own, COUNTY, hand_in_id, code, CASH_FEN, by, now)
        for by in operators
    ]
    assert at_once(fresh_engine, calls) == ["done", "done"]
    with Session(fresh_engine) as session:
        assert balance(session, courier_cash(courier_id)) == 0
        assert balance(session, hub_cash(COUNTY)) == CASH_FEN
        handed_in = select(func.count()).select_from(Entry).where(Entry.kind == "cash.handed_in")
        assert session.scalar(handed_in) == 1
        assert session.get_one(HandIn, hand_in_id).received_by in operators
    banks = [
        lambda own, by=by, slip=slip: make_deposit(own, COUNTY, [hand_in_id], CASH_FEN, slip, by, now)
        for by, slip in zip(operators, ("slip-1", "slip-2"), strict=True)
    ]
    assert sorted(at_once(fresh_engine, banks)) == ["cash.not_to_bank", "done"]
    with Session(fresh_engine) as session:
        assert (balance(session, hub_cash(COUNTY)), balance(session, BANK)) == (0, CASH_FEN)
        assert session.scalar(select(func.count()).select_from(Deposit)) == 1
        assert session.scalars(select(CashBreak)).all() == []
        assert [it for it in audit.run(session, now) if it.book != "outbox"] == []
