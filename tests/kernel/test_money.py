from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.money import allocate, format_yuan, parse_yuan, share

AMOUNTS = st.integers(min_value=0, max_value=10**12)


def test_a_hundred_yuan_over_three_lines_leaves_the_odd_fen_to_the_last():
    assert allocate(100_00, [3333_00, 3333_00, 3334_00]) == [33_33, 33_33, 33_34]


def test_a_cross_shop_reduction_follows_the_prices():
    assert allocate(600_00, [4000_00, 2000_00]) == [400_00, 200_00]


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1).filter(any))
def test_parts_sum_to_the_whole_and_stay_within_a_unit_of_their_share(total, weights):
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(st.lists(AMOUNTS, min_size=1).filter(any), st.data())
def test_no_part_of_a_reduction_exceeds_the_price_it_reduces(prices, data):
    reduction = data.draw(st.integers(min_value=0, max_value=sum(prices)))
    assert all(part <= price for part, price in zip(allocate(reduction, prices), prices, strict=True))


def test_nothing_is_split_over_nothing():
    assert allocate(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="nothing to split by"):
        allocate(1, [0, 0])


def test_a_share_is_rounded_down_to_the_fen():
    assert share(2599_90, Decimal("0.15")) == 389_98


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("2599", 2599_00),
        (" ￥2,599.9 ", 2599_90),
        ("2，599.90元", 2599_90),
        ("0.01", 1),
        ("", None),
        ("-1", None),
        ("1.005", None),
        ("1e3", None),
        ("12345678901", None),
        ("一百", None),
    ],
)
def test_typed_amounts_are_read_to_the_fen_or_not_at_all(typed, fen):
    assert parse_yuan(typed) == fen


@given(st.integers(min_value=0, max_value=999_999_999_99))
def test_what_is_shown_is_read_back_the_same(fen):
    assert parse_yuan(format_yuan(fen)) == fen


def test_a_debt_is_shown_with_its_sign():
    assert format_yuan(-5) == "-0.05"
