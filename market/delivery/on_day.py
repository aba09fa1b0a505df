"""A problem as one day has it: what is not due yet may wait, and vehicles on the road come back first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from market.delivery import planner
from market.delivery.free_vehicles import Free
from market.delivery.models import Job
from market.delivery.planner.problem import DEFAULT_PRIZE_FEN
from market.delivery.rules import prize_fen


def on_day(
    problem: planner.Problem, stops: Mapping[str, Sequence[Job]], day: date, free: Iterable[Free] = ()
) -> planner.Problem:
    """`problem` with each stop's prize on `day`, and each vehicle from when until when it is free.

    `stops` has the jobs of each of its stops, `free` its vehicles.
    """
    prized = tuple(replace(stop, prize_fen=_prize_fen(stops[stop.id], day)) for stop in problem.stops)
    return replace(while_free(problem, free), stops=prized)


def while_free(problem: planner.Problem, free: Iterable[Free]) -> planner.Problem:
    """`problem` with each of its vehicles from when until when it is `free`; of others the whole shift."""
    when = {str(it.vehicle.id): it for it in free}
    vehicles = tuple(_within(vehicle, when.get(vehicle.id)) for vehicle in problem.vehicles)
    return replace(problem, vehicles=vehicles)


def held_to(problem: planner.Problem, vehicle_of: Mapping[str, str]) -> planner.Problem:
    """`problem` with stops held to a vehicle: by a skill that only its crew has, and by their prize."""
    held = {vehicle: frozenset({_mark(vehicle)}) for vehicle in vehicle_of.values()}
    known = {vehicle.id for vehicle in problem.vehicles}
    return replace(
        problem,
        stops=tuple(
            replace(stop, skills=stop.skills | held[vehicle], prize_fen=10 * DEFAULT_PRIZE_FEN)
            if (vehicle := vehicle_of.get(stop.id)) in known
            else stop
            for stop in problem.stops
        ),
        vehicles=tuple(
            replace(vehicle, skills=vehicle.skills | held.get(vehicle.id, frozenset()))
            for vehicle in problem.vehicles
        ),
    )


def _within(vehicle: planner.Vehicle, free: Free | None) -> planner.Vehicle:
    if free is None:
        return vehicle
    return replace(
        vehicle,
        shift_start=max(vehicle.shift_start, _rested(vehicle, free)),
        shift_end=min(vehicle.shift_end, free.until_second),
        regular_seconds=max(0, vehicle.regular_seconds - free.worked_seconds),
        break_latest=planner.DAY_SECONDS if free.has_rested else vehicle.break_latest,
    )


def _rested(vehicle: planner.Vehicle, free: Free) -> int:
    """From when on it may go out; who comes back in the hours for the break, and had none, has it first."""
    in_its_hours = vehicle.break_earliest <= free.from_second <= vehicle.break_latest
    rests = in_its_hours and free.worked_seconds and not free.has_rested
    return free.from_second + (vehicle.break_seconds if rests else 0)


def _mark(vehicle_id: str) -> str:
    return f"only:{vehicle_id}"


def _prize_fen(jobs: Sequence[Job], day: date) -> int:
    """One way serves all jobs of the address, so their prizes add up."""
    return min(DEFAULT_PRIZE_FEN, sum(prize_fen(job.promised_on, day) for job in jobs))
