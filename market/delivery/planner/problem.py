"""What is to be planned: stops, vehicles, and the roads between them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DAY_SECONDS = 24 * 3600
# More than any stop of a county costs to reach, so a stop is left out only where it does not fit.
DEFAULT_PRIZE_FEN = 300_000


@dataclass(frozen=True, slots=True)
class Stop:
    """One place to visit once. Times are seconds of the day; the window bounds the start of service.

    `deliver_*` leaves the hub on the vehicle, `collect_*` comes back on it. `prize_fen` is what leaving the
    stop out is held to cost: it is skipped where the visit would cost more than that.
    """

    id: str
    deliver_grams: int = 0
    deliver_cm3: int = 0
    collect_grams: int = 0
    collect_cm3: int = 0
    longest_side_mm: int = 0
    people: int = 1
    skills: frozenset[str] = frozenset()
    service_seconds: int = 0
    earliest: int = 0
    latest: int = DAY_SECONDS
    prize_fen: int = DEFAULT_PRIZE_FEN


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle with its crew for the day. It loads at the hub for `loading_seconds` before every trip."""

    id: str
    grams: int
    cm3: int
    longest_side_mm: int
    people: int = 1
    skills: frozenset[str] = frozenset()
    shift_start: int = 8 * 3600
    shift_end: int = 18 * 3600
    max_trips: int = 3
    loading_seconds: int = 1200
    fixed_fen: int = 0
    fen_per_km: int = 0
    fen_per_hour: int = 0

    def can_serve(self, stop: Stop) -> bool:
        """Whether crew and cargo space suit `stop`, taken alone."""
        return (
            self.people >= stop.people
            and self.skills >= stop.skills
            and self.longest_side_mm >= stop.longest_side_mm
            and self.grams >= max(stop.deliver_grams, stop.collect_grams)
            and self.cm3 >= max(stop.deliver_cm3, stop.collect_cm3)
        )

    def cost_fen(self, meters: int, seconds: int) -> int:
        """What a run of this length costs, to the nearest fen."""
        by_distance = (meters * self.fen_per_km + 500) // 1000
        by_time = (seconds * self.fen_per_hour + 1800) // 3600
        return self.fixed_fen + by_distance + by_time


@dataclass(frozen=True, slots=True)
class Problem:
    """`meters` and `seconds` are square, asymmetric at will; row 0 is the hub, row i + 1 is `stops[i]`."""

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    meters: NDArray[np.int64] = field(repr=False)
    seconds: NDArray[np.int64] = field(repr=False)

    def __post_init__(self) -> None:
        size = len(self.stops) + 1
        if self.meters.shape != (size, size) or self.seconds.shape != (size, size):
            raise ValueError(f"{len(self.stops)} stops need matrices of {size} rows and columns")
        for things in (self.stops, self.vehicles):
            if len({thing.id for thing in things}) != len(things):
                raise ValueError("an id is used twice")
