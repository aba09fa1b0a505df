"""An independent checker: it reads a plan as a driver would and shares no code with the search."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from market.delivery.planner.problem import Problem, Stop, Vehicle
from market.delivery.planner.result import Plan, Run, Trip


def violations(problem: Problem, plan: Plan) -> list[str]:
    """Sentences, one for each law that `plan` breaks; empty where it can be driven as it stands."""
    misplaced = [*_each_once(problem, plan), *_each_vehicle_once(problem, plan)]
    return misplaced or list(_runs(problem, plan))


def _each_once(problem: Problem, plan: Plan) -> Iterator[str]:
    placed = Counter(visit.stop_id for run in plan.runs for trip in run.trips for visit in trip.visits)
    placed.update(out.stop_id for out in plan.left_out)
    for stop in problem.stops:
        if placed[stop.id] != 1:
            yield f"stop {stop.id} appears {placed[stop.id]} times"
    for unknown in placed.keys() - {stop.id for stop in problem.stops}:
        yield f"stop {unknown} is not of this problem"


def _each_vehicle_once(problem: Problem, plan: Plan) -> Iterator[str]:
    used = Counter(run.vehicle_id for run in plan.runs)
    known = {vehicle.id for vehicle in problem.vehicles}
    for vehicle_id, times in used.items():
        if times > 1 or vehicle_id not in known:
            yield f"vehicle {vehicle_id} is used {times} times"


def _runs(problem: Problem, plan: Plan) -> Iterator[str]:
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    rows = {stop.id: row for row, stop in enumerate(problem.stops, start=1)}
    for run in plan.runs:
        vehicle = vehicles[run.vehicle_id]
        yield from _shift(vehicle, run)
        yield from _rest(problem, vehicle, run, rows)
        for trip in run.trips:
            stops = [problem.stops[rows[visit.stop_id] - 1] for visit in trip.visits]
            yield from _crew(vehicle, stops)
            yield from _load(vehicle, stops)
            yield from _road(problem, [rows[visit.stop_id] for visit in trip.visits], stops, trip)


def _shift(vehicle: Vehicle, run: Run) -> Iterator[str]:
    name = f"run of {vehicle.id}"
    if not 1 <= len(run.trips) <= vehicle.max_trips or not all(trip.visits for trip in run.trips):
        yield f"{name} has {len(run.trips)} trips, or an empty one"
    if run.trips[0].load_at < vehicle.shift_start or run.trips[-1].return_at > vehicle.shift_end:
        yield f"{name} leaves the shift"
    for trip in run.trips:
        if trip.depart - trip.load_at < vehicle.loading_seconds:
            yield f"{name} departs before it is loaded"
    for before, after in zip(run.trips, run.trips[1:], strict=False):
        if after.load_at < before.return_at:
            yield f"{name} loads before it is back"
    if run.cost_fen != vehicle.cost_fen(run.meters, run.seconds):
        yield f"{name} states a wrong cost"


def _rest(problem: Problem, vehicle: Vehicle, run: Run, rows: dict[str, int]) -> Iterator[str]:
    """Lunch in its hours, and no more than four hours of driving on end; see `Vehicle` for both."""
    name, took, at = f"run of {vehicle.id}", vehicle.break_seconds, run.break_at
    if not took:
        return
    legs, standing = _legs(problem, run, rows)
    lunch = (
        run.trips[0].load_at < vehicle.break_earliest + took
        and run.trips[-1].return_at > vehicle.break_latest
    )
    if at is None:
        if lunch:
            yield f"{name} has no break"
        driven = [sum(ride for _, ride in legs)]
    else:
        if not any(since <= at and at + took <= until for since, until in standing):
            yield f"{name} has its break where it drives or works"
        if lunch and not vehicle.break_earliest <= at <= vehicle.break_latest:
            yield f"{name} has its break outside the hours for it"
        before = sum(ride for there, ride in legs if there <= at)
        driven = [before, sum(ride for _, ride in legs) - before]
    if max(driven) > 4 * 3600:
        yield f"{name} drives for more than four hours on end"


def _legs(
    problem: Problem, run: Run, rows: dict[str, int]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Each ride by when it is over, with its seconds; and from when until when the vehicle may stand."""
    legs, standing = [], []
    for before, trip in zip((None, *run.trips), run.trips, strict=False):
        way = np.array([0, *(rows[visit.stop_id] for visit in trip.visits), 0])
        rides = [int(ride) for ride in np.diagonal(problem.roads.block(way, way)[1], 1)]
        left = [trip.depart, *(visit.leave for visit in trip.visits)]
        there = [*(visit.arrive for visit in trip.visits), trip.return_at]
        if before:
            standing.append((before.return_at, trip.load_at))
        standing += [(since, to - ride) for since, to, ride in zip(left, there, rides, strict=True)]
        legs += list(zip(there, rides, strict=True))
    return legs, standing


def _crew(vehicle: Vehicle, stops: list[Stop]) -> Iterator[str]:
    for stop in stops:
        if vehicle.people < stop.people or not stop.skills <= vehicle.skills:
            yield f"the crew of {vehicle.id} cannot serve {stop.id}"
        if vehicle.longest_side_mm < stop.longest_side_mm:
            yield f"{stop.id} is too long for {vehicle.id}"


def _load(vehicle: Vehicle, stops: list[Stop]) -> Iterator[str]:
    """What is on board after the hub and after every stop: deliveries leave it, collections join it."""
    grams = sum(stop.deliver_grams for stop in stops)
    cm3 = sum(stop.deliver_cm3 for stop in stops)
    loads = [(grams, cm3)]
    for stop in stops:
        grams += stop.collect_grams - stop.deliver_grams
        cm3 += stop.collect_cm3 - stop.deliver_cm3
        loads.append((grams, cm3))
    if max(load[0] for load in loads) > vehicle.grams or max(load[1] for load in loads) > vehicle.cm3:
        yield f"{vehicle.id} is overloaded"


def _road(problem: Problem, rows: list[int], stops: list[Stop], trip: Trip) -> Iterator[str]:
    way = np.array([0, *rows, 0])
    meters, seconds = (np.diagonal(block, 1) for block in problem.roads.block(way, way))
    clock = trip.depart
    for stop, visit, ride in zip(stops, trip.visits, seconds[:-1], strict=True):
        if visit.arrive < clock + int(ride) or visit.start < visit.arrive:
            yield f"{stop.id} is reached sooner than the road allows"
        if not stop.earliest <= visit.start <= stop.latest:
            yield f"{stop.id} is outside its window"
        if visit.leave < visit.start + stop.service_seconds:
            yield f"{stop.id} is left before the work is done"
        clock = visit.leave
    if trip.return_at < clock + int(seconds[-1]):
        yield "a trip is back sooner than the road allows"
    if trip.meters != int(meters.sum()):
        yield "a trip states a wrong length"
