"""Why a stop cannot be on any run, however the day is arranged."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from market.delivery.planner.problem import DAY_SECONDS, Stop, Vehicle
from market.delivery.planner.result import LeftOut, Reason, Run
from market.delivery.planner.timing import Way, keeps_all, timed_run

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
    return None if _can_be(stop, able, out, home) else _why_not(stop, able, out, home)


def why_not_today(
    stop: Stop, vehicles: Iterable[Vehicle], runs: Mapping[str, Run], out: int, home: int
) -> LeftOut:
    """Why the `runs`, by vehicle, leave out a stop that one of the vehicles could take alone."""
    spare = []
    for vehicle in vehicles:
        run = runs.get(vehicle.id)
        if vehicle.can_serve(stop) and (run is None or len(run.trips) < vehicle.max_trips):
            free_at = run.trips[-1].return_at if run else vehicle.shift_start
            spare.append(replace(vehicle, shift_start=free_at))
    if _can_be(stop, spare, out, home):
        return LeftOut(stop.id, Reason.not_worth_the_way)
    why = _why_not(stop, spare, out, home)
    return LeftOut(stop.id, Reason.shift_full) if why.reason is Reason.out_of_reach else why


def _can_be(stop: Stop, vehicles: Iterable[Vehicle], out: int, home: int) -> bool:
    """Whether one of them could make a trip to the stop alone, and keep its break."""
    return any(keeps_all(vehicle, *_alone(stop, vehicle, out, home)) for vehicle in vehicles)


def _why_not(stop: Stop, vehicles: Collection[Vehicle], out: int, home: int) -> LeftOut:
    """What keeps all of them from a trip that none can make: its window, the break, or the hours."""
    at_any_hour = replace(stop, earliest=0, latest=DAY_SECONDS)
    if (stop.earliest, stop.latest) != (0, DAY_SECONDS) and _can_be(at_any_hour, vehicles, out, home):
        starts = [_alone(stop, it, out, home)[1].trips[0].visits[0].start for it in vehicles]
        return LeftOut(stop.id, Reason.window_missed, str(min(starts)), str(stop.latest))
    if _can_be(stop, [replace(it, break_seconds=0) for it in vehicles], out, home):
        return LeftOut(stop.id, Reason.no_break)
    return LeftOut(stop.id, Reason.out_of_reach)


def _alone(stop: Stop, vehicle: Vehicle, out: int, home: int) -> tuple[list[Way], Run]:
    ways = [Way((stop,), (out, home), 0)]
    return ways, timed_run(vehicle, ways)
