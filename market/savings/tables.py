"""Tariffs, carbon factors and safe lives: dated data of this release, with source and confidence."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from market.savings.rules import Tier


@dataclass(frozen=True, slots=True)
class Tariff:
    """Household electricity of a region; where only the first tier is known, that is all there is."""

    region: str
    name_zh: str
    name_en: str
    tiers: tuple[Tier, ...]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CarbonFactor:
    """kg of CO2 for one kWh of the grid, on average in `year`."""

    kg_per_kwh: Decimal
    year: int
    source: str


@dataclass(frozen=True, slots=True)
class SafeLife:
    """How many years a kind of appliance is safe, by its standard."""

    years: int
    standard: str
    source: str
    verified: bool


def tariffs(today: date) -> tuple[Tariff, ...]:
    """The tariffs in force, those that were read before those that are recalled."""
    return tuple(
        Tariff(
            row["region"],
            row["name_zh"],
            row["name_en"],
            tuple((Decimal(upto) if upto else None, Decimal(price)) for upto, price in row["tiers"]),
            row["source"],
            row["verified"],
        )
        for row in _rows("tariffs")
        if _in_force(row, today)
    )


def carbon_factor(today: date) -> CarbonFactor:
    """The national average factor that was newest on `today`. Raises ValueError where none is in force."""
    found = max((row for row in _rows("carbon") if _in_force(row, today)), key=lambda row: int(row["year"]))
    return CarbonFactor(Decimal(found["kg_per_kwh"]), found["year"], found["source"])


def safe_life(category_code: str, today: date) -> SafeLife | None:
    """The safe life of a category; None where no standard is known."""
    for row in _rows("safe_lives"):
        if row["category_code"] == category_code and _in_force(row, today):
            return SafeLife(row["years"], row["standard"], row["source"], row["verified"])
    return None


def _in_force(row: dict[str, Any], today: date) -> bool:
    begun = row["valid_from"] is None or date.fromisoformat(row["valid_from"]) <= today
    return begun and (row["valid_to"] is None or today < date.fromisoformat(row["valid_to"]))


@cache
def _rows(name: str) -> tuple[dict[str, Any], ...]:
    text = files("market.savings").joinpath(f"data/{name}.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))
