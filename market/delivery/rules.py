"""Delivery days, fees and the checklists of an installation. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from market.delivery.planner.problem import DEFAULT_PRIZE_FEN
from market.kernel.clock import local


@dataclass(frozen=True, slots=True)
class Fee:
    """What carrying an order costs its buyer: a base, and a part for every started 10 kg above the free ones.

    The amounts are the market's own demo tariff; what rural delivery costs elsewhere is unknown (facts §7).
    """

    base_fen: int
    free_grams: int
    step_grams: int
    step_fen: int
    most_fen: int


FEES = {
    "door": Fee(base_fen=15_00, free_grams=10_000, step_grams=10_000, step_fen=3_00, most_fen=90_00),
    "station": Fee(base_fen=5_00, free_grams=10_000, step_grams=10_000, step_fen=1_50, most_fen=45_00),
}
EARLY_PRIZE_FEN = 6_000  # what a stop a day early may cost: about half an hour's detour; an estimate
HALF_WINDOW_MINUTES = 120
CM3_PER_GRAM = 6  # volumetric weight: bulky goods count as if a gram took up 6 cm³
CHECKLISTS = {
    "gas": ("gas_leak_test", "flue", "earthing", "shown"),
    "electric": ("earthing", "breaker", "drain", "shown"),
    "general": ("level", "earthing", "shown"),
}


def fee(place: str, weight_grams: int, volume_cm3: int) -> int:
    """Fen for an order of this weight and volume to a ``door`` or a ``station``."""
    tariff = FEES[place]
    counted = max(weight_grams, volume_cm3 // CM3_PER_GRAM)
    steps = -(-max(0, counted - tariff.free_grams) // tariff.step_grams)
    return min(tariff.base_fen + steps * tariff.step_fen, tariff.most_fen)


def prize_fen(promised_on: date, day: date) -> int:
    """What leaving a job off `day` is held to cost: full from the promise date on, before it a day's share.

    A day early it is worth a detour, never a run of its own; n days early the n-th part of that. So it never
    falls as the day comes nearer.
    """
    days_early = (promised_on - day).days
    return DEFAULT_PRIZE_FEN if days_early <= 0 else EARLY_PRIZE_FEN // days_early


def delivery_day(cutoff: time, now: datetime, closed: Collection[date] = ()) -> date:
    """The day on which what reaches the hub now is carried: the next, or after the cut-off the one after.

    Days on which the hub is `closed` are passed over.
    """
    here = local(now)
    day = here.date() + timedelta(days=1 if here.time() < cutoff else 2)
    while day in closed:
        day += timedelta(days=1)
    return day


def arrival_window(expected: datetime, stops_before: int, is_underway: bool) -> tuple[datetime, datetime]:
    """From when until when to be at home for a truck `expected` then, in tens of minutes.

    Two hours either way until the truck has left; then a quarter of an hour and ten minutes for each stop
    before it. It never widens as the truck nears. The figures are the market's own.
    """
    minutes = 15 + 10 * stops_before if is_underway else HALF_WINDOW_MINUTES
    half = timedelta(minutes=min(minutes, HALF_WINDOW_MINUTES))
    return _to_tens(expected - half, 0), _to_tens(expected + half, 1)


def _to_tens(moment: datetime, up: int) -> datetime:
    over = timedelta(minutes=moment.minute % 10, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (timedelta(minutes=10) if over and up else timedelta())


def checklist(skills: frozenset[str]) -> tuple[str, ...]:
    """What an installer confirms for jobs that need `skills`, each point once."""
    points = [point for skill in sorted(skills) for point in CHECKLISTS.get(skill, ())]
    return tuple(dict.fromkeys(points))
