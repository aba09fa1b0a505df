from datetime import timedelta

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as rules_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from market.kernel.errors import Refused
from market.kernel.outbox import OutboxRow
from market.ledger.models import Entry
from market.notices.models import Notice
from market.points import audit
from market.points.earn import earn, expire, grant, remind, vest
from market.points.models import LotState, PointsLot
from market.points.queries import Balance, balance, lapsing, lots
from market.points.spend import restore, spend
from market.points.take_back import take_back
from tests.builders.people import an_account


@pytest.fixture
def buyer(session, now):
    return an_account(session, now).id


def lot(session, reference):
    return session.scalars(select(PointsLot).where(PointsLot.reference == reference)).one()


def the_books_agree(session):
    session.expire_all()
    return list(audit.breaks(session)) == []


def test_earned_points_wait_for_the_return_window(session, buyer, now):
    earn(session, buyer, 100, "shop_order:1", now, now)
    assert balance(session, buyer, now) == Balance(available=0, pending=100)
    timers = {row.kind: row.due_at for row in session.scalars(select(OutboxRow))}
    assert timers["points.lot_vests"] == now + timedelta(days=7)
    over = now + timedelta(days=7)
    vest(session, lot(session, "shop_order:1").id, over - timedelta(minutes=1))  # a message that came early
    assert balance(session, buyer, now) == Balance(available=0, pending=100)
    vest(session, lot(session, "shop_order:1").id, over)
    vest(session, lot(session, "shop_order:1").id, over)
    session.expire_all()
    assert balance(session, buyer, now) == Balance(available=100, pending=0)
    assert the_books_agree(session)


def test_one_reference_earns_once(session, buyer, now):
    for _ in range(2):
        earn(session, buyer, 100, "shop_order:1", now, now)
        grant(session, buyer, 50, "recycling_order:1", now)
    session.expire_all()
    assert balance(session, buyer, now) == Balance(available=50, pending=100)
    assert the_books_agree(session)


def test_what_lapses_first_is_spent_first(session, buyer, now):
    grant(session, buyer, 100, "late", now + timedelta(days=30))
    grant(session, buyer, 100, "soon", now)
    spend(session, buyer, 130, "order:1", now)
    assert (lot(session, "soon").remaining, lot(session, "late").remaining) == (0, 70)
    assert the_books_agree(session)


def test_more_than_there_is_cannot_be_spent_and_nothing_changes(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    entries = session.scalar(select(func.count()).select_from(Entry))
    with pytest.raises(Refused) as refused:
        spend(session, buyer, 101, "order:1", now)
    assert (refused.value.code, refused.value.field, refused.value.values) == (
        "points.short",
        "points",
        {"left": 100},
    )
    session.expire_all()
    assert balance(session, buyer, now) == Balance(available=100, pending=0)
    assert session.scalar(select(func.count()).select_from(Entry)) == entries


def test_points_that_come_back_keep_their_expiry_and_come_back_once(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    expires = lot(session, "g").expires_at
    spend(session, buyer, 80, "order:1", now)
    later = now + timedelta(days=2)
    for _ in range(2):
        restore(session, buyer, 30, "order:1", "shop_order:1", later)
    session.expire_all()
    assert (lot(session, "g").remaining, lot(session, "g").expires_at) == (50, expires)
    assert balance(session, buyer, now).available == 50
    assert the_books_agree(session)


def test_points_of_a_lapsed_lot_do_not_come_back(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    spend(session, buyer, 100, "order:1", now)
    after = lot(session, "g").expires_at
    expire(session, lot(session, "g").id, after)
    restore(session, buyer, 100, "order:1", "shop_order:1", after)
    session.expire_all()
    assert balance(session, buyer, now).available == 0
    assert the_books_agree(session)


def test_no_more_comes_back_than_was_spent(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    spend(session, buyer, 80, "order:1", now)
    with pytest.raises(ValueError, match="never spent 81"):
        restore(session, buyer, 81, "order:1", "shop_order:1", now)


def test_points_lapse_on_their_day_and_not_before(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    the_lot = lot(session, "g")
    assert lapsing(lots(session, buyer), the_lot.expires_at - timedelta(days=10)) == 100
    expire(session, the_lot.id, the_lot.expires_at - timedelta(seconds=1))
    assert the_lot.state is LotState.available
    expire(session, the_lot.id, the_lot.expires_at)
    session.expire_all()
    assert (the_lot.state, balance(session, buyer, now).available) == (LotState.expired, 0)
    assert the_books_agree(session)


def test_a_refund_takes_pending_points_back_pro_rata_and_the_whole_takes_all(session, buyer, now):
    earn(session, buyer, 101, "shop_order:1", now, now)
    for _ in range(2):
        take_back(session, "shop_order:1", 60, 180, now)
    assert lot(session, "shop_order:1").remaining == 68  # a third of 101 is 33, rounded down
    take_back(session, "shop_order:1", 180, 180, now)
    assert (lot(session, "shop_order:1").remaining, balance(session, buyer, now)) == (0, Balance(0, 0))
    assert the_books_agree(session)


def test_points_that_were_spent_before_the_refund_are_owed_and_block_spending(session, buyer, now):
    earn(session, buyer, 100, "shop_order:1", now, now)
    vest(session, lot(session, "shop_order:1").id, now + timedelta(days=7))
    spend(session, buyer, 90, "order:2", now)
    grant(session, buyer, 30, "g", now)
    take_back(session, "shop_order:1", 10, 10, now)
    assert balance(session, buyer, now) == Balance(available=0, pending=0, debt=60)
    assert the_books_agree(session)
    with pytest.raises(Refused) as refused:
        spend(session, buyer, 1, "order:3", now)
    assert (refused.value.code, refused.value.values) == ("points.debt", {"debt": 60})
    grant(session, buyer, 50, "recycling_order:1", now)
    assert balance(session, buyer, now) == Balance(available=0, pending=0, debt=10)
    restore(session, buyer, 30, "order:2", "shop_order:2", now)
    assert balance(session, buyer, now) == Balance(available=20, pending=0, debt=0)
    assert the_books_agree(session)


def test_points_that_lapsed_unspent_are_not_owed(session, buyer, now):
    earn(session, buyer, 100, "shop_order:1", now, now)
    the_lot = lot(session, "shop_order:1")
    vest(session, the_lot.id, now + timedelta(days=7))
    spend(session, buyer, 40, "order:2", now)
    after = the_lot.expires_at
    expire(session, the_lot.id, after)
    take_back(session, "shop_order:1", 10, 10, after)
    assert balance(session, buyer, after) == Balance(available=0, pending=0, debt=40)
    assert the_books_agree(session)


def test_what_has_lapsed_cannot_be_spent_while_the_worker_is_dead(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    grant(session, buyer, 50, "later", now + timedelta(days=9))
    after = lot(session, "g").expires_at
    assert balance(session, buyer, after) == Balance(available=50, pending=0)
    assert lapsing(lots(session, buyer), after) == 50
    with pytest.raises(Refused, match=r"points\.short"):
        spend(session, buyer, 51, "order:1", after)
    spend(session, buyer, 50, "order:1", after)
    assert (lot(session, "g").remaining, lot(session, "later").remaining) == (100, 0)
    assert the_books_agree(session)


def test_what_comes_back_to_a_lot_whose_day_has_come_is_lost(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    spend(session, buyer, 80, "order:1", now)
    after = lot(session, "g").expires_at
    restore(session, buyer, 80, "order:1", "shop_order:1", after)
    assert (lot(session, "g").remaining, balance(session, buyer, after).available) == (20, 0)
    assert the_books_agree(session)


def test_points_wait_for_an_installation_that_is_signed_off_late(session, buyer, now):
    late = now + timedelta(days=12)
    earn(session, buyer, 100, "shop_order:1", now, now, signed_off_at=late)
    assert lot(session, "shop_order:1").vests_at == late


def test_she_is_reminded_thirty_and_seven_days_before_once_each(session, buyer, now):
    grant(session, buyer, 100, "g", now)
    the_lot = lot(session, "g")
    due = {
        row.payload["days"]: row.due_at for row in session.scalars(select(OutboxRow)) if "days" in row.payload
    }
    assert due == {days: the_lot.expires_at - timedelta(days=days) for days in (30, 7)}
    for _ in range(2):
        remind(session, the_lot.id, 30, due[30])
    spend(session, buyer, 100, "order:1", due[30])
    remind(session, the_lot.id, 7, due[7])
    assert [(notice.kind, notice.params["points"]) for notice in session.scalars(select(Notice))] == [
        ("points.lapsing", 100)
    ]


def test_any_order_of_events_keeps_row_lots_and_book_equal(session, now):
    class Points(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.savepoint = session.begin_nested()
            self.buyer = an_account(session, now).id
            self.now, self.number, self.spent = now, 0, {}

        def teardown(self):
            self.savepoint.rollback()

        def next(self, word):
            self.number += 1
            return f"{word}:{self.number}"

        @rule(points=st.integers(1, 500), at_once=st.booleans())
        def come_in(self, points, at_once):
            if at_once:
                grant(session, self.buyer, points, self.next("grant"), self.now)
            else:
                earn(session, self.buyer, points, self.next("order"), self.now, self.now)

        @rule(points=st.integers(1, 500))
        def go_out(self, points):
            reference = self.next("spend")
            left = balance(session, self.buyer, self.now).available
            debt = balance(session, self.buyer, self.now).debt
            if debt or points > left:
                with pytest.raises(Refused, match=r"points\.debt" if debt else r"points\.short"):
                    spend(session, self.buyer, points, reference, self.now)
            else:
                spend(session, self.buyer, points, reference, self.now)
                self.spent[reference] = points

        @rule(data=st.data())
        def come_back(self, data):
            if self.spent:
                reference = data.draw(st.sampled_from(sorted(self.spent)))
                points = data.draw(st.integers(0, self.spent[reference]))
                restore(session, self.buyer, points, reference, self.next("undo"), self.now)
                self.spent[reference] -= points

        @rule(data=st.data())
        def money_goes_back(self, data):
            earned = session.scalars(
                select(PointsLot.reference).where(
                    PointsLot.account_id == self.buyer, PointsLot.reference.startswith("order")
                )
            ).all()
            if earned:
                reference = data.draw(st.sampled_from(sorted(earned)))
                take_back(session, reference, data.draw(st.integers(0, 100)), 100, self.now)

        @rule(days=st.integers(1, 200))
        def only_the_clock_moves(self, days):
            """The worker is dead: nobody vests or lapses anything."""
            self.now += timedelta(days=days)

        @rule(days=st.integers(1, 200))
        def time_passes(self, days):
            self.now += timedelta(days=days)
            for found in session.scalars(select(PointsLot).where(PointsLot.account_id == self.buyer)).all():
                if found.vests_at and found.vests_at <= self.now:
                    vest(session, found.id, self.now)
                expire(session, found.id, self.now)

        @invariant()
        def the_books_agree(self):
            assert the_books_agree(session)

    run_state_machine_as_test(
        Points,
        settings=rules_settings(
            max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
