"""Windows and warranty clocks, purely."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.aftersales import terms
from market.aftersales.models import WarrantyTerms
from market.aftersales.rules import (
    Ground,
    Part,
    Pause,
    Remedy,
    Terms,
    Verdict,
    months_later,
    must_replace,
    paused,
    read_terms,
    remedies,
    warranty,
)
from market.aftersales.states import REPAIR_OVER, REPAIR_STATES, RETURN_OVER, RETURN_STATES
from market.kernel.clock import SHANGHAI

SIGNED = datetime(2026, 11, 23, 10, 7, tzinfo=SHANGHAI)
WASHER = Terms(12, 36, (Part("motor", "电机", "Motor"),))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ALL = frozenset(Remedy)


@pytest.mark.parametrize(
    ("ground", "age", "open_"),
    [
        (Ground.no_reason, 7 * DAY - MINUTE, {Remedy.refund, Remedy.exchange}),
        (Ground.no_reason, 7 * DAY, set()),
        (Ground.fault, 7 * DAY - MINUTE, ALL),
        (Ground.fault, 7 * DAY, {Remedy.exchange, Remedy.price_cut}),
        (Ground.fault, 15 * DAY - MINUTE, {Remedy.exchange, Remedy.price_cut}),
        (Ground.fault, 15 * DAY, set()),
        (Ground.damaged, 7 * DAY - MINUTE, ALL),
        (Ground.damaged, 7 * DAY, set()),
        (Ground.wrong, 7 * DAY, set()),
        (Ground.missing, 7 * DAY - MINUTE, {Remedy.refund, Remedy.price_cut}),
    ],
)
def test_each_window_ends_at_its_minute(ground, age, open_):
    assert remedies(ground, SIGNED, SIGNED + age) == open_


def test_what_was_made_to_order_comes_back_only_for_a_fault():
    assert remedies(Ground.no_reason, SIGNED, SIGNED, made_to_order=True) == set()
    assert remedies(Ground.fault, SIGNED, SIGNED, made_to_order=True) == ALL


def test_a_month_that_is_too_short_ends_on_its_last_day():
    last = datetime(2027, 1, 31, 23, 59, tzinfo=SHANGHAI)
    assert months_later(last, 1) == datetime(2027, 2, 28, 23, 59, tzinfo=SHANGHAI)
    assert months_later(last, 13) == datetime(2028, 2, 29, 23, 59, tzinfo=SHANGHAI)
    assert months_later(SIGNED, 12) == SIGNED.replace(year=2027)


def test_a_year_for_the_whole_and_three_for_a_main_part_to_the_minute():
    year, three = SIGNED.replace(year=2027), SIGNED.replace(year=2029)
    assert warranty(WASHER, SIGNED, None, [], year - MINUTE).verdict is Verdict.whole
    assert warranty(WASHER, SIGNED, None, [], year).verdict is Verdict.over
    assert warranty(WASHER, SIGNED, "motor", [], year).verdict is Verdict.main_part
    assert warranty(WASHER, SIGNED, "door", [], year).verdict is Verdict.over
    assert warranty(WASHER, SIGNED, "motor", [], three - MINUTE).verdict is Verdict.main_part
    assert warranty(WASHER, SIGNED, "motor", [], three).verdict is Verdict.over
    assert warranty(None, SIGNED, "motor", [], SIGNED).verdict is Verdict.unknown


def test_the_clock_stands_still_at_the_station():
    away = Pause(SIGNED + 30 * DAY, SIGNED + 42 * DAY)
    year = SIGNED.replace(year=2027)
    seen = warranty(WASHER, SIGNED, None, [away], year + 12 * DAY - MINUTE)
    assert (seen.verdict, seen.until, seen.paused) == (Verdict.whole, year + 12 * DAY, 12 * DAY)
    assert warranty(WASHER, SIGNED, None, [away], year + 12 * DAY).verdict is Verdict.over


def test_a_pause_that_overlaps_counts_once_and_one_after_the_end_not_at_all():
    end = SIGNED + 100 * DAY
    overlapping = [Pause(SIGNED + 10 * DAY, SIGNED + 20 * DAY), Pause(SIGNED + 15 * DAY, SIGNED + 25 * DAY)]
    assert paused(SIGNED, end, overlapping, end) == 15 * DAY
    # The first pause moves the end, so that the second still begins before it.
    chained = [Pause(SIGNED + 90 * DAY, SIGNED + 110 * DAY), Pause(SIGNED + 115 * DAY, SIGNED + 120 * DAY)]
    assert paused(SIGNED, end, chained, SIGNED + 200 * DAY) == 25 * DAY
    assert paused(SIGNED, end, [Pause(end, end + DAY)], end + DAY) == timedelta(0)
    assert paused(SIGNED, end, [Pause(SIGNED + DAY, None)], SIGNED + 3 * DAY) == 2 * DAY


hours = st.integers(0, 24 * 900)


@given(st.lists(st.tuples(hours, hours), max_size=6), hours)
def test_no_pause_shortens_a_warranty_and_none_lengthens_it_by_more_than_itself(spans, at):
    pauses = [
        Pause(SIGNED + timedelta(hours=min(a, b)), SIGNED + timedelta(hours=max(a, b))) for a, b in spans
    ]
    now = SIGNED + timedelta(hours=at)
    seen = warranty(WASHER, SIGNED, None, pauses, now)
    longest = sum((pause.until - pause.since for pause in pauses), timedelta(0))
    assert timedelta(0) <= seen.paused <= longest
    assert seen.until == SIGNED.replace(year=2027) + seen.paused
    assert (seen.verdict is Verdict.whole) == (now < seen.until)


def test_two_repairs_of_one_fault_are_enough():
    assert [must_replace(count) for count in (0, 1, 2, 3)] == [False, False, True, True]


def test_every_shipped_term_can_be_read_and_says_where_it_is_from():
    rows = terms.shipped()
    assert {row["category_code"]: (row["whole_months"], row["main_part_months"]) for row in rows} == {
        "fridge": (12, 36),
        "washer": (12, 36),
        "tv": (12, 36),
        "ac": (12, 36),
        "pc": (12, 24),
        "phone": (12, 6),
    }
    for row in rows:
        read_terms(row)
        assert (row["source"], row["confidence"], row["verified"]) == (row["source"], "K-M", False)
        assert row["source"]
        assert set(row) == {column.key for column in WarrantyTerms.__table__.columns}


def test_a_case_is_over_where_its_table_has_no_way_on():
    assert {state for state in RETURN_STATES if RETURN_STATES.is_end(state)} | {"withdrawn"} == RETURN_OVER
    assert {state for state in REPAIR_STATES if REPAIR_STATES.is_end(state)} | {"withdrawn"} == REPAIR_OVER
