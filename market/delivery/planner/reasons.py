"""Why a stop cannot be on any run, however the day is arranged."""

from collections.abc import Callable, Collection, Iterable, Mapping

from market.delivery.planner.problem import Stop, Vehicle
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


def why_never(stop: Stop, vehicles: Collection[Vehicle], out: int, home: int) -> LeftOut | None:
    """The first reason that keeps `stop` off every vehicle, or None where one could take it alone.

    `out` and `home` are the seconds from the hub to it, and back.
    """
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
    if not any(_in_time(stop, vehicle, vehicle.shift_start, out, home) for vehicle in able):
        return LeftOut(stop.id, Reason.out_of_reach)
    return None


def why_not_today(
    stop: Stop, vehicles: Iterable[Vehicle], runs: Mapping[str, Run], out: int, home: int
) -> LeftOut:
    """Why the `runs`, by vehicle, leave out a stop that one of the vehicles could take alone."""
    for vehicle in vehicles:
        run = runs.get(vehicle.id)
        free_at = run.trips[-1].return_at if run else vehicle.shift_start
        spare_trip = run is None or len(run.trips) < vehicle.max_trips
        if spare_trip and vehicle.can_serve(stop) and _in_time(stop, vehicle, free_at, out, home):
            return LeftOut(stop.id, Reason.not_worth_the_way)
    return LeftOut(stop.id, Reason.shift_full)


def _in_time(stop: Stop, vehicle: Vehicle, free_at: int, out: int, home: int) -> bool:
    """Whether `vehicle`, free at the hub from `free_at`, could visit the stop on a trip of its own."""
    start = max(free_at + vehicle.loading_seconds + out, stop.earliest)
    return start <= stop.latest and start + stop.service_seconds + home <= vehicle.shift_end
