"""The patterns that auditors found in earlier rounds (facts §1.4), each as a pure rule with a severity.

`block`: it cannot be approved, the auditor rejects it. `hold`: it waits until the auditor has lifted the flag
for a reason. `flag`: it is told, and no more.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data/fraud.json"


class Severity(StrEnum):
    block = "block"
    hold = "hold"
    flag = "flag"


@dataclass(frozen=True, slots=True)
class Threshold:
    """The figure from which on a rule speaks, and where it comes from."""

    value: int
    source: str
    confidence: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one claim. Amounts in fen, for one piece where they are prices; None is unknown."""

    price_fen: int
    filed_price_fen: int
    lowest_7_days_fen: int | None = None
    lowest_30_days_fen: int | None = None
    gtin: str | None = None
    gtin_of_label: str | None = None
    labels: frozenset[str] = frozenset()
    scanned_labels: tuple[str, ...] = ()
    claimants: Mapping[str, int] = field(default_factory=dict)  # people by what they share with this claim
    claimant: str = ""
    invoice_title: str | None = None
    invoice_fen: int | None = None
    invoice_due_fen: int | None = None
    recipient: str | None = None
    unproven: frozenset[str] = frozenset()  # photo, place or serial number that the delivery did not leave
    brought_by_hand: frozenset[str] = frozenset()
    serials_taken: tuple[str, ...] = ()
    meters_off: int | None = None
    days_to_deliver: int | None = None
    deadline_days: int | None = None
    needs_activation: bool = False
    is_activated: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that spoke, how hard, and the figures it speaks of."""

    rule: str
    severity: Severity
    detail: Mapping[str, Any]


Rule = Callable[[Facts], Mapping[str, Any] | None]


@cache
def thresholds() -> Mapping[str, Threshold]:
    """The figures as they are shipped, by name."""
    rows = json.loads(_DATA.read_text(encoding="utf-8"))
    return {
        row["name"]: Threshold(row["value"], row["source"], row["confidence"], row["verified"])
        for row in rows
    }


def find(facts: Facts) -> list[Found]:
    """Every pattern that `facts` show, the hardest first."""
    return sorted(_find(facts), key=lambda found: (list(Severity).index(found.severity), found.rule))


def _find(facts: Facts) -> Iterator[Found]:
    for severity, rule in RULES:
        if (detail := rule(facts)) is not None:
            yield Found(rule.__name__, severity, detail)


def raised_within_7_days(facts: Facts) -> Mapping[str, Any] | None:
    """Dearer than in the seven days before (facts §6.5): raised, and then subsidized."""
    return _raised(facts.price_fen, facts.lowest_7_days_fen)


def raised_within_30_days(facts: Facts) -> Mapping[str, Any] | None:
    """Dearer than the lowest deal of thirty days."""
    return _raised(facts.price_fen, facts.lowest_30_days_fen)


def above_the_filed_price(facts: Facts) -> Mapping[str, Any] | None:
    """The shop promised the state to sell for no more than it filed."""
    return _raised(facts.price_fen, facts.filed_price_fen)


def gtin_switched(facts: Facts) -> Mapping[str, Any] | None:
    """The barcode that was sold is not that of the model with the label."""
    if facts.gtin and facts.gtin_of_label and facts.gtin != facts.gtin_of_label:
        return {"sold": facts.gtin, "label": facts.gtin_of_label}
    return None


def label_of_another(facts: Facts) -> Mapping[str, Any] | None:
    """The label on the machine is not the one that its grade was taken from."""
    if facts.scanned_labels and not any(
        record in code for code in facts.scanned_labels for record in facts.labels
    ):
        return {"scanned": list(facts.scanned_labels)}
    return None


def many_claimants(facts: Facts) -> Mapping[str, Any] | None:
    """Many people behind one door, one telephone or one means of payment."""
    most = thresholds()["claimants"].value
    found = {kind: people for kind, people in sorted(facts.claimants.items()) if people >= most}
    return found or None


def invoice_to_another(facts: Facts) -> Mapping[str, Any] | None:
    """The invoice is made out to a firm or to somebody else."""
    if facts.invoice_title is not None and facts.invoice_title != facts.claimant:
        return {"title": facts.invoice_title}
    return None


def invoice_of_another_sum(facts: Facts) -> Mapping[str, Any] | None:
    """An invoice is for the buyer's money and the subsidy together (facts §1.3)."""
    if facts.invoice_fen is not None and facts.invoice_fen != facts.invoice_due_fen:
        return {"invoice_fen": facts.invoice_fen, "due_fen": facts.invoice_due_fen}
    return None


def unproven_delivery(facts: Facts) -> Mapping[str, Any] | None:
    """No photo, no place or no serial number was left at the door: nothing shows that goods were there."""
    return {"kinds": sorted(facts.unproven)} if facts.unproven else None


def serial_reused(facts: Facts) -> Mapping[str, Any] | None:
    """Another claim has the machine already."""
    return {"serials": list(facts.serials_taken)} if facts.serials_taken else None


def outside(facts: Facts) -> Mapping[str, Any] | None:
    """It was handed over far from where it was to go."""
    if facts.meters_off is not None and facts.meters_off > thresholds()["meters_off"].value:
        return {"km": facts.meters_off // 1000}
    return None


def recipient_differs(facts: Facts) -> Mapping[str, Any] | None:
    """Somebody else took it than the one who claims."""
    if facts.recipient is not None and facts.recipient != facts.claimant:
        return {"recipient": facts.recipient}
    return None


def delivered_late(facts: Facts) -> Mapping[str, Any] | None:
    """The programme wanted it delivered earlier."""
    days, deadline = facts.days_to_deliver, facts.deadline_days
    if days is not None and deadline is not None and days > deadline:
        return {"days": days, "deadline": deadline}
    return None


def not_activated(facts: Facts) -> Mapping[str, Any] | None:
    """Nobody has shown when the phone was first in a network: it may be an old one."""
    return {} if facts.needs_activation and not facts.is_activated else None


def brought_by_hand(facts: Facts) -> Mapping[str, Any] | None:
    """The shop brought afterwards what the delivery should have left."""
    return {"kinds": sorted(facts.brought_by_hand)} if facts.brought_by_hand else None


def _raised(price_fen: int, before_fen: int | None) -> Mapping[str, Any] | None:
    if before_fen is not None and price_fen > before_fen:
        return {"price_fen": price_fen, "before_fen": before_fen}
    return None


# Promises about prices that were not kept.
PRICE_RULES = frozenset({"raised_within_7_days", "raised_within_30_days", "above_the_filed_price"})
RULES: Iterable[tuple[Severity, Rule]] = (
    (Severity.block, raised_within_7_days),
    (Severity.block, raised_within_30_days),
    (Severity.block, above_the_filed_price),
    (Severity.block, gtin_switched),
    (Severity.block, invoice_to_another),
    (Severity.block, invoice_of_another_sum),
    (Severity.block, serial_reused),
    (Severity.hold, label_of_another),
    (Severity.hold, many_claimants),
    (Severity.hold, unproven_delivery),
    (Severity.hold, outside),
    (Severity.hold, recipient_differs),
    (Severity.hold, delivered_late),
    (Severity.flag, not_activated),
    (Severity.flag, brought_by_hand),
)
