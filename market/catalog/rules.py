"""Grades, labels and prices, decided without a database."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

RECORD_NUMBER = re.compile(r"\d{8}-\d{6}-\d{17}")
INTEROP = ("Matter", "HarmonyConnect", "Mijia", "PLC-IoT")
"""Systems that appliances talk by. That one does is its seller's claim: no certificate is asked for."""


class LabelKind(StrEnum):
    energy = "energy"
    water = "water"


class LabelState(StrEnum):
    declared = "declared"
    verified = "verified"
    rejected = "rejected"


class Label(Protocol):
    """What the rules need to know of a label record."""

    kind: Any
    grade: Any
    state: Any
    expires_on: Any


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure a standard grades by, for one `variant` of the product (None where there is but one).

    `limits` go from grade 1 down, None where one is unknown; `higher` says whether more is better. What is
    not `graded` stands on the label, but no grade is given for it.
    """

    name: str
    variant: str | None
    higher: bool
    limits: tuple[Decimal | None, ...] | None
    graded: bool = True

    def grade(self, measured: Decimal | None) -> int | None:
        """The best grade whose limit `measured` keeps, the limit itself included; None where unknown."""
        if measured is None or self.limits is None:
            return None
        for grade, limit in enumerate(self.limits, 1):
            if limit is None:  # a better grade cannot be ruled out, so the next one cannot be told
                return None
            if self._keeps(measured, limit):
                return grade
        return None

    def falls_short(self, measured: Decimal | None) -> bool:
        """Whether `measured` is worse than what the last grade allows."""
        worst = self.limits[-1] if self.limits else None
        return measured is not None and worst is not None and not self._keeps(measured, worst)

    def _keeps(self, measured: Decimal, limit: Decimal) -> bool:
        return measured >= limit if self.higher else measured <= limit


def read_metrics(rows: Iterable[Mapping[str, Any]]) -> tuple[Metric, ...]:
    """The metrics of a `Standard` row. Raises KeyError where one lacks a part."""
    return tuple(
        Metric(
            row["name"],
            row["variant"],
            row["better"] == "higher",
            None if row["limits"] is None else tuple(limit and Decimal(limit) for limit in row["limits"]),
            row.get("graded", True),
        )
        for row in rows
    )


def measured_figures(measured: Mapping[str, Any]) -> dict[str, Decimal]:
    """The figures of a label record, which keeps them as text."""
    return {name: Decimal(value) for name, value in measured.items()}


def resolve_grade(
    metrics: Sequence[Metric], variant: str | None, measured: Mapping[str, Decimal]
) -> int | None:
    """The grade of `measured` under one standard version: the worst over its metrics.

    None where a figure is missing, a limit is unknown, or the worst grade is not reached.
    """
    graded = [metric for metric in metrics if metric.graded and metric.variant == variant]
    grades = [metric.grade(measured.get(metric.name)) for metric in graded]
    known = [grade for grade in grades if grade is not None]
    return max(known) if known and len(known) == len(grades) else None


def falls_short(metrics: Sequence[Metric], variant: str | None, measured: Mapping[str, Decimal]) -> bool:
    """Whether a figure is worse than the worst grade allows: such a product may not be sold."""
    graded = (metric for metric in metrics if metric.graded and metric.variant == variant)
    return any(metric.falls_short(measured.get(metric.name)) for metric in graded)


def is_of_size(
    variants: Iterable[Mapping[str, Any]], variant: str | None, measured: Mapping[str, Decimal]
) -> bool:
    """Whether the measured size lies within the class that `variant` names; True where it cannot be told.

    A class reaches from above `above` up to and with `upto`, in the unit of its `figure`.
    """
    named = next((row for row in variants if row["code"] == variant), None)
    size = measured.get(named["figure"]) if named and named["figure"] else None
    return named is None or size is None or Decimal(named["above"]) < size <= Decimal(named["upto"])


class Standing(StrEnum):
    """Whether a version of a standard may still be cited."""

    current = "current"
    old_stock = "old_stock"  # made before the version was replaced, and still allowed
    unclear = "unclear"  # replaced, and nothing says until when old stock may be sold
    replaced = "replaced"


def standing(
    valid_to: date | None, old_stock_until: date | None, produced_on: date | None, today: date
) -> Standing:
    """How a version in force until before `valid_to` stands for a product made on `produced_on`.

    Where the day of production is unknown, so is the answer once the version has been replaced.
    """
    if valid_to is None or today < valid_to:
        return Standing.current
    if produced_on is not None and produced_on >= valid_to:
        return Standing.replaced
    if produced_on is None or old_stock_until is None:
        return Standing.unclear
    return Standing.old_stock if today <= old_stock_until else Standing.replaced


def is_valid(label: Label, on: date) -> bool:
    """Whether the label proves its grade on that day: verified and not expired (its last day included)."""
    return label.state is LabelState.verified and (label.expires_on is None or on <= label.expires_on)


def best_grade(labels: Iterable[Label], on: date) -> int | None:
    """The better of the valid energy and water grades, 1 the best; None where nothing is proven."""
    return min((int(label.grade) for label in labels if is_valid(label, on)), default=None)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why something typed cannot stand: the refusal's code and the field it belongs beside."""

    code: str
    field: str


def price_flaw(list_price_fen: int, price_fen: int, recent_list_fen: Sequence[int]) -> Flaw | None:
    """Why these prices may not be asked, given the filed prices of the last seven days.

    A price is never above the filed one, and a filed price that was raised within seven days is no honest
    comparison for a lower price (facts §6.5: no raise before a discount).
    """
    if price_fen <= 0:
        return Flaw("catalog.price_not_positive", "price")
    if price_fen > list_price_fen:
        return Flaw("catalog.price_above_list", "price")
    if price_fen < list_price_fen and recent_list_fen and list_price_fen > min(recent_list_fen):
        return Flaw("catalog.raised_before_discount", "list_price")
    return None
