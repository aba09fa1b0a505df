from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalog.load import rows
from market.catalog.rules import (
    LabelKind,
    LabelState,
    best_grade,
    in_green_zone,
    price_flaw,
    read_metrics,
    resolve_grade,
    search_grams,
    term_grams,
)

TODAY = date(2026, 11, 23)
STANDARDS = {row["number"]: read_metrics(row["metrics"]) for row in rows("standards")}
VARIANTS = [(number, metric) for number, metrics in STANDARDS.items() for metric in metrics if metric.limits]


@dataclass
class Label:
    grade: int = 1
    kind: LabelKind = LabelKind.energy
    state: LabelState = LabelState.verified
    expires_on: date | None = None


def grade(standard: str, variant: str | None, **measured: str) -> int | None:
    figures = {name: Decimal(value) for name, value in measured.items()}
    return resolve_grade(STANDARDS[standard], variant, figures)


@pytest.mark.parametrize(
    ("apf", "expected"), [("5.00", 1), ("4.99", 2), ("4.5", 2), ("3.30", 5), ("3.29", None), ("9", 1)]
)
def test_a_value_on_a_threshold_gets_the_better_grade(apf, expected):
    assert grade("GB 21455-2019", "heat_pump_upto_4500_w", apf=apf) == expected


def test_the_version_a_label_cites_decides():
    assert grade("GB 12021.2-2015", None, standard_eei_percent="25", comprehensive_eei_percent="50") == 1
    assert grade("GB 12021.2-2025", None, teei_percent="25") is None


def test_a_washer_is_as_good_as_its_worst_figure():
    figures = {"kwh_per_cycle_kg": "0.110", "liters_per_cycle_kg": "8", "wash_ratio": "1.03"}
    assert grade("GB 12021.4-2013", "front_load", **figures) == 2
    assert grade("GB 12021.4-2013", "front_load", **figures | {"wash_ratio": "1.02"}) is None


def test_a_boiler_must_keep_both_efficiencies():
    def boiler(larger: str, smaller: str) -> int | None:
        return grade(
            "GB 20665-2015", "boiler_heating", eta_larger_percent=larger, eta_smaller_percent=smaller
        )

    assert (boiler("99", "95"), boiler("99", "94"), boiler("88.9", "90")) == (1, 2, 3)


@pytest.mark.parametrize(("standard", "variant"), [("GB 24850-2020", None), ("GB 21455-2019", "no_such")])
def test_what_a_standard_leaves_unknown_gets_no_grade(standard, variant):
    assert grade(standard, variant, eei="9", apf="9") is None


def test_a_figure_that_was_not_measured_gets_no_grade():
    assert grade("GB 12021.4-2013", "front_load", kwh_per_cycle_kg="0.1", wash_ratio="1.1") is None


@given(st.sampled_from(VARIANTS), st.decimals(0, 120, places=3), st.decimals(0, 120, places=3))
def test_a_better_figure_never_gets_a_worse_grade(row, one, other):
    _, metric = row
    worse, better = sorted((one, other), reverse=not metric.higher)
    was, became = metric.grade(worse), metric.grade(better)
    assert was is None or (became is not None and became <= was)


def test_every_limit_gets_the_grade_it_limits_or_a_better_one():
    for _, metric in VARIANTS:
        grades = [metric.grade(limit) for limit in metric.limits]
        assert all(got <= n for n, got in enumerate(grades, 1)), metric
        assert grades[0] == 1


def test_a_label_counts_once_verified_and_through_its_last_day():
    assert best_grade([Label(state=LabelState.declared), Label(state=LabelState.rejected)], TODAY) is None
    assert best_grade([Label(expires_on=TODAY)], TODAY) == 1
    assert best_grade([Label(expires_on=date(2026, 11, 22))], TODAY) is None


def test_the_better_of_the_energy_and_the_water_grade_counts():
    assert best_grade([Label(3), Label(2, LabelKind.water)], TODAY) == 2


@pytest.mark.parametrize(("grades", "admitted"), [([1], True), ([2], True), ([3], False), ([], False)])
def test_the_green_zone_admits_proven_grades_one_and_two(grades, admitted):
    assert in_green_zone([Label(grade) for grade in grades], TODAY) is admitted


@pytest.mark.parametrize(
    ("list_price", "price", "recent", "code"),
    [
        (2000, 2000, [], None),
        (2000, 1800, [], None),
        (2000, 1800, [2000, 2000], None),
        (2000, 1800, [2000, 1900], "catalog.raised_before_discount"),
        (2100, 2100, [2000], None),
        (2000, 2001, [], "catalog.price_above_list"),
        (2000, 0, [], "catalog.price_not_positive"),
    ],
)
def test_prices_compare_honestly(list_price, price, recent, code):
    flaw = price_flaw(list_price, price, recent)
    assert (flaw.code if flaw else None) == code


@given(st.text(min_size=1, max_size=30), st.data())
def test_a_part_of_a_word_is_found_by_its_pairs(text, data):
    words = text.lower().split()
    if words:
        word = data.draw(st.sampled_from(words))
        start = data.draw(st.integers(0, len(word) - 1))
        part = word[start : data.draw(st.integers(start + 1, len(word)))]
        assert set(term_grams(part)) <= search_grams(text)


def test_pairs_do_not_reach_over_words():
    assert search_grams("冰箱 三门") == {"冰", "箱", "三", "门", "冰箱", "三门"}
    assert term_grams("冰") == ["冰"]
