"""What is to be planned: stops, vehicles, and the roads between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Matrix = NDArray[np.int64]

DAY_SECONDS = 24 * 3600
# 道路交通安全法实施条例 art. 62(7): no more than 4 hours of driving without 20 minutes of rest.
MOST_DRIVING_SECONDS = 4 * 3600
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
    """One vehicle with its crew for the day. It loads at the hub for `loading_seconds` before every trip.

    What a run lasts beyond `regular_seconds` costs `fen_per_overtime_hour` on top of `fen_per_hour` (劳动法
    art. 44); the shift's bounds stay hard. The crew rests for `break_seconds`, from some moment between
    `break_earliest` and `break_latest` on; with 0 seconds neither breaks nor driving on end are looked at.
    """

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
    regular_seconds: int = DAY_SECONDS
    fen_per_overtime_hour: int = 0
    break_seconds: int = 0
    break_earliest: int = 11 * 3600
    break_latest: int = 13 * 3600 + 1800

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
        overtime = max(0, seconds - self.regular_seconds)
        return self.fixed_fen + by_distance + by_time + (overtime * self.fen_per_overtime_hour + 1800) // 3600

    def break_is_due(self, load_at: int, return_at: int, driving_seconds: int) -> bool:
        """Whether a run from `load_at` to `return_at` needs a break on the way.

        It does where the crew can keep its hours neither before the run nor after it, or where it drives for
        longer than is allowed on end.
        """
        return self.break_seconds > 0 and (
            self.break_is_missed(load_at, return_at) or driving_seconds > MOST_DRIVING_SECONDS
        )

    def break_is_missed(self, load_at: int, return_at: int) -> bool:
        """Whether the hours in which the break may begin are over before the run is, and not before it."""
        return load_at < self.break_earliest + self.break_seconds and return_at > self.break_latest

    @property
    def reserve_seconds(self) -> int:
        """What a search that knows no breaks keeps free of the shift, so that one can be put in."""
        may_be_missed = self.break_is_missed(self.shift_start, self.shift_end)
        is_long = self.shift_end - self.shift_start > MOST_DRIVING_SECONDS
        return self.break_seconds if may_be_missed or is_long else 0


class Roads(Protocol):
    """How far and how long it is between the hub, index 0, and the stops, each one more than its place."""

    def block(self, rows: Rows, columns: Rows) -> tuple[Matrix, Matrix]:
        """Meters and seconds, each ``(len(rows), len(columns))``; asymmetric at will, nought to itself."""
        ...


@dataclass(frozen=True, slots=True)
class Matrices:
    """Roads that are all known beforehand: square `meters` and `seconds`. Few stops only: n² of each."""

    meters: Matrix = field(repr=False)
    seconds: Matrix = field(repr=False)

    def __post_init__(self) -> None:
        if self.meters.shape != self.seconds.shape:
            raise ValueError(f"meters are {self.meters.shape}, and seconds {self.seconds.shape}")

    def block(self, rows: Rows, columns: Rows) -> tuple[Matrix, Matrix]:
        """The cut of both matrices."""
        cut = np.ix_(rows, columns)
        return self.meters[cut], self.seconds[cut]


@dataclass(frozen=True, slots=True)
class _Some:
    """The same roads between fewer places: place i is `rows[i]` of the whole."""

    whole: Roads
    rows: Rows

    def block(self, rows: Rows, columns: Rows) -> tuple[Matrix, Matrix]:
        return self.whole.block(self.rows[rows], self.rows[columns])


@dataclass(frozen=True, slots=True)
class Problem:
    """A day: what to visit, with what, over which roads."""

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    roads: Roads = field(repr=False)

    def __post_init__(self) -> None:
        size = len(self.stops) + 1
        if isinstance(self.roads, Matrices) and self.roads.meters.shape != (size, size):
            raise ValueError(f"{len(self.stops)} stops need matrices of {size} rows and columns")
        for things in (self.stops, self.vehicles):
            if len({thing.id for thing in things}) != len(things):
                raise ValueError("an id is used twice")

    def with_stops(self, places: Sequence[int]) -> "Problem":
        """The same day with only the stops at these places."""
        rows = np.array([0, *(place + 1 for place in places)])
        return Problem(tuple(self.stops[place] for place in places), self.vehicles, _Some(self.roads, rows))

    def part(self, stops: Sequence[int], vehicles: Sequence[int]) -> "Problem":
        """The same day with only the stops and vehicles at these places, and their roads as matrices."""
        some = self.with_stops(stops)
        rows = np.arange(len(stops) + 1)
        drivers = tuple(self.vehicles[place] for place in vehicles)
        return Problem(some.stops, drivers, Matrices(*some.roads.block(rows, rows)))

    def to_hub_and_back(self) -> tuple[Matrix, Matrix]:
        """Seconds from the hub to each stop, and from each stop to the hub."""
        hub, rows = np.array([0]), np.arange(1, len(self.stops) + 1)
        return self.roads.block(hub, rows)[1][0], self.roads.block(rows, hub)[1][:, 0]
