"""Decide, purely, what each line gets from which programme. Facts and vectors: domain facts §1.5 and §1.6."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from market.kernel.money import allocate, share


class Reason(StrEnum):
    """Why a line gets nothing; the door has the sentence for each."""

    no_programme = "no_programme"
    grade_not_eligible = "grade_not_eligible"
    price_ceiling = "price_ceiling"
    quota_used = "quota_used"
    pot_empty = "pot_empty"


@dataclass(frozen=True, slots=True)
class Item:
    """One order line to decide on. `base_fen` is the whole line's price after every other reduction."""

    line: str
    category: str | None
    grade: int | None
    quantity: int
    base_fen: int


@dataclass(frozen=True, slots=True)
class Rate:
    """`rate` of the base, at most `cap_fen` an item, for the `grades` it names (None: for all)."""

    grades: frozenset[int] | None
    rate: Decimal
    cap_fen: int | None


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to `upto_fen` (None: without end) either `rate` of the base or `flat_fen`."""

    upto_fen: int | None
    rate: Decimal | None
    flat_fen: int | None


@dataclass(frozen=True, slots=True)
class Programme:
    """A government's rule, read from its data (schema: facts §1.5)."""

    id: str
    valid_from: datetime
    valid_to: datetime
    quantity_limits: Mapping[str, int]  # how many items of a category one person may have subsidised
    rates: tuple[Rate, ...]
    tiers: Mapping[str, tuple[Tier, ...]]
    ceiling_fen: int | None
    trade_in_reduces_base: bool | None

    def is_open(self, now: datetime) -> bool:
        """Whether `now` lies in the programme's period, both ends included."""
        return self.valid_from <= now <= self.valid_to


@dataclass(frozen=True, slots=True)
class Decision:
    """What one line gets: `amount_fen` over `units` items of `base_fen`, or nothing with a `reason`."""

    line: str
    base_fen: int
    amount_fen: int
    units: int = 0
    programme_id: str | None = None
    reason: Reason | None = None


def read(programme_id: str, valid_from: datetime, valid_to: datetime, data: Mapping[str, Any]) -> Programme:
    """The programme that `data` (facts §1.5) spells. Raises KeyError or ValueError where it is malformed."""
    rates = tuple(
        Rate(
            frozenset(rule["when"]["efficiency_grade"]) if "efficiency_grade" in rule["when"] else None,
            Decimal(rule["rate"]),
            rule.get("cap_per_item"),
        )
        for rule in data["rate_rules"]
    )
    tiers = {
        category: tuple(
            Tier(tier.get("upto"), Decimal(tier["rate"]) if "rate" in tier else None, tier.get("flat"))
            for tier in rows
        )
        for category, rows in (data.get("price_tiers") or {}).items()
    }
    limits = {category: int(row["qty_limit"]) for category, row in data["categories"].items()}
    return Programme(
        programme_id,
        valid_from,
        valid_to,
        limits,
        rates,
        tiers,
        data.get("price_ceiling_fen"),
        data["base"].get("trade_in_credit_reduces_base"),
    )


def amount_for_one(programme: Programme, category: str, grade: int | None, price_fen: int) -> int | Reason:
    """The subsidy in fen for a single item of `price_fen`, or why there is none."""
    if programme.ceiling_fen is not None and price_fen > programme.ceiling_fen:
        return Reason.price_ceiling
    if category in programme.tiers:
        return _tiered(programme.tiers[category], price_fen)
    for rule in programme.rates:
        if rule.grades is None or grade in rule.grades:
            amount = share(price_fen, rule.rate)
            capped = amount if rule.cap_fen is None else min(amount, rule.cap_fen)
            return capped or Reason.grade_not_eligible
    return Reason.grade_not_eligible


def _tiered(tiers: Sequence[Tier], price_fen: int) -> int | Reason:
    for tier in tiers:
        if tier.upto_fen is None or price_fen <= tier.upto_fen:
            amount = share(price_fen, tier.rate) if tier.rate is not None else (tier.flat_fen or 0)
            return amount or Reason.price_ceiling
    return Reason.price_ceiling


def quote(
    items: Iterable[Item],
    programmes: Sequence[Programme],
    used: Mapping[tuple[str, str], int],
    left_fen: Mapping[str, int],
    now: datetime,
) -> list[Decision]:
    """For every item the best programme's amount, or the one condition that fails.

    `used` counts the person's subsidised items by (programme id, category); `left_fen` is what each pot
    still has. Items are decided in order, each using up quota and pot for the next. At most one programme
    pays for a line.
    """
    used_now = Counter(used)
    left_now = dict(left_fen)
    decisions = []
    for item in items:
        best = _best(item, [p for p in programmes if p.is_open(now)], used_now, left_now)
        if best.programme_id and item.category:
            used_now[best.programme_id, item.category] += best.units
            left_now[best.programme_id] -= best.amount_fen
        decisions.append(best)
    return decisions


def _best(
    item: Item, programmes: Sequence[Programme], used: Mapping[tuple[str, str], int], left: Mapping[str, int]
) -> Decision:
    options = [
        _decide(item, programme, used, left)
        for programme in programmes
        if item.category in programme.quantity_limits
    ]
    nothing = Decision(item.line, item.base_fen, 0, reason=Reason.no_programme)
    # Equal amounts (mostly zeros) go to the programme named first, whose reason is then the one to tell.
    return max(options, key=lambda decision: decision.amount_fen, default=nothing)


def _decide(
    item: Item, programme: Programme, used: Mapping[tuple[str, str], int], left: Mapping[str, int]
) -> Decision:
    def refused(reason: Reason) -> Decision:
        return Decision(item.line, item.base_fen, 0, reason=reason)

    category = item.category or ""
    amounts = _amounts(programme, category, item.grade, item.quantity, item.base_fen)
    paid = [amount for amount in amounts if not isinstance(amount, Reason)]
    if not paid:
        return refused(next(amount for amount in amounts if isinstance(amount, Reason)))
    allowed = programme.quantity_limits[category] - used.get((programme.id, category), 0)
    if allowed <= 0:
        return refused(Reason.quota_used)
    granted = sorted(paid, reverse=True)[:allowed]
    if sum(granted) > left.get(programme.id, 0):
        return refused(Reason.pot_empty)
    return Decision(item.line, item.base_fen, sum(granted), len(granted), programme.id)


def entitlement(
    programme: Programme, category: str, grade: int | None, quantity: int, units: int, base_fen: int
) -> int:
    """What `quantity` pieces of `base_fen` together are entitled to, in fen, where `units` may be subsidised.

    For what is left of a claim after a return or a price cut (facts §1.7).
    """
    amounts = _amounts(programme, category, grade, quantity, base_fen)
    paid = sorted((amount for amount in amounts if not isinstance(amount, Reason)), reverse=True)
    return sum(paid[:units])


def _amounts(
    programme: Programme, category: str, grade: int | None, quantity: int, base_fen: int
) -> list[int | Reason]:
    prices = allocate(base_fen, [1] * quantity)
    return [amount_for_one(programme, category, grade, price) for price in prices]
