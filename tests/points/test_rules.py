from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from market.kernel.clock import SHANGHAI
from market.points.rules import Earning, expires_at, points_for, spendable, vests_at


def test_a_yuan_earns_a_point_and_better_grades_earn_more():
    assert points_for([Earning(100_00, None)]) == 100
    assert points_for([Earning(100_00, 3)]) == 100
    assert points_for([Earning(100_00, 2)]) == 150
    assert points_for([Earning(100_00, 1)]) == 200


def test_each_line_is_rounded_down_by_itself():
    assert points_for([Earning(1_99, None), Earning(1_99, None)]) == 2


def test_no_more_than_thirty_percent_goes_into_an_order_and_one_yuan_stays():
    assert spendable(10_000_00, 1000_00) == 300_00
    assert spendable(50, 1000_00) == 50
    assert spendable(10_000_00, 1_20) == 20
    assert spendable(10_000_00, 50) == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_what_may_be_spent_is_never_negative_never_more_than_there_is(available, goods_fen):
    assert 0 <= spendable(available, goods_fen) <= available


def test_points_vest_after_the_return_window():
    delivered = datetime(2026, 11, 23, 15, 30, tzinfo=SHANGHAI)
    assert vests_at(delivered) == datetime(2026, 11, 30, 15, 30, tzinfo=SHANGHAI)


def test_points_lapse_at_midnight_in_china_after_a_full_year():
    granted = datetime(2026, 11, 23, 23, 59, tzinfo=SHANGHAI)
    assert expires_at(granted) == datetime(2027, 11, 24, 0, 0, tzinfo=SHANGHAI)
