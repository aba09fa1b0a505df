"""What a buyer may ask for and until when, and how long a warranty runs. Pure (facts §6.3, §6.4)."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from market.kernel.clock import local
from market.points.rules import RETURN_WINDOW_DAYS

NO_REASON = timedelta(days=RETURN_WINDOW_DAYS)  # Consumer Rights Law art. 25
FAULT_REFUND = timedelta(days=7)  # 三包: return, replace or repair
FAULT_REPLACE = timedelta(days=15)  # 三包: replace or repair
REFUND_WITHIN = timedelta(days=7)  # of the receipt (art. 25)
PARTS_WITHIN = timedelta(days=30)  # 三包: after that a new one
REPAIRS_BEFORE_REPLACE = 2  # 三包: two repairs of one fault that did not hold
# The market's own deadlines; the law sets none.
ANSWER_WITHIN = timedelta(hours=48)
DISPUTE_WITHIN = timedelta(days=7)
HAND_IN_WITHIN = timedelta(days=15)
CONSENT_WITHIN = timedelta(days=7)
# How long a pick-up may wait for a trip that passes by anyway.
RETURN_POOL_DAYS = 3
REPAIR_POOL_DAYS = 7


class Ground(StrEnum):
    """Why something is to go back."""

    no_reason = "no_reason"
    fault = "fault"
    damaged = "damaged"
    wrong = "wrong"
    missing = "missing"


class Remedy(StrEnum):
    """What the buyer wants."""

    refund = "refund"
    exchange = "exchange"
    price_cut = "price_cut"


class Verdict(StrEnum):
    """What a warranty says: all of it, a main part only, over, or nothing known of the category."""

    whole = "whole"
    main_part = "main_part"
    over = "over"
    unknown = "unknown"


COVERED = frozenset({Verdict.whole, Verdict.main_part})


@dataclass(frozen=True, slots=True)
class Part:
    """A main part of a category."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What 三包 says of a category: months for the whole, and for its main parts."""

    whole_months: int
    main_part_months: int
    main_parts: tuple[Part, ...]

    @property
    def part_codes(self) -> frozenset[str]:
        """The main parts that have a term of their own."""
        return frozenset(part.code for part in self.main_parts)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the buyer was without the thing; `until` is None while she still is."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Warranty:
    """A verdict, the moment from which it no longer holds, and how long the clock has stood still."""

    verdict: Verdict
    until: datetime | None
    paused: timedelta


def read_terms(row: dict[str, Any]) -> Terms:
    """Terms from a row of the data. Raises KeyError, TypeError or ValueError where they cannot be."""
    whole, main = int(row["whole_months"]), int(row["main_part_months"])
    if whole <= 0 or main <= 0:
        raise ValueError("months are positive")
    return Terms(whole, main, tuple(Part(**part) for part in row["main_parts"]))


def remedies(
    ground: Ground, delivered_at: datetime, now: datetime, *, made_to_order: bool = False
) -> frozenset[Remedy]:
    """What may still be asked for at `now`. Each window ends at its minute."""
    age = now - delivered_at
    if ground is Ground.no_reason:
        open_ = age < NO_REASON and not made_to_order
        return frozenset({Remedy.refund, Remedy.exchange}) if open_ else frozenset()
    if ground is Ground.missing:
        return frozenset({Remedy.refund, Remedy.price_cut}) if age < FAULT_REFUND else frozenset()
    if age < FAULT_REFUND:
        return frozenset(Remedy)
    if ground is Ground.fault and age < FAULT_REPLACE:
        return frozenset({Remedy.exchange, Remedy.price_cut})
    return frozenset()


def comes_back(ground: Ground, remedy: Remedy) -> bool:
    """Whether goods have to come back for it."""
    return remedy is not Remedy.price_cut and ground is not Ground.missing


def months_later(moment: datetime, months: int) -> datetime:
    """The same hour in China so many months later; a day that the month has not becomes its last."""
    here = local(moment)
    years, month = divmod(here.month - 1 + months, 12)
    year, month = here.year + years, month + 1
    day = min(here.day, calendar.monthrange(year, month)[1])
    return here.replace(year=year, month=month, day=day)


def paused(start: datetime, end: datetime, pauses: Iterable[Pause], now: datetime) -> timedelta:
    """How long the clock from `start` to `end` stood still until `now`.

    Pauses that overlap count once; one that begins when the time is already over counts no more.
    """
    total, done = timedelta(0), start
    for pause in sorted(pauses, key=lambda pause: pause.since):
        since, until = max(pause.since, done), min(pause.until or now, now)
        if since < end + total and until > since:
            total += until - since
            done = until
    return total


def warranty(
    terms: Terms | None, start: datetime, part: str | None, pauses: Sequence[Pause], now: datetime
) -> Warranty:
    """Whether a fault of `part` (None: not known, or no main part) is covered at `now`."""
    if terms is None:
        return Warranty(Verdict.unknown, None, timedelta(0))
    whole = _runs(start, terms.whole_months, pauses, now)
    if now < whole[0]:
        return Warranty(Verdict.whole, *whole)
    if part in terms.part_codes:
        main = _runs(start, terms.main_part_months, pauses, now)
        return Warranty(Verdict.main_part if now < main[0] else Verdict.over, *main)
    return Warranty(Verdict.over, *whole)


def must_replace(failed_repairs: int) -> bool:
    """Whether so many repairs of one fault were enough."""
    return failed_repairs >= REPAIRS_BEFORE_REPLACE


def _runs(start: datetime, months: int, pauses: Sequence[Pause], now: datetime) -> tuple[datetime, timedelta]:
    end = months_later(start, months)
    stood_still = paused(start, end, pauses, now)
    return end + stood_still, stood_still
