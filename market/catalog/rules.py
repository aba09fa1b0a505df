"""Grades, labels, the green zone and prices, decided without a database."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

RECORD_NUMBER = re.compile(r"\d{8}-\d{6}-\d{17}")
ZONE_GRADE = 2  # the green zone's published rule: grade 1 or 2, verified and unexpired


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

    `limits` go from grade 1 down; `higher` says whether more is better. None where the limits are unknown.
    """

    name: str
    variant: str | None
    higher: bool
    limits: tuple[Decimal, ...] | None

    def grade(self, measured: Decimal | None) -> int | None:
        """The best grade whose limit `measured` keeps, the limit itself included; None where unknown."""
        if measured is None or self.limits is None:
            return None
        kept = (n for n, limit in enumerate(self.limits, 1) if self._keeps(measured, limit))
        return next(kept, None)

    def _keeps(self, measured: Decimal, limit: Decimal) -> bool:
        return measured >= limit if self.higher else measured <= limit


def read_metrics(rows: Iterable[Mapping[str, Any]]) -> tuple[Metric, ...]:
    """The metrics of a `Standard` row. Raises KeyError where one lacks a part."""
    return tuple(
        Metric(
            row["name"],
            row["variant"],
            row["better"] == "higher",
            None if row["limits"] is None else tuple(map(Decimal, row["limits"])),
        )
        for row in rows
    )


def resolve_grade(
    metrics: Sequence[Metric], variant: str | None, measured: Mapping[str, Decimal]
) -> int | None:
    """The grade of `measured` under one standard version: the worst over its metrics.

    None where a figure is missing, a limit is unknown, or the worst grade is not reached.
    """
    grades = [metric.grade(measured.get(metric.name)) for metric in metrics if metric.variant == variant]
    known = [grade for grade in grades if grade is not None]
    return max(known) if known and len(known) == len(grades) else None


def is_valid(label: Label, on: date) -> bool:
    """Whether the label proves its grade on that day: verified and not expired (its last day included)."""
    return label.state is LabelState.verified and (label.expires_on is None or on <= label.expires_on)


def best_grade(labels: Iterable[Label], on: date) -> int | None:
    """The better of the valid energy and water grades, 1 the best; None where nothing is proven."""
    return min((int(label.grade) for label in labels if is_valid(label, on)), default=None)


def in_green_zone(labels: Iterable[Label], on: date) -> bool:
    """Whether the zone's rule admits a product with these labels."""
    grade = best_grade(labels, on)
    return grade is not None and grade <= ZONE_GRADE


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


def search_grams(text: str) -> set[str]:
    """Every character and every pair of neighbors within a word of `text`, in lower case.

    PostgreSQL's trigrams find nothing for the two-character words that Chinese is made of; pairs do.
    """
    words = text.lower().split()
    return {word[i : i + size] for word in words for size in (1, 2) for i in range(len(word) - size + 1)}


def term_grams(term: str) -> list[str]:
    """What `search_grams` of a text must hold for `term` to occur in it."""
    return sorted(gram for gram in search_grams(term) if len(gram) == 2 or len(term) == 1)
