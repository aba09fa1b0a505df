"""How full a point is, which is nearest, and what goes on one job together. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from market.kernel.clock import at
from market.places.rules import Position, distance_meters
from market.recycling.rules import BATTERY
from market.recycling.ways import BATTERIES

DIFFERS_BP = (
    3_000  # a manifest's weights are typical ones: so much more or less is no difference; an estimate
)
BP = 10_000
ALARM_BP = 8_000  # issue 6: alarm at 80 %
BOOKED_DAYS = 7
COLLECT_WITHIN_DAYS = 3  # the local limit is unknown (facts §3.5); the market's own
MOST_JOB_GRAMS = 400_000  # what every truck of a county can take of one job beside others; an estimate
MOST_JOB_CM3 = 3_000_000
CM3_PER_M3 = 1_000_000


class Placed(Protocol):
    """Anything with a position."""

    @property
    def position(self) -> Position: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True)
class Load:
    """How much of what there is room for is taken; `most` is 0 where nothing may come."""

    taken: int
    most: int

    @property
    def share_bp(self) -> int:
        """In basis points, rounded down; full where there is no room at all."""
        return self.taken * BP // self.most if self.most else BP

    @property
    def is_nearly_full(self) -> bool:
        """Whether the alarm is due."""
        return bool(self.most) and self.taken * BP >= self.most * ALARM_BP


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to carry; `key` tells it apart."""

    key: str
    weight_grams: int
    volume_cm3: int


def nearest_first(points: Iterable[P], to: Position) -> list[tuple[P, int]]:
    """The points with their great circle from `to` in meters, the nearest first."""
    with_meters = [(point, distance_meters(to, point.position)) for point in points]
    return sorted(with_meters, key=lambda pair: pair[1])


def jobs_for(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces on jobs, by first fit with the bulkiest first. What is too big for any goes alone."""
    jobs: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.volume_cm3, -piece.weight_grams, piece.key)):
        place = next((job for job in jobs if _fits(job, piece)), None)
        if place is None:
            jobs.append([piece])
        else:
            place.append(piece)
    return jobs


def kinds_of(category_code: str, hazards: Collection[str]) -> tuple[str, ...]:
    """What a point must have room for: the thing's kind, and the fire box where a battery is a danger."""
    return (category_code, BATTERY) if set(hazards) & set(BATTERIES) else (category_code,)


def differs(told: tuple[int, int], found: tuple[int, int]) -> bool:
    """Whether (units, grams) found on arrival are others than a manifest's: a unit, or 30 % of grams."""
    (units, grams), (found_units, found_grams) = told, found
    return units != found_units or abs(found_grams - grams) * BP > grams * DIFFERS_BP


def ends_at(closes_on: date) -> datetime:
    """The first moment at which a point's last day is over in China."""
    return at(closes_on + timedelta(days=1), time())


def _fits(job: list[Piece], piece: Piece) -> bool:
    grams = sum(other.weight_grams for other in job) + piece.weight_grams
    cm3 = sum(other.volume_cm3 for other in job) + piece.volume_cm3
    return grams <= MOST_JOB_GRAMS and cm3 <= MOST_JOB_CM3
