"""Amounts in words say the amount, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.words import yuan_in_chinese, yuan_in_english

AMOUNTS = st.integers(-(10**14) + 1, 10**14 - 1)
UNITS = {"十": 10, "百": 100, "千": 1_000}


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "零元", "zero yuan"),
        (5, "五分", "five fen"),
        (40, "四角", "forty fen"),
        (12_040, "一百二十元四角", "one hundred twenty yuan and forty fen"),
        (12_005, "一百二十元零五分", "one hundred twenty yuan and five fen"),
        (1_500, "十五元", "fifteen yuan"),
        (11_000, "一百一十元", "one hundred ten yuan"),
        (260_000, "二千六百元", "two thousand six hundred yuan"),
        (100_500, "一千零五元", "one thousand five yuan"),
        (1_000_500, "一万零五元", "ten thousand five yuan"),
        (10_010_000, "十万零一百元", "one hundred thousand one hundred yuan"),
        (12_345_678, "十二万三千四百五十六元七角八分",
         "one hundred twenty-three thousand four hundred fifty-six yuan and seventy-eight fen"),
        (-9_900, "负九十九元", "minus ninety-nine yuan"),
    ],
)  # fmt: skip
def test_an_amount_is_said_as_people_say_it(fen: int, chinese: str, english: str) -> None:
    assert (yuan_in_chinese(fen), yuan_in_english(fen)) == (chinese, english)


@given(AMOUNTS)
def test_the_chinese_words_read_back_are_the_amount(fen: int) -> None:
    words = yuan_in_chinese(fen)
    sign = -1 if words.startswith("负") else 1
    yuan, _, rest = words.lstrip("负").rpartition("元")
    assert sign * (number(yuan) * 100 + small(rest)) == fen


def small(words: str) -> int:
    """What 角 and 分 say."""
    jiao, found, rest = words.rpartition("角")
    return (digit(jiao) * 10 if found else 0) + digit(rest.removesuffix("分"))


def digit(word: str) -> int:
    return "零一二三四五六七八九".index(word[-1]) if word else 0


def number(words: str) -> int:
    """A reader of its own: units multiply the digit before them, 万 and 亿 what was gathered."""
    total = gathered = last = 0
    for char in words:
        if char in UNITS:
            gathered += max(last, 1) * UNITS[char]
            last = 0
        elif char in "万亿":
            total += (gathered + last) * (10_000 if char == "万" else 10**8)
            gathered = last = 0
        else:
            last = digit(char)
    return total + gathered + last


@given(AMOUNTS, AMOUNTS)
def test_two_amounts_never_sound_the_same(one: int, other: int) -> None:
    if one != other:
        assert yuan_in_chinese(one) != yuan_in_chinese(other)
        assert yuan_in_english(one) != yuan_in_english(other)


@pytest.mark.parametrize("fen", [10**14, -(10**14)])
def test_a_trillion_yuan_is_not_said(fen: int) -> None:
    with pytest.raises(ValueError, match=str(fen)):
        yuan_in_chinese(fen)
