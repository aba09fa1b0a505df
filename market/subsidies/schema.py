"""Read a programme from its data (schema: facts §1.5). What is wrong is named by its field.

A value nobody knows is null: an unknown rate pays nothing, and the pages say so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

_JURISDICTION = re.compile(r"\*|\d{2}|\d{4}|\d{6}")
_DAYS = re.compile(r"P(\d{1,3})D")
_HOURS = re.compile(r"PT(\d{1,4})H")
RESTORES_QUOTA = "RESTORE_QUOTA"

Kind = TypeVar("Kind", bound=StrEnum)


class ProgrammeError(ValueError):
    """The data is no programme. `field` is the path of what is wrong, `why` says what (in English)."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


class Basis(StrEnum):
    """Which moment decides whether a programme was running."""

    order_time = "order_time"
    payment_time = "payment_time"
    invoice_date = "invoice_date"


class Reset(StrEnum):
    """When what a person has used is forgotten."""

    calendar_year = "calendar_year"
    programme = "programme"


class Issue(StrEnum):
    """How coupons are handed out."""

    first_come = "first_come"
    lottery = "lottery"


@dataclass(frozen=True, slots=True)
class Rate:
    """`rate` of the base (None: unknown), at most `cap_fen` an item, for the `grades` it names.

    `grades` is None for all; a None among them is an appliance whose grade nobody has proven.
    """

    grades: frozenset[int | None] | None
    rate: Decimal | None
    cap_fen: int | None

    def covers(self, grade: int | None) -> bool:
        return self.grades is None or grade in self.grades


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to `upto_fen` (None: without end) either `rate` of the base or `flat_fen`."""

    upto_fen: int | None
    rate: Decimal | None
    flat_fen: int | None


@dataclass(frozen=True, slots=True)
class Coupons:
    """How a person comes by the right to a subsidy: valid `ttl_days` natural days, `chances` an item."""

    issue: Issue
    ttl_days: int
    chances: int
    needs_location: bool


@dataclass(frozen=True, slots=True)
class Programme:
    """A government's rule. `code` is its name without the version; limits are items by category."""

    id: str
    valid_from: datetime
    valid_to: datetime
    quantity_limits: Mapping[str, int]
    rates: tuple[Rate, ...]
    tiers: Mapping[str, tuple[Tier, ...] | None]
    ceiling_fen: int | None
    ceiling_inclusive: bool
    trade_in_reduces_base: bool | None
    effective_basis: Basis
    delivery_deadline_days: int | None
    hard_delivery_cutoff: date | None
    jurisdictions: tuple[str, ...]
    requires_real_name: bool
    rural_hukou_required: bool
    identity_unit: str
    requires_trade_in: bool
    trade_in_same_category: bool
    total_limit: int | None
    period_reset: Reset
    exclusive_group: str | None
    coupons: Coupons | None
    quota_pool_fen: int | None
    evidence: tuple[str, ...]
    settlement: Mapping[str, Any]
    refund: Mapping[str, Any]
    quota_restore_delay_hours: int
    price_disclosure: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.id.rpartition(":")[0] or self.id

    @property
    def restores_quota(self) -> bool:
        """Whether a full return frees the person's quota (facts §1.3: the localities differ)."""
        return self.refund.get("full") == RESTORES_QUOTA

    @property
    def eligible_grades(self) -> list[int]:
        """The grades that are paid something, best first; empty where every grade is."""
        if any(rule.grades is None and rule.rate != 0 for rule in self.rates):
            return []
        paid = {grade for rule in self.rates if rule.rate != 0 for grade in rule.grades or ()}
        return sorted(grade for grade in paid if grade is not None)

    def is_open(self, now: datetime) -> bool:
        """Whether `now` lies in the programme's period, both ends included."""
        return self.valid_from <= now <= self.valid_to

    def applies_in(self, county_code: str | None) -> bool:
        """Whether an address in the county is within the jurisdiction; None asks for no particular one."""
        return county_code is None or any(
            code == "*" or county_code.startswith(code) for code in self.jurisdictions
        )

    def period(self, year: int) -> str:
        """What quotas count within: the calendar year in China, or (empty) the whole programme."""
        return str(year) if self.period_reset is Reset.calendar_year else ""


def read(programme_id: str, valid_from: datetime, valid_to: datetime, data: Mapping[str, Any]) -> Programme:
    """The programme that `data` spells. Raises ProgrammeError where it is malformed."""
    if valid_from >= valid_to:
        raise ProgrammeError("valid_to", "the period ends before it begins")
    top = _Reader(data, "")
    top.only(_KNOWN)
    base, beneficiary = top.part("base"), top.part("beneficiary", {})
    jurisdiction, refund, stacking = (
        top.part("jurisdiction", {}),
        top.part("refund", {}),
        top.part("stacking", {}),
    )
    if stacking.whole("max_programmes_per_item", 1) != 1:
        raise ProgrammeError("stacking.max_programmes_per_item", "at most one programme pays for an item")
    if (mode := top.part("rounding", {}).text("mode", "DOWN")) != "DOWN":
        raise ProgrammeError("rounding.mode", f"{mode} is not DOWN, the one way that never overpays")
    if beneficiary.text("type", "individual") != "individual":
        raise ProgrammeError("beneficiary.type", "is not individual")
    limits = _limits(top.part("categories"))
    return Programme(
        id=programme_id,
        valid_from=valid_from,
        valid_to=valid_to,
        quantity_limits=limits,
        rates=tuple(_rate(rule) for rule in top.parts("rate_rules")),
        tiers=_tiers(top, limits),
        ceiling_fen=top.whole("price_ceiling_fen", None),
        ceiling_inclusive=top.flag("ceiling_inclusive", True) is not False,
        trade_in_reduces_base=base.flag("trade_in_credit_reduces_base", None),
        effective_basis=top.one_of("effective_basis", Basis, Basis.payment_time),
        delivery_deadline_days=top.whole("delivery_deadline_days", None),
        hard_delivery_cutoff=top.day("hard_delivery_cutoff"),
        jurisdictions=_jurisdictions(jurisdiction),
        requires_real_name=beneficiary.flag("requires_real_name", False) is True,
        rural_hukou_required=beneficiary.flag("rural_hukou_required", False) is True,
        identity_unit=beneficiary.text("identity_unit", "person"),
        requires_trade_in=top.flag("requires_trade_in", False) is True,
        trade_in_same_category=top.flag("trade_in_same_category", False) is True,
        total_limit=top.whole("total_qty_limit", None),
        period_reset=top.one_of("period_reset", Reset, Reset.programme),
        exclusive_group=stacking.text("exclusive_group", "") or None,
        coupons=_coupons(top),
        quota_pool_fen=top.part("quota", {}).whole("pool_fen", None),
        evidence=top.texts("evidence"),
        settlement=top.part("settlement", {}).data,
        refund=refund.data,
        quota_restore_delay_hours=refund.span("quota_restore_delay", _HOURS, 0),
        price_disclosure=top.texts("price_disclosure"),
    )


_KNOWN = frozenset(
    {
        "legal_refs", "effective_basis", "delivery_deadline_days", "hard_delivery_cutoff", "jurisdiction",
        "beneficiary", "requires_trade_in", "trade_in_same_category", "categories", "total_qty_limit",
        "period_reset", "rate_rules", "price_tiers", "price_ceiling_fen", "ceiling_inclusive", "base",
        "rounding", "stacking", "coupon", "quota", "evidence", "settlement", "refund", "price_disclosure",
    }
)  # fmt: skip


class _Reader:
    """One object of the data, and the path that leads to it."""

    def __init__(self, data: Any, path: str) -> None:
        if not isinstance(data, Mapping):
            raise ProgrammeError(path.rstrip("."), "is not an object")
        self.data = data
        self.path = path

    def only(self, known: frozenset[str]) -> None:
        for name in self.data:
            if name not in known:
                raise ProgrammeError(self.path + name, "is not a field of a programme")

    def part(self, name: str, default: Mapping[str, Any] | None = None) -> "_Reader":
        found = self.data.get(name)
        if found is None:
            if default is None:
                raise ProgrammeError(self.path + name, "is missing")
            found = default
        return _Reader(found, f"{self.path}{name}.")

    def parts(self, name: str) -> list["_Reader"]:
        found = self.data.get(name)
        if not isinstance(found, list) or not found:
            raise ProgrammeError(self.path + name, "is not a list with something in it")
        return [_Reader(row, f"{self.path}{name}.{number}.") for number, row in enumerate(found)]

    def whole(self, name: str, default: int | None) -> int | None:
        """A number that is not negative; null and a missing one are `default`."""
        found = self.data.get(name)
        if found is None:
            return default
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise ProgrammeError(self.path + name, f"{found!r} is not a whole number from 0 on")
        return found

    def flag(self, name: str, default: bool | None) -> bool | None:
        found = self.data.get(name)
        if found is None:
            return default
        if not isinstance(found, bool):
            raise ProgrammeError(self.path + name, f"{found!r} is neither true nor false")
        return found

    def text(self, name: str, default: str) -> str:
        found = self.data.get(name)
        if found is None:
            return default
        if not isinstance(found, str):
            raise ProgrammeError(self.path + name, f"{found!r} is not a text")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.data.get(name) or []
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise ProgrammeError(self.path + name, "is not a list of texts")
        return tuple(found)

    def rate(self, name: str) -> Decimal | None:
        """A share between 0 and 1, written as a text so that it is exact; null is unknown."""
        found = self.data.get(name)
        if found is None:
            return None
        try:
            rate = Decimal(found) if isinstance(found, str) else Decimal("NaN")
        except InvalidOperation:
            rate = Decimal("NaN")
        if not rate.is_finite() or not 0 <= rate <= 1:
            raise ProgrammeError(self.path + name, f"{found!r} is not a rate from 0 to 1")
        return rate

    def one_of(self, name: str, kind: type[Kind], default: Kind) -> Kind:
        found = self.text(name, default.value)
        if found not in list(kind):
            raise ProgrammeError(self.path + name, f"{found!r} is none of {', '.join(kind)}")
        return kind(found)

    def day(self, name: str) -> date | None:
        found = self.text(name, "")
        try:
            return date.fromisoformat(found) if found else None
        except ValueError as error:
            raise ProgrammeError(self.path + name, f"{found!r} is not a day") from error

    def span(self, name: str, shape: re.Pattern[str], default: int) -> int:
        found = self.text(name, "")
        match = shape.fullmatch(found)
        if found and match is None:
            raise ProgrammeError(self.path + name, f"{found!r} is not a span of time")
        return int(match[1]) if match else default


def _limits(categories: _Reader) -> dict[str, int]:
    if not categories.data:
        raise ProgrammeError("categories", "names no category")
    return {name: categories.part(name).whole("qty_limit", 0) or 0 for name in categories.data}


def _rate(rule: _Reader) -> Rate:
    when = rule.part("when", {})
    when.only(frozenset({"efficiency_grade"}))
    grades = when.data.get("efficiency_grade")
    if grades is not None and not (
        isinstance(grades, list) and grades and all(grade in (None, 1, 2, 3, 4, 5) for grade in grades)
    ):
        raise ProgrammeError(when.path + "efficiency_grade", f"{grades!r} is not a list of grades")
    return Rate(
        None if grades is None else frozenset(grades), rule.rate("rate"), rule.whole("cap_per_item", None)
    )


def _tiers(top: _Reader, limits: Mapping[str, int]) -> dict[str, tuple[Tier, ...] | None]:
    """Tiers by category; None where the category has tiers that nobody knows."""
    found = top.part("price_tiers", {})
    for category in found.data:
        if category not in limits:
            raise ProgrammeError(found.path + category, "is not a category of the programme")
    return {
        category: None if rows is None else tuple(_tier(row) for row in found.parts(category))
        for category, rows in found.data.items()
    }


def _tier(row: _Reader) -> Tier:
    tier = Tier(row.whole("upto", None), row.rate("rate"), row.whole("flat", None))
    if (tier.rate is None) == (tier.flat_fen is None):
        raise ProgrammeError(row.path.rstrip("."), "has not one of rate and flat")
    return tier


def _jurisdictions(jurisdiction: _Reader) -> tuple[str, ...]:
    codes = jurisdiction.texts("codes") or ("*",)
    for code in codes:
        if not _JURISDICTION.fullmatch(code):
            raise ProgrammeError("jurisdiction.codes", f"{code!r} is not a region's 2, 4 or 6 digits")
    return codes


def _coupons(top: _Reader) -> Coupons | None:
    if top.data.get("coupon") is None:
        return None
    coupon = top.part("coupon")
    return Coupons(
        coupon.one_of("issue", Issue, Issue.first_come),
        max(1, coupon.span("ttl", _DAYS, 2)),
        max(1, coupon.whole("reclaims", 1) or 1),
        coupon.flag("geo_required", False) is True,
    )
