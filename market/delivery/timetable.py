"""When a vehicle that follows an operator's sequence of stops is where, and which rules it breaks. Pure.

It is timed as what the search finds is. Then `planner.check` checks it, which shares no code with either.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.delivery.planner import Problem, Run, Stop, Vehicle
from market.delivery.planner.timing import Trips, lacks_break, timed_run, ways_of


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
    no_break = "no_break"


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a run breaks: `needed` against the `best` it has, in the rule's own unit.

    Grams, cm³, mm, people, a skill's code, seconds of the day, or trips; of a break its seconds, and when it
    may begin, as ``39600-48600``. `stop_id` or `trip` says where.
    """

    rule: Rule
    vehicle_id: str
    needed: str
    best: str = ""
    stop_id: str = ""
    trip: int = 0


def timed(problem: Problem, vehicle_id: str, trips: Trips) -> Run:
    """The run of that vehicle, as `timing.timed_run` has it. Raises KeyError for an unknown id."""
    return timed_run(_vehicle(problem, vehicle_id), ways_of(problem, trips))


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
    trips = tuple(tuple(visit.stop_id for visit in trip.visits) for trip in run.trips)
    if lacks_break(vehicle, ways_of(problem, trips), run):
        hours = f"{vehicle.break_earliest}-{vehicle.break_latest}"
        yield Broken(Rule.no_break, vehicle.id, str(vehicle.break_seconds), hours)


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
