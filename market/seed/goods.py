"""The goods of the demo county, read from `data/products.csv`. Pure."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

from market.kernel.money import parse_yuan

_FIRST_RECORD = date(2025, 9, 8)  # after GB 21456-2024 came into force, before GB 12021.2-2015 left it
_LIFTED_BY_TWO_GRAMS = 45_000


@dataclass(frozen=True, slots=True)
class GoodLabel:
    """The label a good carries; `verified` says whether the demo's operator has looked it up."""

    standard_number: str
    grade: int
    variant: str | None
    measured: dict[str, Decimal]
    record_number: str
    issued_on: date
    verified: bool


@dataclass(frozen=True, slots=True)
class Good:
    """One model, and which shops (by letter) sell it. `price_fen` is the first shop's."""

    category: str
    brand: str
    model: str
    name_zh: str
    name_en: str
    price_fen: int
    net_weight_grams: int
    packed_mm: tuple[int, int, int]
    gtin: str
    specs: dict[str, str]
    label: GoodLabel | None
    sellers: tuple[str, ...]

    @property
    def burns_gas(self) -> bool:
        """Whether only a licensed fitter may connect it."""
        return self.category in ("wall_hung_boiler", "gas_cooker") or self.model.startswith(("JSQ", "JSLQ"))

    @property
    def takes_two(self) -> bool:
        """Whether one person cannot carry it upstairs."""
        return self.net_weight_grams > _LIFTED_BY_TWO_GRAMS


@cache
def goods() -> tuple[Good, ...]:
    """Every model, in the order of the file."""
    return tuple(_read())


def _read() -> Iterator[Good]:
    with files("market.seed").joinpath("data/products.csv").open(encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines), 1):
            gtin = gtin_of(number)
            yield Good(
                category=row["category"],
                brand=row["brand"],
                model=row["model"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                price_fen=parse_yuan(row["price_yuan"]) or 0,
                net_weight_grams=int(Decimal(row["net_kg"]) * 1000),
                packed_mm=(int(row["length_mm"]), int(row["width_mm"]), int(row["height_mm"])),
                gtin=gtin,
                specs=_pairs(row["specs"]),
                label=_label(row, number, gtin),
                sellers=tuple(row["sellers"].split()),
            )


def _label(row: dict[str, str], number: int, gtin: str) -> GoodLabel | None:
    if not row["standard"]:
        return None
    issued_on = _FIRST_RECORD + timedelta(days=2 * number)
    return GoodLabel(
        standard_number=row["standard"],
        grade=int(row["grade"]),
        variant=row["variant"] or None,
        measured={name: Decimal(value) for name, value in _pairs(row["measured"]).items()},
        record_number=f"{issued_on:%Y%m%d}-900001-{gtin:0>17}",
        issued_on=issued_on,
        verified=row["label"] == "verified",
    )


def _pairs(cell: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in cell.split(";") if pair)


def gtin_of(number: int) -> str:
    """A GTIN-13 with its check digit, in the range 20–29 that GS1 never gives to a maker."""
    digits = f"2900000{number:05d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
