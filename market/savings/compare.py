"""The energy and the economic account of a new appliance against an old one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from market.catalog.running_cost import WASHES_A_YEAR, yearly_energy_kwh
from market.savings.rules import Economics, Tier, carbon_kg, economics, used_kwh, yearly_saving_yuan

LITERS_PER_M3 = 1000


@dataclass(frozen=True, slots=True)
class Old:
    """The old appliance: its plate's figures by the label's names, or a year's kWh that somebody knows."""

    figures: Mapping[str, Any]
    year_kwh: Decimal | None
    ageing: Decimal
    repairs_yuan: Decimal
    value_yuan: Decimal
    wash_liters: Decimal | None = None


@dataclass(frozen=True, slots=True)
class New:
    """The new one: what it costs after subsidy, and a year's kWh by its label (None: unknown)."""

    price_yuan: Decimal
    year_kwh: Decimal | None
    wash_liters: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """How it is used, and what current and water cost here. Without a price of water only m³ are told."""

    usage: Decimal
    cycles: Decimal
    tiers: tuple[Tier, ...]
    month_kwh: Decimal | None
    water_yuan_per_m3: Decimal | None
    rate: Decimal
    years: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Both years side by side, and what replacing costs and brings."""

    old_kwh: Decimal
    new_kwh: Decimal
    saved_m3: Decimal | None
    saved_kg: Decimal
    money: Economics


def label_kwh(category_code: str, figures: Mapping[str, Any]) -> Decimal | None:
    """A label's year in kWh; None where the figures do not tell."""
    return yearly_energy_kwh(category_code, {}, figures)


def compare(category_code: str, old: Old, new: New, home: Household, kg_per_kwh: Decimal) -> Compared | None:
    """Both accounts; None where what either uses in a year is unknown."""
    old_label = old.year_kwh if old.year_kwh is not None else label_kwh(category_code, old.figures)
    if old_label is None or new.year_kwh is None:
        return None
    usage = home.usage * (home.cycles / WASHES_A_YEAR if category_code == "washer" else 1)
    # A year's kWh that somebody read off a meter already holds how much it is used and how old it is.
    old_kwh = old.year_kwh if old.year_kwh is not None else used_kwh(old_label, usage, old.ageing)
    new_kwh = used_kwh(new.year_kwh, usage)
    saved_m3 = _saved_m3(old, new, home)
    water_yuan = (saved_m3 or Decimal(0)) * (home.water_yuan_per_m3 or Decimal(0))
    saved_yuan = yearly_saving_yuan(old_kwh - new_kwh, home.tiers, home.month_kwh) + water_yuan
    new_yuan = yearly_saving_yuan(new_kwh, home.tiers, None)
    return Compared(
        old_kwh,
        new_kwh,
        saved_m3,
        carbon_kg(old_kwh - new_kwh, kg_per_kwh),
        economics(
            new.price_yuan - old.value_yuan,
            new_yuan + saved_yuan,
            new_yuan,
            old.repairs_yuan,
            home.rate,
            home.years,
        ),
    )


def _saved_m3(old: Old, new: New, home: Household) -> Decimal | None:
    if old.wash_liters is None or new.wash_liters is None:
        return None
    return (old.wash_liters - new.wash_liters) * home.cycles * home.usage / LITERS_PER_M3
