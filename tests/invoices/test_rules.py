"""Amounts in capitals, and what a document's hash stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.invoices.rules import digest, in_capitals

_VALUE = dict(zip("零壹贰叁肆伍陆柒捌玖", range(10), strict=True))
_PLACE = {"拾": 10, "佰": 100, "仟": 1_000}


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (55, "伍角伍分"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (1050, "壹拾元伍角整"),
        (10_001_00, "壹万零壹元整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (2_599_00, "贰仟伍佰玖拾玖元整"),
        (100_000_00, "壹拾万元整"),
        (100_010_00, "壹拾万零壹拾元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (-200_00, "负贰佰元整"),
    ],
)
def test_amounts_are_written_as_on_a_cheque(fen: int, text: str):
    assert in_capitals(fen) == text


def read(text: str) -> int:
    """The fen that capitals say, read back by another way."""
    sign = -1 if text.startswith("负") else 1
    total = group = digit = 0
    for char in text.lstrip("负"):
        if char in _VALUE:
            digit = _VALUE[char]
        elif char in _PLACE:
            group, digit = group + digit * _PLACE[char], 0
        elif char in "万亿":
            total, group, digit = total + (group + digit) * {"万": 10**4, "亿": 10**8}[char], 0, 0
        elif char == "元":
            total, group, digit = (total + group + digit) * 100, 0, 0
        elif char in "角分":
            total, digit = total + digit * (10 if char == "角" else 1), 0
    return sign * total


@given(st.integers(-(10**13), 10**13))
def test_what_is_written_reads_back(fen: int):
    assert read(in_capitals(fen)) == fen


def test_a_hash_depends_on_what_is_said_and_not_on_its_order():
    assert digest({"a": 1, "b": "字"}) == digest({"b": "字", "a": 1}) != digest({"a": 2, "b": "字"})
