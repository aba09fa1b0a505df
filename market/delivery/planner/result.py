"""What comes out: runs, trips and visits, and what was left out, with the reason in data form."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a stop is on no run."""

    no_vehicle = "no_vehicle"
    too_heavy = "too_heavy"
    too_bulky = "too_bulky"
    too_long = "too_long"
    too_few_people = "too_few_people"
    skill_missing = "skill_missing"
    no_vehicle_fits_all = "no_vehicle_fits_all"
    out_of_reach = "out_of_reach"
    window_missed = "window_missed"
    no_break = "no_break"
    shift_full = "shift_full"
    not_worth_the_way = "not_worth_the_way"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A stop on no run: `needed` against the `best` that any vehicle has, in the reason's own unit."""

    stop_id: str
    reason: Reason
    needed: str = ""
    best: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop with its times, in seconds of the day: waiting lies between `arrive` and `start`."""

    stop_id: str
    arrive: int
    start: int
    leave: int


@dataclass(frozen=True, slots=True)
class Trip:
    """From the hub to the hub; loading lasts from `load_at` to `depart`."""

    load_at: int
    depart: int
    visits: tuple[Visit, ...]
    return_at: int
    meters: int


@dataclass(frozen=True, slots=True)
class Run:
    """One vehicle's day. From `break_at` on, where there is one, its crew rests for its `break_seconds`."""

    vehicle_id: str
    trips: tuple[Trip, ...]
    cost_fen: int
    break_at: int | None = None

    @property
    def meters(self) -> int:
        """The length of all trips."""
        return sum(trip.meters for trip in self.trips)

    @property
    def seconds(self) -> int:
        """From the first loading to the last return."""
        return self.trips[-1].return_at - self.trips[0].load_at


@dataclass(frozen=True, slots=True)
class Plan:
    """All runs of a day, and what they leave out."""

    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def cost_fen(self) -> int:
        """What the runs cost together; nothing is added for stops left out."""
        return sum(run.cost_fen for run in self.runs)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: the share of its budget that is used, and the best plan so far."""

    share: float
    cost_fen: int
    left_out: int
