"""What an appliance uses in a year, against the worked figures of facts §2.4."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalog.running_cost import yearly_cost_fen, yearly_energy_kwh

GRADES_OF_AC = [
    ("2.6 kW", "5.00 4.50 4.00 3.50 3.30", [496, 552, 620, 709, 752]),
    ("3.5 kW", "5.00 4.50 4.00 3.50 3.30", [668, 742, 835, 955, 1012]),
    ("5.0 kW", "4.50 4.00 3.50 3.30 3.20", [1061, 1193, 1364, 1446, 1492]),
    ("7.2 kW", "4.20 3.70 3.30 3.20 3.10", [1636, 1858, 2083, 2148, 2217]),
]


@pytest.mark.parametrize(("size", "factors", "expected"), GRADES_OF_AC)
def test_an_air_conditioner_uses_what_the_register_shows(
    size: str, factors: str, expected: list[int]
) -> None:
    found = [yearly_energy_kwh("ac", {"制冷量": size}, {"apf": apf}) for apf in factors.split()]
    assert [round(kwh) for kwh in found if kwh] == expected


def test_the_labels_own_figure_goes_before_the_shops_word() -> None:
    assert yearly_energy_kwh("ac", {"制冷量": "1 kW"}, {"rated_cooling_w": "3500", "apf": "5"}) == Decimal(
        "668.2"
    )
    assert yearly_energy_kwh("fridge", {"日耗电": "0.10 kWh"}, {"kwh_per_24h": "0.88"}) == Decimal("321.2")


def test_a_fridge_uses_its_day_365_times() -> None:
    assert yearly_energy_kwh("fridge", {"日耗电": "1.20 kWh"}, {}) == Decimal("438.0")
    assert yearly_energy_kwh("fridge", {"日耗电": "0.6度"}, {}) == Decimal("219.0")


def test_a_washer_uses_220_loads_a_year() -> None:
    assert yearly_energy_kwh("washer", {"洗涤容量": "10 公斤"}, {"kwh_per_cycle_kg": "0.108"}) == Decimal(
        "237.6"
    )


def test_a_heat_pump_takes_a_share_of_what_an_element_takes() -> None:
    element = yearly_energy_kwh("water_heater", {}, {"loss_coefficient": "0.6", "hot_water_percent": "70"})
    pump = yearly_energy_kwh("water_heater", {}, {"cop": Decimal("4.20")})
    assert (element, pump) == (Decimal("1697.7"), Decimal("404.2"))


@pytest.mark.parametrize(
    ("category", "specs", "measured"),
    [
        (
            "ac",
            {"制冷量": "3.5 kW"},
            {"seer": "5.8"},
        ),  # cooling only
        ("ac", {"制冷量": "1.5 匹"}, {"apf": "5"}),
        ("ac", {}, {"apf": "5"}),
        ("fridge", {"日耗电": "很省"}, {}),
        ("fridge", {"日耗电": "0 kWh"}, {"kwh_per_24h": "0"}),
        ("washer", {"洗涤容量": "8 kg"}, {}),
        ("water_heater", {}, {"eta_larger_percent": "98"}),  # gas
        ("tv", {"屏幕": "55 英寸"}, {"eei": "2"}),
    ],
)
def test_what_the_label_does_not_tell_is_unknown(category: str, specs: dict, measured: dict) -> None:
    assert yearly_energy_kwh(category, specs, measured) is None


@given(st.decimals("1", "9", places=2), st.decimals("1", "9", places=2))
def test_a_better_factor_never_uses_more(one: Decimal, other: Decimal) -> None:
    worse, better = sorted((one, other))
    used = [yearly_energy_kwh("ac", {"制冷量": "3.5 kW"}, {"apf": apf}) for apf in (worse, better)]
    assert used[1] <= used[0]


def test_a_year_costs_its_units_at_the_tariff_to_the_nearest_fen() -> None:
    assert yearly_cost_fen(Decimal("219.0")) == 12045
    assert yearly_cost_fen(Decimal("668.2"), Decimal("49.83")) == 33296
    assert yearly_cost_fen(None) is None
