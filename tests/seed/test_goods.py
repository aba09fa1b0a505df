"""The goods of the seed: plausible, invented, and true to the standards they cite."""

from itertools import pairwise
from random import Random

import pytest

from market.catalog.load import rows
from market.catalog.rules import RECORD_NUMBER, read_metrics, resolve_grade
from market.seed.goods import Good, goods, gtin_of
from market.seed.names import person, phone
from market.seed.plans import PLANS, SHOPS
from market.seed.shops import licence_number

STANDARDS = {row["number"]: row for row in rows("standards")}
CATEGORIES = {row["code"] for row in rows("categories")}


@pytest.mark.parametrize("good", goods(), ids=lambda good: good.model)
def test_a_good_is_complete(good: Good) -> None:
    assert good.category in CATEGORIES
    assert good.price_fen >= 50_00
    assert set(good.sellers) <= set(SHOPS)
    assert good.sellers
    assert min(good.packed_mm) > 0
    assert good.specs


@pytest.mark.parametrize("good", goods(), ids=lambda good: good.model)
def test_a_package_holds_what_it_weighs(good: Good) -> None:
    length, width, height = good.packed_mm
    grams_per_liter = good.net_weight_grams * 1_000_000 / (length * width * height)
    assert 15 <= grams_per_liter <= 700


@pytest.mark.parametrize("good", [good for good in goods() if good.label], ids=lambda good: good.model)
def test_a_label_claims_the_grade_its_figures_reach(good: Good) -> None:
    label = good.label
    assert label is not None
    standard = STANDARDS[label.standard_number]
    assert good.category in standard["category_codes"]
    assert RECORD_NUMBER.fullmatch(label.record_number)
    resolved = resolve_grade(read_metrics(standard["metrics"]), label.variant, label.measured)
    assert resolved in (None, label.grade)
    known = any(row["limits"] and row["variant"] == label.variant for row in standard["metrics"])
    assert (resolved is not None) == known


def test_there_is_enough_to_choose_from() -> None:
    assert len(goods()) >= 80
    assert len({good.category for good in goods()}) >= 12
    assert len({(good.brand, good.model) for good in goods()}) == len(goods())
    assert any(good.label and not good.label.verified for good in goods())


def test_barcodes_are_valid_and_of_no_maker() -> None:
    assert gtin_of(1) == "2900000000018"
    for good in goods():
        weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(good.gtin))
        assert weighted % 10 == 0
        assert good.gtin.startswith("29")


def test_a_licence_ends_in_its_check_character() -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for plan in PLANS["demo"]:
        for letter in plan.shops:
            code = licence_number(plan.code, letter)
            weights = [pow(3, place, 31) for place in range(17)] + [1]
            assert len(code) == 18
            assert sum(alphabet.index(c) * w for c, w in zip(code, weights, strict=True)) % 31 == 0


def test_chance_repeats_and_phones_show_what_they_are() -> None:
    assert person(Random("7:610924:shop:10")) == person(Random("7:610924:shop:10"))
    assert phone(1, "consumer", 3) == "13901010003"
    numbers = [int(phone(1, "station", number)) for number in range(1, 40)]
    assert all(after - before == 1 for before, after in pairwise(numbers))
