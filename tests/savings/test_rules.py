"""The three accounts: the worked figures of facts §2.3, §2.4 and §8, and their laws."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from market.savings.compare import Household, New, Old, compare, label_kwh
from market.savings.rules import (
    Light,
    age_years,
    bill_yuan,
    carbon_kg,
    economics,
    light,
    payback_years,
    present_value,
    safe_until,
    started_on,
    yearly_saving_yuan,
)
from market.savings.tables import carbon_factor, safe_life, tariffs

D = Decimal
TODAY = date(2026, 11, 23)
BEIJING = next(tariff.tiers for tariff in tariffs(TODAY) if tariff.region == "beijing")
FACTOR = carbon_factor(TODAY).kg_per_kwh
yuan = st.decimals("0", "20000", places=2)
kwh = st.decimals("0", "2000", places=2)


def household(**changes):
    fields = {
        "usage": D(1), "cycles": D(220), "tiers": ((None, D("0.55")),), "month_kwh": None,
        "water_yuan_per_m3": None, "rate": D("0.03"), "years": 10,
    }  # fmt: skip
    return Household(**{**fields, **changes})


def old(figures, year_kwh=None, **changes):
    fields = {"ageing": D(1), "repairs_yuan": D(0), "value_yuan": D(0)}
    return Old(figures, year_kwh, **{**fields, **changes})


@pytest.mark.parametrize(
    ("month", "bill"),
    [(100, "48.83"), (240, "117.192"), (300, "149.490"), (400, "203.320"), (500, "282.150")],
)
def test_beijings_bill_is_progressive(month, bill):
    assert bill_yuan(D(month), BEIJING) == D(bill)


def test_an_air_conditioner_of_the_first_grade_uses_668_kwh():
    assert round(label_kwh("ac", {"rated_cooling_w": 3500, "apf": "5.0"})) == 668


def test_an_air_conditioner_from_apf_3_to_5_saves_what_was_worked_out():
    new = New(D(2999), label_kwh("ac", {"rated_cooling_w": 3500, "apf": 5}))
    found = compare("ac", old({"rated_cooling_w": 3500, "apf": 3}), new, household(), FACTOR)
    saved = found.old_kwh - found.new_kwh
    assert (found.old_kwh, found.new_kwh, saved) == (D("1113.7"), D("668.2"), D("445.5"))
    # the facts' 245.01 and 236.37 follow from the unrounded 445.48 kWh
    assert abs(found.money.yearly_yuan - D("245.01")) < D("0.02")
    assert abs(found.saved_kg - D("236.37")) < D("0.02")
    exact = D("954.6") * D("3.5") * (1 / D(3) - 1 / D(5))
    assert (round(exact * D("0.55"), 2), round(carbon_kg(exact, FACTOR), 2)) == (D("245.01"), D("236.37"))


def test_a_fridge_does_not_pay_on_electricity_alone():
    new = New(D(2499), label_kwh("fridge", {"kwh_per_24h": "0.60"}))
    found = compare("fridge", old({"kwh_per_24h": "1.20"}), new, household(), FACTOR)
    assert (found.old_kwh, found.new_kwh) == (438, 219)
    assert round(found.saved_kg, 2) == D("116.20")
    assert found.money.yearly_yuan == D("120.45")
    assert round(found.money.payback_years, 1) == D("20.7")
    assert round(found.money.saved_value_yuan, 2) == D("1027.46")
    assert not found.money.pays


def test_what_is_unknown_stays_unknown():
    assert compare("fridge", old({}), New(D(1), D(219)), household(), FACTOR) is None
    assert compare("fridge", old({"kwh_per_24h": 1}), New(D(1), None), household(), FACTOR) is None
    assert label_kwh("tv", {}) is None
    assert safe_life("tv", TODAY) is None


def test_a_washers_water_counts_where_its_price_is_known():
    was = old({"capacity_kg": 8, "kwh_per_cycle_kg": "0.15"}, wash_liters=D(100))
    new = New(D(2000), D("200"), D(60))
    dry = compare("washer", was, new, household(), FACTOR)
    wet = compare("washer", was, new, household(water_yuan_per_m3=D(5)), FACTOR)
    assert dry.saved_m3 == wet.saved_m3 == D("8.8")
    assert wet.money.yearly_yuan - dry.money.yearly_yuan == D("44.0")


def test_a_year_read_off_a_meter_is_not_multiplied_again():
    found = compare(
        "fridge", old({}, D(400), ageing=D("1.3")), New(D(1), D(200)), household(usage=D(2)), FACTOR
    )
    assert (found.old_kwh, found.new_kwh) == (400, 400)


def test_safe_life_counts_from_the_installation():
    installed = date(2016, 7, 1)
    assert started_on(date(2016, 1, 1), installed) == installed
    assert started_on(date(2016, 1, 1), None) == date(2016, 1, 1)
    assert (safe_life("ac", TODAY).years, age_years(installed, TODAY)) == (10, D("10.4"))
    assert light(installed, 10, (), TODAY) is Light.red


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2023, 12, 31), Light.green),
        (date(2024, 1, 2), Light.amber),
        (date(2026, 1, 1), Light.amber),
        (date(2026, 1, 2), Light.red),
    ],
)
def test_a_light_turns_at_eight_tenths_and_at_the_end(today, expected):
    assert light(date(2016, 1, 1), 10, (), today) is expected


def test_a_hazard_comes_before_every_score():
    assert light(TODAY, 10, ("burnt_smell",), TODAY) is Light.stop
    assert light(None, None, ("gas_smell",), TODAY) is Light.stop


def test_an_unknown_start_or_life_is_never_green():
    assert light(None, 10, (), TODAY) is light(TODAY, None, (), TODAY) is Light.unknown


def test_a_life_begun_on_a_leap_day_ends():
    assert safe_until(date(2016, 2, 29), 10) == date(2026, 2, 28)


@given(yuan, st.decimals("-2000", "2000", places=2))
def test_a_payback_is_never_negative(net, yearly):
    years = payback_years(net, yearly)
    assert (years is None) == (yearly <= 0)
    assert years is None or years >= 0


@given(kwh, st.decimals("0", "50", places=2))
def test_a_bill_is_monotone_and_has_no_jumps(month, more):
    first, second = bill_yuan(month, BEIJING), bill_yuan(month + more, BEIJING)
    assert D(0) <= second - first <= more * D("0.7883")


@given(st.decimals("0", "3000", places=1), st.decimals("250", "800", places=0))
def test_off_the_top_a_kwh_saves_at_least_the_first_tier_until_the_bill_is_empty(saved, month):
    assume(saved <= 12 * month)
    assert yearly_saving_yuan(saved, BEIJING, month) >= saved * D("0.4883")


@given(yuan, yuan, yuan, st.decimals("0", "0.2", places=2), st.integers(1, 30))
def test_a_dearer_old_one_never_makes_replacing_worse(net, costs, more, rate, years):
    cheap = economics(net, costs, D(100), D(0), rate, years)
    dear = economics(net, costs + more, D(100), D(0), rate, years)
    assert dear.net_present_value_yuan >= cheap.net_present_value_yuan
    assert not cheap.pays or dear.pays


@given(yuan, st.integers(1, 30))
def test_without_interest_the_years_are_simply_added(yearly, years):
    assert present_value(yearly, D(0), years) == yearly * years


@given(st.integers(0, 9000))
def test_age_never_falls(days):
    start = date(2000, 1, 1)
    assert age_years(start, start + timedelta(days=days)) <= age_years(
        start, start + timedelta(days=days + 1)
    )


def test_the_newest_factor_in_force_is_taken_and_named():
    assert (carbon_factor(date(2025, 6, 1)).year, carbon_factor(TODAY).year) == (2022, 2023)
