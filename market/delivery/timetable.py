"""When a vehicle that follows a sequence of stops is where, what it costs, and which rules it breaks. Pure.

It shares no code with the search: what an operator moves is timed here, then checked by `planner.check`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from market.delivery.planner import Problem, Run, Stop, Trip, Vehicle, Visit

Trips = tuple[tuple[str, ...], ...]
"""Stop ids, trip by trip."""


class Rule(StrEnum):
    """What a sequence can break."""

    too_heavy = "too_heavy"
    too_bulky = "too_bulky"
    too_long = "too_long"
    too_few_people = "too_few_people"
    skill_missing = "skill_missing"
    too_late = "too_late"
    shift_over = "shift_over"
    too_many_trips = "too_many_trips"


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a run breaks: `needed` against the `best` it has, in the rule's own unit.

    Grams, cm³, mm, people, a skill's code, seconds of the day, or trips. `stop_id` or `trip` says where.
    """

    rule: Rule
    vehicle_id: str
    needed: str
    best: str = ""
    stop_id: str = ""
    trip: int = 0


def timed(problem: Problem, vehicle_id: str, trips: Trips) -> Run:
    """The run of that vehicle, each stop as early as it can be, the loading late enough to wait the least.

    The start is put off by the forward time slack (Savelsbergh 1992, "The vehicle routing problem with time
    windows: minimizing route duration"), at most by what is waited. Raises KeyError for an unknown id.
    """
    vehicle = _vehicle(problem, vehicle_id)
    places = {stop.id: place for place, stop in enumerate(problem.stops)}
    ways = [_Way(problem, [places[stop_id] for stop_id in trip]) for trip in trips]
    early = _drive(vehicle, ways, vehicle.shift_start)
    late = _drive(vehicle, ways, vehicle.shift_start + _slack(problem, places, early))
    cost_fen = vehicle.cost_fen(sum(trip.meters for trip in late), late[-1].return_at - late[0].load_at)
    return Run(vehicle_id, late, cost_fen)


def broken_rules(problem: Problem, run: Run) -> tuple[Broken, ...]:
    """Every rule that `run`, timed, breaks."""
    return tuple(_broken(problem, run))


def most_on_board(stops: Sequence[Stop]) -> tuple[int, int]:
    """The most grams and cm³ on one trip: deliveries leave the hub on it, collections join at their stop."""
    grams, cm3 = sum(stop.deliver_grams for stop in stops), sum(stop.deliver_cm3 for stop in stops)
    most = [grams, cm3]
    for stop in stops:
        grams += stop.collect_grams - stop.deliver_grams
        cm3 += stop.collect_cm3 - stop.deliver_cm3
        most = [max(most[0], grams), max(most[1], cm3)]
    return most[0], most[1]


class _Way:
    """The stops of one trip, and the rides between them from the hub to the hub."""

    def __init__(self, problem: Problem, places: Sequence[int]) -> None:
        self.stops = [problem.stops[place] for place in places]
        rows = np.array([0, *(place + 1 for place in places), 0])
        meters, seconds = problem.roads.block(rows[:-1], rows[1:])
        self.meters = int(np.trace(meters))
        self.rides = [int(ride) for ride in np.diagonal(seconds)]


def _drive(vehicle: Vehicle, ways: Sequence[_Way], clock: int) -> tuple[Trip, ...]:
    trips = []
    for way in ways:
        load_at, visits = clock, []
        clock = depart = load_at + vehicle.loading_seconds
        for stop, ride in zip(way.stops, way.rides, strict=False):
            arrive = clock + ride
            start = max(arrive, stop.earliest)
            clock = start + stop.service_seconds
            visits.append(Visit(stop.id, arrive, start, clock))
        clock += way.rides[-1]
        trips.append(Trip(load_at, depart, tuple(visits), clock, way.meters))
    return tuple(trips)


def _slack(problem: Problem, places: dict[str, int], trips: Sequence[Trip]) -> int:
    waited, slack = 0, None
    for visit in (visit for trip in trips for visit in trip.visits):
        waited += visit.start - visit.arrive
        spare = waited + problem.stops[places[visit.stop_id]].latest - visit.start
        slack = spare if slack is None else min(slack, spare)
    return max(0, min(waited, slack or 0))


def _broken(problem: Problem, run: Run) -> Iterator[Broken]:
    vehicle, stops = _vehicle(problem, run.vehicle_id), {stop.id: stop for stop in problem.stops}
    if len(run.trips) > vehicle.max_trips:
        yield Broken(Rule.too_many_trips, vehicle.id, str(len(run.trips)), str(vehicle.max_trips))
    for number, trip in enumerate(run.trips, 1):
        on_trip = [stops[visit.stop_id] for visit in trip.visits]
        for rule, most, best in zip(
            (Rule.too_heavy, Rule.too_bulky),
            most_on_board(on_trip),
            (vehicle.grams, vehicle.cm3),
            strict=True,
        ):
            if most > best:
                yield Broken(rule, vehicle.id, str(most), str(best), trip=number)
        for stop, visit in zip(on_trip, trip.visits, strict=True):
            yield from _unfit(vehicle, stop)
            if visit.start > stop.latest:
                yield Broken(Rule.too_late, vehicle.id, str(visit.start), str(stop.latest), stop.id)
    if run.trips[-1].return_at > vehicle.shift_end:
        yield Broken(Rule.shift_over, vehicle.id, str(run.trips[-1].return_at), str(vehicle.shift_end))


def _unfit(vehicle: Vehicle, stop: Stop) -> Iterator[Broken]:
    if stop.longest_side_mm > vehicle.longest_side_mm:
        best = str(vehicle.longest_side_mm)
        yield Broken(Rule.too_long, vehicle.id, str(stop.longest_side_mm), best, stop.id)
    if stop.people > vehicle.people:
        yield Broken(Rule.too_few_people, vehicle.id, str(stop.people), str(vehicle.people), stop.id)
    for skill in sorted(stop.skills - vehicle.skills):
        yield Broken(Rule.skill_missing, vehicle.id, skill, stop_id=stop.id)


def _vehicle(problem: Problem, vehicle_id: str) -> Vehicle:
    found = {vehicle.id: vehicle for vehicle in problem.vehicles}
    return found[vehicle_id]
