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
    Standing,
    best_grade,
    is_of_size,
    price_flaw,
    read_metrics,
    resolve_grade,
    standing,
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


@given(st.decimals(0, 200, places=2))
def test_a_figure_under_a_version_with_a_hole_gets_no_grade_never_one(teei):
    assert grade("GB 12021.2-2025", None, teei_percent=str(teei)) is None


@given(st.sampled_from(VARIANTS), st.decimals(0, 120, places=3))
def test_what_falls_short_of_the_worst_grade_has_none(row, figure):
    _, metric = row
    if metric.falls_short(figure):
        assert metric.grade(figure) is None
    elif metric.limits[0] is not None and None not in metric.limits:
        assert metric.grade(figure) is not None


def test_what_is_only_printed_on_a_label_gives_no_grade():
    figures = {"standard_eei_percent": "25", "comprehensive_eei_percent": "50"}
    assert grade("GB 12021.2-2015", None, **figures, kwh_per_24h="9.99") == 1
    assert grade("GB 12021.2-2015", None, kwh_per_24h="0.10") is None


@pytest.mark.parametrize(
    ("watts", "within"), [("0", False), ("4500", True), ("4501", False), ("7100", False)]
)
def test_an_air_conditioner_is_graded_in_the_class_of_its_size(watts, within):
    row = next(row for row in rows("standards") if row["number"] == "GB 21455-2019")
    measured = {"rated_cooling_w": Decimal(watts)}
    assert is_of_size(row["variants"], "heat_pump_upto_4500_w", measured) is within
    assert is_of_size(row["variants"], "heat_pump_4500_to_7100_w", measured) is (watts in ("4501", "7100"))
    assert is_of_size(row["variants"], "heat_pump_upto_4500_w", {})


REPLACED = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("valid_to", "old_stock_until", "produced_on", "expected"),
    [
        (None, None, None, Standing.current),
        (date(2026, 11, 24), None, date(2026, 11, 23), Standing.current),
        (REPLACED, None, REPLACED, Standing.replaced),
        (REPLACED, None, date(2026, 5, 31), Standing.unclear),
        (REPLACED, None, None, Standing.unclear),
        (REPLACED, TODAY, date(2026, 5, 31), Standing.old_stock),
        (REPLACED, date(2026, 11, 22), date(2026, 5, 31), Standing.replaced),
        (REPLACED, TODAY, REPLACED, Standing.replaced),
    ],
)
def test_a_replaced_version_stands_for_what_was_made_before(valid_to, old_stock_until, produced_on, expected):
    assert standing(valid_to, old_stock_until, produced_on, TODAY) is expected


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
        known = [(n, metric.grade(limit)) for n, limit in enumerate(metric.limits, 1) if limit is not None]
        if metric.limits[0] is None:
            assert {got for _, got in known} == {None}, metric
        else:
            assert all(got <= n for n, got in known), metric
            assert known[0] == (1, 1)


def test_a_label_counts_once_verified_and_through_its_last_day():
    assert best_grade([Label(state=LabelState.declared), Label(state=LabelState.rejected)], TODAY) is None
    assert best_grade([Label(expires_on=TODAY)], TODAY) == 1
    assert best_grade([Label(expires_on=date(2026, 11, 22))], TODAY) is None


def test_the_better_of_the_energy_and_the_water_grade_counts():
    assert best_grade([Label(3), Label(2, LabelKind.water)], TODAY) == 2


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
