"""Who is drawn, which figures warn, and how long things may take. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from market.kernel.clock import at
from market.kernel.seal import hashed
from market.subsidies.lottery import winners

BP = 10_000
TAKE_UP_DAYS = 7  # complaints are answered within 7 days in the express regulations (facts §6.7); by analogy
ANSWER_DAYS = 15  # the market's own, from the day a case is taken up
ITEMS = ("licence", "storage", "fire", "records", "wiping", "dismantling", "parts", "waste", "marking")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn recycler and its inspectors, by their numbers in the published lists (from 1)."""

    recycler: int
    inspectors: tuple[int, ...]


def draw(seed: str, tickets: Sequence[int], inspectors: int, places: int, each: int) -> list[Drawn]:
    """The draw that anybody can repeat. `tickets` is how many each recycler has, by its number.

    A recycler's first ticket is the SHA-256 of ``seed:recyclers:n``, its t-th of ``seed:recyclers:n:t``;
    drawn are the numbers whose smallest ticket is smallest. The inspectors of recycler r are those with the
    smallest SHA-256 of ``seed:inspectors:r:n``.
    """
    smallest = {number: _smallest(seed, number, count) for number, count in enumerate(tickets, 1)}
    chosen = sorted(smallest, key=lambda number: (smallest[number], number))[:places]
    return [
        Drawn(number, tuple(winners(f"{seed}:inspectors:{number}", range(1, inspectors + 1), each)))
        for number in chosen
    ]


def _smallest(seed: str, number: int, tickets: int) -> str:
    more = (f"{seed}:recyclers:{number}:{ticket}" for ticket in range(2, tickets + 1))
    return min(map(hashed, (f"{seed}:recyclers:{number}", *more)))


def over_at(due_on: date) -> datetime:
    """The first moment at which a day is over in China."""
    return at(due_on + timedelta(days=1), time())


class Figure(StrEnum):
    """What a figure may warn of."""

    bait = "bait"
    wipe_failed = "wipe_failed"
    returned = "returned"


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one order at a recycler. None where it has not come to that."""

    code: str
    quote_fen: int
    offer_fen: int | None
    wipes_failed: int
    is_wiped: bool
    is_returned: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Above `…_most_bp` of at least `least_orders` orders within `window_days`, a figure warns."""

    version: str
    window_days: int
    least_orders: int
    bait_ratio_bp: int
    most_bp: dict[Figure, int]


@dataclass(frozen=True, slots=True)
class Alert:
    """A figure beyond its threshold, and the codes of the orders behind it."""

    figure: Figure
    share_bp: int
    most_bp: int
    of: int
    codes: tuple[str, ...]


def read_thresholds(data: dict[str, Any]) -> Thresholds:
    """Thresholds from their data. Raises KeyError where one is missing."""
    return Thresholds(
        version=data["version"],
        window_days=data["window_days"],
        least_orders=data["least_orders"],
        bait_ratio_bp=data["bait"]["ratio_bp"],
        most_bp={kind: data[kind.value]["most_bp"] for kind in Figure},
    )


@cache
def thresholds() -> Thresholds:
    """Those that this release ships, unverified."""
    return read_thresholds(
        json.loads(files("market.oversight").joinpath("data/thresholds.json").read_text(encoding="utf-8"))
    )


def alerts(orders: Sequence[Handled], limits: Thresholds) -> list[Alert]:
    """The figures of a recycler's orders that warn, in the order of `Figure`."""
    offered = [order for order in orders if order.offer_fen is not None]
    to_wipe = [order for order in orders if order.wipes_failed or order.is_wiped]
    found = (
        _beyond(Figure.bait, offered, (o for o in offered if _is_bait(o, limits)), limits),
        _beyond(Figure.wipe_failed, to_wipe, (o for o in to_wipe if o.wipes_failed), limits),
        _beyond(Figure.returned, offered, (o for o in offered if o.is_returned), limits),
    )
    return [alert for alert in found if alert]


def _is_bait(order: Handled, limits: Thresholds) -> bool:
    """Whether the offer is below the ratio of the estimate (facts §3.4: offer / estimate < 0.7)."""
    return (order.offer_fen or 0) * BP < order.quote_fen * limits.bait_ratio_bp


def _beyond(kind: Figure, of: Sequence[Handled], hit: Iterable[Handled], limits: Thresholds) -> Alert | None:
    codes = tuple(order.code for order in hit)
    if len(of) < limits.least_orders or len(codes) * BP <= len(of) * limits.most_bp[kind]:
        return None
    return Alert(kind, len(codes) * BP // len(of), limits.most_bp[kind], len(of), codes)
