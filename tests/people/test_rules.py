"""Phone numbers and passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.people.rules import mask_phone, normalize_phone, password_flaw

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
separators = st.lists(st.sampled_from(["", " ", "-", "　", "‐"]), min_size=11, max_size=11)


@given(mobiles, st.sampled_from(["", "+86", "0086", "86", "+86 ", "86-"]), separators)
def test_a_mobile_number_is_known_however_it_is_typed(phone: str, prefix: str, gaps: list[str]) -> None:
    typed = prefix + "".join(digit + gap for digit, gap in zip(phone, gaps, strict=True))
    assert normalize_phone(typed) == phone


@given(mobiles)
def test_full_width_digits_are_digits(phone: str) -> None:
    assert normalize_phone(phone.translate(str.maketrans("0123456789", "０１２３４５６７８９"))) == phone


@given(st.text())
def test_what_is_accepted_is_a_mobile_number_in_its_one_shape(typed: str) -> None:
    phone = normalize_phone(typed)
    assert phone is None or (len(phone) == 11 and phone[0] == "1" and normalize_phone(phone) == phone)


@pytest.mark.parametrize(
    "typed", ["", "110", "12912345678", "138001380001", "0915-4420000", "1380013800a", "١٣٨٠٠١٣٨٠٠٠"]
)
def test_what_is_not_a_mobile_number_is_refused(typed: str) -> None:
    assert normalize_phone(typed) is None


def test_masking_keeps_the_ends_of_a_mobile_and_the_last_two_of_a_landline() -> None:
    assert mask_phone("13800138000") == "138****8000"
    assert mask_phone("09154420011") == "*********11"
    assert mask_phone("") == ""


@pytest.mark.parametrize(
    ("password", "flaw"),
    [
        ("short7!", "people.password_short"),
        ("x" * 129, "people.password_long"),
        ("88888888", "people.password_easy"),
        ("12345678", "people.password_easy"),
        ("hgfedcba", "people.password_easy"),
        ("13800138000", "people.password_easy"),
        ("00138000", "people.password_easy"),
        ("my13800138000", "people.password_easy"),
        ("green-village-7", None),
        ("好好学习天天向上", None),
    ],
)
def test_a_password_is_refused_for_what_makes_it_easy(password: str, flaw: str | None) -> None:
    assert password_flaw(password, "13800138000") == flaw
