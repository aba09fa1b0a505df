"""Which numbers are in a run, and when the law wants what."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalog.recall_rule import Scope, ScopeKind, covers, in_run, is_run, may_cover, normalized
from market.kernel.clock import SHANGHAI
from market.recalls import deadlines
from market.recalls.elders import is_elder
from market.recalls.states import RECALL_STATES, UNIT_STATES

RUN = Scope(ScopeKind.serials, first="HR26A0100", last="HR26A0199")


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        ("HR26A0100", True),
        ("HR26A0199", True),
        ("hr26 a0150", True),
        ("HR26A0099", False),
        ("HR26A0200", False),
        ("HR26B0150", False),
        ("HR26A150", False),
        ("HR26A00150", False),
        ("HR26A0150X", False),
        ("", False),
    ],
)
def test_a_run_has_the_numbers_between_its_ends_and_no_others(serial, expected):
    assert covers(RUN, serial, None) is expected


@given(
    st.text("ABCXYZ", max_size=6),
    st.integers(1, 6).flatmap(lambda n: st.tuples(*[st.integers(0, 10**n - 1)] * 3, st.just(n))),
)
def test_a_run_is_what_counting_from_its_first_to_its_last_gives(head, numbers):
    one, two, three, digits = numbers
    low, high = sorted((one, two))
    first, last, serial = (f"{head}{value:0{digits}d}" for value in (low, high, three))
    assert in_run(serial, first, last) is (three in range(low, high + 1))


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_any_three_texts_give_an_answer_and_whatever_is_in_a_run_proves_it_one(serial, first, last):
    if in_run(serial, first, last):
        assert is_run(first, last)


def test_what_is_not_known_of_a_piece_is_not_thought_safe():
    batch = Scope(ScopeKind.batch, batch="B7")
    assert [may_cover(batch, "HR1", known) for known in ("b 7", "B8", None)] == [True, False, True]
    assert [covers(batch, "HR1", known) for known in ("b 7", "B8", None)] == [True, False, False]
    assert (may_cover(RUN, None, None), covers(RUN, None, None)) == (True, False)
    assert covers(Scope(ScopeKind.model), None, None)
    assert normalized(" hr 26\ta1 ") == "HR26A1"


def test_a_duty_may_be_done_until_its_last_day_is_over_in_china():
    late_evening = datetime(2026, 11, 23, 23, 59, tzinfo=SHANGHAI)
    assert deadlines.due_in_working_days(late_evening, 2) == datetime(2026, 11, 26, tzinfo=SHANGHAI)
    assert deadlines.progress_due(datetime(2026, 11, 30, 8, tzinfo=SHANGHAI), 1) == datetime(
        2027, 3, 1, tzinfo=SHANGHAI
    )
    assert deadlines.progress_due(datetime(2026, 11, 30, 8, tzinfo=SHANGHAI), 2) == datetime(
        2027, 5, 31, tzinfo=SHANGHAI
    )
    assert deadlines.keep_until(datetime(2028, 2, 29, 8, tzinfo=SHANGHAI)) == date(2033, 2, 28)


def test_sixty_is_old_from_the_birthday_on():
    assert not is_elder(date(1966, 11, 24), date(2026, 11, 23))
    assert is_elder(date(1966, 11, 23), date(2026, 11, 23))


def test_every_state_can_come_to_an_end():
    for table in (RECALL_STATES, UNIT_STATES):
        for state in table:
            seen, todo = {state}, [state]
            while todo:
                new = table[todo.pop()] - seen
                seen |= new
                todo += new
            assert any(table.is_end(one) for one in seen)
