"""Why a stop cannot be on any run, however the day is arranged."""

from collections.abc import Callable, Sequence

from market.delivery.planner.problem import Problem, Stop, Vehicle
from market.delivery.planner.result import LeftOut, Reason, Run

_Measure = tuple[Reason, Callable[[Stop], int], Callable[[Vehicle], int]]
_MEASURES: tuple[_Measure, ...] = (
    (
        Reason.too_heavy,
        lambda stop: max(stop.deliver_grams, stop.collect_grams),
        lambda vehicle: vehicle.grams,
    ),
    (Reason.too_bulky, lambda stop: max(stop.deliver_cm3, stop.collect_cm3), lambda vehicle: vehicle.cm3),
    (Reason.too_long, lambda stop: stop.longest_side_mm, lambda vehicle: vehicle.longest_side_mm),
    (Reason.too_few_people, lambda stop: stop.people, lambda vehicle: vehicle.people),
)


def why_never(problem: Problem, index: int) -> LeftOut | None:
    """The first reason that keeps `stops[index]` off every vehicle, or None where one could take it alone."""
    stop, vehicles = problem.stops[index], problem.vehicles
    if not vehicles:
        return LeftOut(stop.id, Reason.no_vehicle)
    for reason, need, have in _MEASURES:
        best = max(have(vehicle) for vehicle in vehicles)
        if need(stop) > best:
            return LeftOut(stop.id, reason, str(need(stop)), str(best))
    missing = stop.skills - frozenset().union(*(vehicle.skills for vehicle in vehicles))
    if missing:
        return LeftOut(stop.id, Reason.skill_missing, ",".join(sorted(missing)))
    able = [vehicle for vehicle in vehicles if vehicle.can_serve(stop)]
    if not able:
        return LeftOut(stop.id, Reason.no_vehicle_fits_all)
    if not any(_in_time(problem, index, vehicle, vehicle.shift_start) for vehicle in able):
        return LeftOut(stop.id, Reason.out_of_reach)
    return None


def why_not_today(problem: Problem, index: int, runs: Sequence[Run]) -> LeftOut:
    """Why the `runs` leave out a stop that one of the vehicles could take alone."""
    stop = problem.stops[index]
    driven = {run.vehicle_id: run for run in runs}
    for vehicle in problem.vehicles:
        run = driven.get(vehicle.id)
        free_at = run.trips[-1].return_at if run else vehicle.shift_start
        spare_trip = run is None or len(run.trips) < vehicle.max_trips
        if spare_trip and vehicle.can_serve(stop) and _in_time(problem, index, vehicle, free_at):
            return LeftOut(stop.id, Reason.not_worth_the_way)
    return LeftOut(stop.id, Reason.shift_full)


def _in_time(problem: Problem, index: int, vehicle: Vehicle, free_at: int) -> bool:
    """Whether `vehicle`, free at the hub from `free_at`, could visit the stop on a trip of its own."""
    stop, row = problem.stops[index], index + 1
    depart = free_at + vehicle.loading_seconds
    start = max(depart + int(problem.seconds[0, row]), stop.earliest)
    back = start + stop.service_seconds + int(problem.seconds[row, 0])
    return start <= stop.latest and back <= vehicle.shift_end
