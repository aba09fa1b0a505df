"""What a row of a sheet comes to beside what the shop has. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from market.bulk.columns import Cell, Column, Values
from market.bulk.columns import clean as on_one_line
from market.catalog.models import Category, InstallSkill
from market.catalog.rules import price_flaw
from market.kernel.errors import Refused

Flaws = dict[str, Refused]
ROW = "row"
"""Where a flaw stands that is of no one cell."""


class Outcome(StrEnum):
    new = "new"
    change = "change"
    same = "same"
    wrong = "wrong"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: `values` are all of what is new, or of what changes; `before` what they were."""

    outcome: Outcome
    values: Values = field(default_factory=dict)
    before: Values = field(default_factory=dict)
    flaws: Flaws = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Present:
    """What a listing says now, and what of it `waits` for an operator to change; filed prices of late."""

    values: Values
    waits: Values
    recent_list_fen: Sequence[int] = ()


def read_cells(cells: Mapping[str, Cell], columns: Sequence[Column]) -> tuple[Values, Flaws]:
    """The values of the cells that are not empty, and what is wrong with the others."""
    values: Values = {}
    flaws: Flaws = {}
    for column in columns:
        cell = cells.get(column.key, "")
        if isinstance(cell, dict):
            flaws[column.key] = Refused("bulk.date")
        elif cell.strip():
            try:
                values[column.key] = column.read(cell)
            except Refused as refused:
                flaws[column.key] = refused
    return values, flaws


def judge_new(
    values: Values, flaws: Flaws, columns: Sequence[Column], categories: Mapping[str, Category]
) -> Verdict:
    """A row that no listing is known for: what is not said is as usual for its category."""
    for column in columns:
        if column.needed and column.key not in values:
            flaws.setdefault(column.key, Refused("bulk.needed"))
    if flaws:
        return Verdict(Outcome.wrong, flaws=flaws)
    whole = usual(categories[values["category"]]) | {"list_price_fen": values["price_fen"]} | values
    if values.get("install_skill") is InstallSkill.none:
        whole["install_seconds"] = values.get("install_seconds", 0)
    flaws = _rules(whole, ())
    return Verdict(Outcome.wrong, flaws=flaws) if flaws else Verdict(Outcome.new, whole)


def judge_known(values: Values, flaws: Flaws, present: Present) -> Verdict:
    """A row of a listing that the shop has: what is empty stays; what waits already is not asked again."""
    if "category" in values and values["category"] != present.values["category"]:
        flaws.setdefault("category", Refused("catalog.other_category"))
    if flaws:
        return Verdict(Outcome.wrong, flaws=flaws)
    changed = {
        key: value
        for key, value in values.items()
        if key not in ("stock", "category")
        and value != present.values[key]
        and (key not in present.waits or present.waits[key] != value)
    }
    flaws = _rules(present.values | changed, present.recent_list_fen) if changed else {}
    if flaws:
        return Verdict(Outcome.wrong, flaws=flaws)
    before = {key: present.values[key] for key in changed}
    return Verdict(Outcome.change if changed else Outcome.same, changed, before)


def usual(category: Category) -> Values:
    """What a new listing of the category has where its row says nothing."""
    return {
        "own_number": None,
        "gtin": None,
        "variant": "",
        "stock": 0,
        "low_at": 2,
        "upright": category.upright,
        "people_required": category.people_required,
        "install_skill": category.install_skill,
        "install_seconds": category.install_seconds,
        "specs": {},
        "interop": [],
        "on_sale": True,
    }


def keys_of(values: Values) -> list[tuple[Any, ...]]:
    """What the row is known by, the surest first: the shop's number, the barcode, the model."""
    found: list[tuple[Any, ...]] = []
    if values.get("own_number"):
        found.append(("own_number", values["own_number"]))
    if values.get("gtin"):
        found.append(("gtin", values["gtin"]))
    if "brand" in values and "model" in values:
        found.append(("model", values["brand"], values["model"], values.get("variant", "")))
    return found


def read_head(cells: Sequence[Cell], columns: Sequence[Column], notes: Sequence[str]) -> list[str | None]:
    """The key of each column of a sheet, None where it is passed over.

    Raises Refused (field sheet): ``bulk.unknown_column``, ``bulk.column_twice``, ``bulk.no_key_column``.
    """
    keys = {column.title.translate(_SAME): column.key for column in columns}
    found: list[str | None] = []
    for cell in cells:
        title = on_one_line(cell).translate(_SAME) if isinstance(cell, str) else "?"
        if title and title not in keys and title not in notes:
            raise Refused("bulk.unknown_column", field="sheet", title=title[:20])
        found.append(keys.get(title))
    named = [key for key in found if key]
    if len(named) != len(set(named)):
        raise Refused("bulk.column_twice", field="sheet")
    if not {"own_number", "gtin"} & set(named) and not {"brand", "model"} <= set(named):
        raise Refused("bulk.no_key_column", field="sheet")
    return found


_SAME = str.maketrans({"(": "（", ")": "）", " ": None, "*": None})


def _rules(whole: Values, recent_list_fen: Sequence[int]) -> Flaws:
    flaws: Flaws = {}
    if flaw := price_flaw(whole["list_price_fen"], whole["price_fen"], recent_list_fen):
        column = "list_price_fen" if flaw.field == "list_price" else "price_fen"
        flaws[column] = Refused(flaw.code, lowest_fen=min(recent_list_fen, default=0))
    is_installed = whole["install_skill"] is not InstallSkill.none
    if is_installed != bool(whole["install_seconds"]):
        flaws["install_seconds"] = Refused("bulk.install_seconds")
    return flaws
