"""A sentence as filters that can be taken off, and words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.search.asked import Asked, Between, Filter, Kind, Reading, Why
from market.search.nearest import nearest
from market.search.phrases import read_phrases
from market.search.understand import understand
from market.search.vocabulary import Vocabulary
from market.words.numerals import chinese


def told(asked: Asked) -> dict[str, str]:
    return {one.name: one.value for one in asked.filters}


def test_a_sentence_becomes_filters(vocabulary: Vocabulary) -> None:
    asked = understand("费电少的三门冰箱 两千以内", vocabulary)
    assert told(asked) == {
        "grade": "2",
        "trait:doors=3": "doors=3",
        "category": "fridge",
        "price_upto": "200000",
    }
    assert asked.words == ()
    assert asked.readings == ()


@pytest.mark.parametrize(
    ("typed", "filters"),
    [
        ("2000元以内", {"price_upto": "200000"}),
        ("不超过一千五", {"price_upto": "150000"}),
        ("预算3千块", {"price_upto": "300000"}),
        ("一到两千", {"price_from": "100000", "price_upto": "200000"}),
        ("1500-2500", {"price_from": "150000", "price_upto": "250000"}),
        ("两千块左右", {"price_from": "160000", "price_upto": "240000"}),
        ("一万以上", {"price_from": "1000000"}),
        ("200升左右", {"size": "150-250 L"}),
        ("1.5匹", {"size": "1.35-1.65 hp"}),
        ("10公斤以上", {"size": "10- kg"}),
        ("55寸以下", {"size": "-55 inch"}),
        ("一级能效", {"grade": "1"}),
        ("不费电", {"grade": "2"}),
        ("省水", {"water": "2"}),
        ("声音小", {"trait:quiet": "quiet"}),
        ("智能", {"trait:smart": "smart"}),
        ("给老人用", {"trait:elder": "elder"}),
        ("有国补", {"subsidized": "1"}),
        ("便宜点", {"cheap": "1"}),
        ("十字四门", {"trait:doors=4": "doors=4"}),
        ("三门", {"trait:doors=3": "doors=3"}),
        ("智能家居", {}),
        ("拖拉机", {}),
    ],
)
def test_phrases(typed: str, filters: dict[str, str]) -> None:
    found, _left = read_phrases(typed)
    assert {one.name: one.value for one in found} == filters


@given(st.integers(50, 99_999), st.sampled_from(["以内", "元以内", "块以下", "块钱以内"]))
def test_a_bound_is_the_number_that_was_written_in_digits_or_characters(yuan: int, said: str) -> None:
    for written in (str(yuan), chinese(yuan)):
        found, left = read_phrases(f"冰箱{written}{said}")
        assert [(one.kind, one.value) for one in found] == [(Kind.price_upto, str(yuan * 100))], written
        assert left.split() == ["冰箱"]


@given(st.text(max_size=60))
def test_whatever_is_typed_is_understood_as_something(vocabulary: Vocabulary, typed: str) -> None:
    asked = understand(typed, vocabulary)
    names = [one.name for one in asked.filters]
    assert len(names) == len(set(names))
    assert all(words.strip() for words in asked.words)


@given(
    st.decimals(1, 999, places=1) | st.none(), st.decimals(1, 999, places=1) | st.none(),
    st.sampled_from(["L", "kg", "inch", "hp"]),
)  # fmt: skip
def test_bounds_of_a_size_read_back(least: Decimal | None, most: Decimal | None, unit: str) -> None:
    assert Between.read(str(Between(least, most, unit))) == Between(least, most, unit)


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("bingxiang", [Reading("bingxiang", "冰箱", Why.pinyin)]),
        ("bx", [Reading("bx", "冰箱", Why.pinyin)]),
        ("binxian", [Reading("binxian", "冰箱", Why.pinyin)]),
        ("冰厢", [Reading("冰厢", "冰箱", Why.sound)]),
        ("空凋", [Reading("空凋", "空调", Why.slip)]),
        ("箱冰", [Reading("箱冰", "冰箱", Why.slip)]),
        ("冰冰箱", [Reading("冰冰箱", "冰箱", Why.slip)]),
        ("太阳热水器", [Reading("太阳热水器", "太阳能热水器", Why.slip)]),
        ("BDC-218A1", [Reading("bdc-218a1", "BCD218A1", Why.slip)]),
        ("冰箱", []),
        ("BCD210A1", [Reading("bcd210a1", "BCD218A1", Why.slip)]),
        ("bcd-218", []),
    ],
)
def test_sounds_and_slips_are_read_and_said(
    vocabulary: Vocabulary, typed: str, readings: list[Reading]
) -> None:
    assert list(understand(typed, vocabulary).readings) == readings


def test_as_typed_means_as_typed(vocabulary: Vocabulary) -> None:
    assert understand("冰厢", vocabulary, literal=True) == Asked((), ("冰厢",), ())
    assert understand("bx", vocabulary, literal=True) == Asked((), ("bx",), ())


def test_a_dialect_word_says_whose_it_is_and_that_nobody_reviewed_it(vocabulary: Vocabulary) -> None:
    (reading,) = understand("雪柜", vocabulary).readings
    assert reading == Reading("雪柜", "冰箱", Why.dialect, "粤、客家", reviewed=False)
    assert understand("电冰箱", vocabulary).readings == ()  # a national standard's own word


def test_what_is_nearest_keeps_the_kind_and_the_brand() -> None:
    kind, grade = Filter(Kind.category, "fridge", "冰箱"), Filter(Kind.grade, "1", "一级")
    assert nearest(Asked((kind, grade), ("粉色",))) == Asked((kind,))
    assert nearest(Asked((grade,), ("粉色",))) == Asked((), ("粉色",))
    assert nearest(Asked((kind,))) is None
