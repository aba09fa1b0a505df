"""Words, sounds, slips and numerals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.words.numerals import chinese, number
from market.words.segment import grams, model_key, needed_grams, term, words
from market.words.slips import Slips
from market.words.sounds import initials, pinyin, sound, sound_of

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12)


def test_a_title_is_cut_into_words_and_the_words_within_them() -> None:
    assert words("曜埂 16管 真空管太阳能热水器") == [
        "真空", "空管", "真空管", "太阳", "太阳能", "热水", "水器", "热水器",
    ]  # fmt: skip


def test_a_model_is_found_by_its_beginning_and_that_of_its_parts_with_and_without_the_hyphen() -> None:
    held = grams("BCD-218A1")
    for part in ("BCD-218", "bcd218a1", "BCD", "218A1"):
        assert needed_grams(part) <= held, part
    assert not needed_grams("BCD-219") <= held
    assert model_key("BD/BC-203A1") == "bdbc203a1"


@given(HAN, st.data())
def test_every_part_of_a_title_is_found_in_it(title: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(title) - 1))
    end = data.draw(st.integers(start + 1, len(title)))
    assert needed_grams(title[start:end]) <= grams(title)


@given(HAN)
def test_a_term_is_a_32_bit_number_that_tells_kinds_apart(text: str) -> None:
    assert -(2**31) <= term("gram", text) < 2**31
    assert term("gram", text) != term("word", text)


def test_pinyin_and_initials() -> None:
    assert (pinyin("冰箱"), initials("冰箱")) == ("bingxiang", "bx")
    assert (pinyin("绿电"), initials("洗衣机")) == ("lvdian", "xyj")


@pytest.mark.parametrize(
    ("one", "other"),
    [("nengqi", "lengqi"), ("zhu", "zu"), ("chuan", "cuan"), ("shui", "sui"), ("fu", "hu"), ("xing", "xin"),
     ("leng", "len")],
)  # fmt: skip
def test_what_dialects_do_not_tell_apart_sounds_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_different_words_sound_different() -> None:
    assert sound_of("冰箱") == sound_of("冰厢") != sound_of("空调")


def test_slips_are_one_character_wrong_missing_doubled_or_swapped() -> None:
    slips = Slips(["洗衣机", "冰箱", "bcd218"])
    for typed in ("洗依机", "洗机", "洗衣衣机", "衣洗机"):
        assert slips.near(typed) == {"洗衣机"}, typed
    assert slips.near("bdc218") == {"bcd218"}
    assert slips.near("洗衣机") == set()
    assert slips.near("电视机") == set()


@pytest.mark.parametrize(
    ("text", "value"),
    [("2000", "2000"), ("两千", "2000"), ("一千五", "1500"), ("两千零五", "2005"), ("一万二", "12000"),
     ("十五", "15"), ("3千", "3000"), ("1.5万", "15000"), ("一点五", "1.5"), ("半", "0.5"),
     ("二百五", "250")],
)  # fmt: skip
def test_numerals_as_people_say_them(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "冰", "二三", "千", "点五", "一点", "12三"])
def test_what_is_no_numeral(text: str) -> None:
    assert number(text) is None


@given(st.integers(0, 99_999_999))
def test_what_is_written_out_reads_back(value: int) -> None:
    assert number(chinese(value)) == value
