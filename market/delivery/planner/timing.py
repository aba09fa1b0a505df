"""When a vehicle that follows a sequence of stops is where, and when its crew rests. Pure, and no search.

A crew rests at a stop boundary: where a visit is over, or at the hub between two trips.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from market.delivery.planner.problem import DAY_SECONDS, MOST_DRIVING_SECONDS, Problem, Stop, Vehicle
from market.delivery.planner.result import Run, Trip, Visit

Trips = tuple[tuple[str, ...], ...]
"""Stop ids, trip by trip."""


@dataclass(frozen=True, slots=True)
class Way:
    """The stops of one trip, and the seconds of the rides between them from the hub to the hub."""

    stops: tuple[Stop, ...]
    rides: tuple[int, ...]
    meters: int


def ways_of(problem: Problem, trips: Trips) -> list[Way]:
    """The ways that these trips are. Raises KeyError for an unknown stop."""
    places = {stop.id: place for place, stop in enumerate(problem.stops)}
    return [_way(problem, [places[stop_id] for stop_id in trip]) for trip in trips]


def timed_run(vehicle: Vehicle, ways: Sequence[Way]) -> Run:
    """The run over `ways`, each stop as early as it can be, the loading late enough to wait the least.

    Where a break is due it lies where it makes nobody wait too long, and then where the run is back soonest,
    near the middle of its hours. A run for which no break is allowed anywhere comes without one.
    """
    plain = _run(vehicle, ways, None)
    if not vehicle.break_is_due(*_span(plain), driving_seconds(ways)):
        return plain
    with_break = [_run(vehicle, ways, pause) for pause in _pauses(vehicle, ways)]
    allowed = [run for run in with_break if _is_allowed(vehicle, run)]
    middle = (vehicle.break_earliest + vehicle.break_latest) // 2

    def worse(run: Run) -> tuple[int, int, int]:
        late = late_seconds(vehicle, ways, run)
        return late, run.trips[-1].return_at, abs((run.break_at or middle) - middle)

    return min(allowed, key=worse, default=plain)


def keeps_all(vehicle: Vehicle, ways: Sequence[Way], run: Run) -> bool:
    """Whether `run`, timed, is late nowhere and has the break that it needs."""
    return late_seconds(vehicle, ways, run) == 0 and not lacks_break(vehicle, ways, run)


def lacks_break(vehicle: Vehicle, ways: Sequence[Way], run: Run) -> bool:
    """Whether a break is due for which `run`, timed, has no place."""
    return run.break_at is None and vehicle.break_is_due(*_span(run), driving_seconds(ways))


def late_seconds(vehicle: Vehicle, ways: Sequence[Way], run: Run) -> int:
    """By how much stops and the return are late, together; 0 where all are in time."""
    stops = (stop for way in ways for stop in way.stops)
    visits = (visit for trip in run.trips for visit in trip.visits)
    late = sum(max(0, visit.start - stop.latest) for stop, visit in zip(stops, visits, strict=True))
    return late + max(0, run.trips[-1].return_at - vehicle.shift_end)


def driving_seconds(ways: Sequence[Way]) -> int:
    """What is spent on the road."""
    return sum(sum(way.rides) for way in ways)


@dataclass(frozen=True, slots=True)
class _Pause:
    """A break after the `legs`-th ride of the run, and the stop it leads to; not before that second."""

    legs: int
    not_before: int


def _way(problem: Problem, places: Sequence[int]) -> Way:
    rows = np.array([0, *(place + 1 for place in places), 0])
    meters, seconds = problem.roads.block(rows[:-1], rows[1:])
    rides = tuple(int(ride) for ride in np.diagonal(seconds))
    return Way(tuple(problem.stops[place] for place in places), rides, int(np.trace(meters)))


def _pauses(vehicle: Vehicle, ways: Sequence[Way]) -> Iterator[_Pause]:
    """Every boundary but the last, where the run is over, that no driving of over four hours lies beside."""
    rides = [ride for way in ways for ride in way.rides]
    before, whole = 0, sum(rides)
    for legs, ride in enumerate(rides[:-1], 1):
        before += ride
        if max(before, whole - before) <= MOST_DRIVING_SECONDS:
            yield _Pause(legs, 0)
            yield _Pause(legs, vehicle.break_earliest)


def _is_allowed(vehicle: Vehicle, run: Run) -> bool:
    in_its_hours = vehicle.break_earliest <= (run.break_at or 0) <= vehicle.break_latest
    return in_its_hours or not vehicle.break_is_missed(*_span(run))


def _span(run: Run) -> tuple[int, int]:
    return run.trips[0].load_at, run.trips[-1].return_at


def _run(vehicle: Vehicle, ways: Sequence[Way], pause: _Pause | None) -> Run:
    """The start is put off by the forward time slack, at most by what is waited.

    Savelsbergh 1992, "The vehicle routing problem with time windows: minimizing route duration".
    """
    trips, break_at, slack = _drive(vehicle, ways, vehicle.shift_start, pause)
    if slack:
        trips, break_at, _ = _drive(vehicle, ways, vehicle.shift_start + slack, pause)
    meters, seconds = sum(way.meters for way in ways), trips[-1].return_at - trips[0].load_at
    return Run(vehicle.id, trips, vehicle.cost_fen(meters, seconds), break_at)


def _drive(
    vehicle: Vehicle, ways: Sequence[Way], clock: int, pause: _Pause | None
) -> tuple[tuple[Trip, ...], int | None, int]:
    """The trips, the break, and by how much the start may be put off so that less is waited."""
    trips: list[Trip] = []
    break_at: int | None = None
    legs, waited, slack = 0, 0, DAY_SECONDS
    for way in ways:
        load_at = clock
        visits: list[Visit] = []
        clock = depart = load_at + vehicle.loading_seconds
        for stop, ride in zip((*way.stops, None), way.rides, strict=True):
            clock = arrive = clock + ride
            if stop:
                start = max(arrive, stop.earliest)
                waited += start - arrive
                slack = min(slack, max(0, waited + stop.latest - start))
                clock = start + stop.service_seconds
                visits.append(Visit(stop.id, arrive, start, clock))
            else:
                trips.append(Trip(load_at, depart, tuple(visits), clock, way.meters))
            legs += 1
            if pause and pause.legs == legs:
                break_at = max(clock, pause.not_before)
                waited += break_at - clock
                slack = min(slack, max(0, waited + vehicle.break_latest - break_at))
                clock = break_at + vehicle.break_seconds
    return tuple(trips), break_at, min(waited, slack)
