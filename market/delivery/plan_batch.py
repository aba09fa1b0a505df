"""Plan a closed batch over the county's vehicles, and release what was planned."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from market.delivery import planner
from market.delivery.batch_roads import tell_roads, told
from market.delivery.events import JobScheduled
from market.delivery.free_vehicles import free_vehicles
from market.delivery.keep_run import keep_run
from market.delivery.models import (
    BATCH_STATES,
    JOB_STATES,
    RUN_STATES,
    Batch,
    BatchState,
    Job,
    JobKind,
    JobState,
    Run,
    RunState,
    Stop,
    Vehicle,
)
from market.delivery.on_day import held_to, on_day
from market.delivery.shares import ask_for_shares, freeze_shares
from market.delivery.waiting import leave_out
from market.delivery.windows import window
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.places.models import County
from market.places.roads.between import roads_between
from market.places.rules import Position

STOP_SECONDS = 300  # to park, find the person and unload; an estimate
OnProgress = Callable[[planner.Progress], None]


def plan_batch(
    session: Session,
    batch_id: uuid.UUID,
    now: datetime,
    on_progress: OnProgress | None = None,
    cpu_seconds: float | None = None,
    pool: planner.Pool | None = None,
) -> None:
    """Plan the batch once. Jobs that no run takes go back to waiting for the next, with the reason.

    Where it was planned before, locked runs stay as they are, and locked stops on their vehicles. A batch
    that is not closed is left alone.
    """
    # FOR NO KEY UPDATE: pages may go on referring to the batch while it is planned.
    batch = session.get_one(Batch, batch_id, with_for_update={"key_share": True})
    if batch.state is not BatchState.closed:
        return
    on_locked = select(Stop.id).join(Stop.run).where(Run.batch_id == batch_id, Run.is_locked)
    of_batch = (
        select(Job)
        .where(Job.batch_id == batch_id, Job.state == JobState.batched)
        .where(or_(Job.stop_id.is_(None), Job.stop_id.not_in(on_locked)))
        .order_by(Job.id)
    )
    stops = by_address(session.scalars(of_batch))
    # One batch of a county at a time: two that are planned at once would send the same truck out twice.
    county = session.get_one(County, batch.county_code, with_for_update={"key_share": True})
    locked = {run.vehicle_id: run.cost_fen for run in batch.runs if run.is_locked}
    free = [it for it in free_vehicles(session, batch, now) if it.vehicle.id not in locked]
    stops = loads_that_fit(stops, [it.vehicle for it in free])
    roads = roads_between(session, county, positions(county, stops))
    problem = build_problem(stops, [it.vehicle for it in free], roads)
    pins = _pins(stops)
    plan = planner.plan(
        held_to(on_day(problem, stops, batch.day, free), pins),
        cpu_seconds=cpu_seconds,
        pool=pool,
        on_progress=on_progress and _with_locked(on_progress, sum(locked.values())),
    )
    # Planning takes its time, and whoever canceled meanwhile did not wait. Runs before jobs, as always.
    session.execute(select(Run.id).where(Run.batch_id == batch_id).order_by(Run.id).with_for_update())
    still = set(session.scalars(of_batch.with_for_update().execution_options(populate_existing=True)))
    stops = {stop_id: [job for job in jobs if job in still] for stop_id, jobs in stops.items()}
    _drop_unlocked(session, batch)
    for planned in plan.runs:
        keep_run(session, batch, planned, stops)
    _lock_again(session, stops, pins)
    for out in plan.left_out:
        for job in stops[out.stop_id]:
            leave_out(job, batch.id, out.reason, out.needed, out.best)
    tell_roads(session, told(batch.id, county, stops, roads), stops)
    batch.cost_fen, batch.planned_at = plan.cost_fen + sum(locked.values()), now
    batch.plan_number += 1
    BATCH_STATES.move(batch, BatchState.planned)
    session.flush()
    session.refresh(batch, ["runs"])
    if batch.runs:
        ask_for_shares(session, batch, now)
    else:
        BATCH_STATES.move(batch, BatchState.done)
        session.flush()


def _pins(stops: Mapping[str, Sequence[Job]]) -> dict[str, str]:
    """By stop: the vehicle that an operator has locked it to."""
    return {
        stop_id: str(job.stop.run.vehicle_id)
        for stop_id, jobs in stops.items()
        for job in jobs
        if job.stop is not None and job.stop.is_locked
    }


def _with_locked(on_progress: OnProgress, locked_fen: int) -> OnProgress:
    return lambda told: on_progress(replace(told, cost_fen=told.cost_fen + locked_fen))


def _drop_unlocked(session: Session, batch: Batch) -> None:
    """Away with the runs of an earlier plan that are not locked."""
    gone = select(Run.id).where(Run.batch_id == batch.id, Run.is_locked.is_(False))
    on_gone = select(Stop.id).where(Stop.run_id.in_(gone))
    session.flush()
    session.execute(update(Job).where(Job.stop_id.in_(on_gone)).values(stop_id=None))
    session.execute(delete(Stop).where(Stop.run_id.in_(gone)))
    session.execute(delete(Run).where(Run.id.in_(gone)))
    session.expire(batch, ["runs"])


def _lock_again(session: Session, stops: Mapping[str, Sequence[Job]], pins: Mapping[str, str]) -> None:
    ids = {job.stop_id for stop_id in pins for job in stops[stop_id]}
    session.execute(update(Stop).where(Stop.id.in_(ids)).values(is_locked=True))


def by_address(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    """Jobs of one address together, by the id of the first; those that share no hour are apart."""
    groups: dict[tuple[object, ...], list[list[Job]]] = defaultdict(list)
    for job in jobs:
        where = job.station_id or (job.address_text, job.recipient_phone)
        here = groups[(job.lat, job.lon, where)]
        fitting = (group for group in here if window([*group, job]) is not None)
        if (group := next(fitting, None)) is None:
            here.append(group := [])
        group.append(job)
    return {str(group[0].id): group for here in groups.values() for group in here}


def loads_that_fit(stops: Mapping[str, list[Job]], vehicles: Sequence[Vehicle]) -> dict[str, list[Job]]:
    """`stops`, where one that holds more than any vehicle takes at once is cut into loads, by next fit."""
    most_grams = max((vehicle.type.capacity_grams for vehicle in vehicles), default=0)
    most_cm3 = max((vehicle.type.capacity_cm3 for vehicle in vehicles), default=0)
    loads: list[list[Job]] = []
    for jobs in stops.values():
        loads.append([])
        for job in jobs:
            alike = [other for other in loads[-1] if other.kind is job.kind]
            grams = job.weight_grams + sum(other.weight_grams for other in alike)
            cm3 = job.volume_cm3 + sum(other.volume_cm3 for other in alike)
            if loads[-1] and (grams > most_grams or cm3 > most_cm3):
                loads.append([])
            loads[-1].append(job)
    return {str(load[0].id): load for load in loads}


def positions(county: County, stops: dict[str, list[Job]]) -> list[Position]:
    """The hub and then the stops: the order in which a problem's roads count them."""
    return [county.hub, *(jobs[0].position for jobs in stops.values())]


def build_problem(
    stops: Mapping[str, Sequence[Job]], vehicles: Sequence[Vehicle], roads: planner.Roads
) -> planner.Problem:
    """The day as the planner sees it: stop by stop, vehicle by vehicle, roads between their `positions`."""
    return planner.Problem(
        tuple(planned_stop(stop_id, jobs) for stop_id, jobs in stops.items()),
        tuple(_planned_vehicle(vehicle) for vehicle in vehicles),
        roads,
    )


def release_batch(
    session: Session, county_code: str, batch_id: uuid.UUID, now: datetime, plan_number: int | None = None
) -> Batch:
    """Hand the planned runs to their couriers; where `plan_number` is given, only those of that plan.

    Raises NotFound; Refused(``state.illegal_move`` | ``delivery.no_courier`` | ``delivery.plan_changed``).
    """
    batch = session.scalars(
        select(Batch).where(Batch.id == batch_id, Batch.county_code == county_code).with_for_update()
    ).one_or_none()
    if batch is None:
        raise NotFound
    if plan_number not in (None, batch.plan_number):
        raise Refused("delivery.plan_changed")
    BATCH_STATES.move(batch, BatchState.released)
    batch.released_at = now
    for run in batch.runs:
        if run.courier_id is None:
            raise Refused("delivery.no_courier", plate=run.vehicle.plate)
        RUN_STATES.move(run, RunState.released)
        for job in (job for stop in run.stops for job in stop.jobs):
            JOB_STATES.move(job, JobState.scheduled)
            event = JobScheduled(job.id, job.reference, batch.day)
            emit(session, event, now, dedupe_key=f"scheduled:{job.id}:{run.id}")
    freeze_shares(session, batch, now)
    session.flush()
    return batch


def planned_stop(stop_id: str, jobs: Sequence[Job]) -> planner.Stop:
    """All jobs of one place as one visit, in the hours that suit them all."""
    opens, closes = window(jobs) or (time.min, time.max)
    out = [job for job in jobs if job.kind is JobKind.deliver]
    back = [job for job in jobs if job.kind is JobKind.collect]
    return planner.Stop(
        stop_id,
        deliver_grams=sum(job.weight_grams for job in out),
        deliver_cm3=sum(job.volume_cm3 for job in out),
        collect_grams=sum(job.weight_grams for job in back),
        collect_cm3=sum(job.volume_cm3 for job in back),
        longest_side_mm=max(job.longest_side_mm for job in jobs),
        people=max(job.people for job in jobs),
        skills=frozenset(skill for job in jobs for skill in job.skills),
        service_seconds=STOP_SECONDS + sum(job.service_seconds for job in jobs),
        earliest=_second_of_day(opens),
        latest=_second_of_day(closes) if closes < time.max else planner.DAY_SECONDS,
    )


def _planned_vehicle(vehicle: Vehicle) -> planner.Vehicle:
    kind = vehicle.type
    return planner.Vehicle(
        str(vehicle.id),
        grams=kind.capacity_grams,
        cm3=kind.capacity_cm3,
        longest_side_mm=kind.longest_side_mm,
        people=vehicle.people,
        skills=frozenset(vehicle.skills),
        shift_start=_second_of_day(vehicle.shift_start),
        shift_end=_second_of_day(vehicle.shift_end),
        fixed_fen=kind.fixed_fen,
        fen_per_km=kind.fen_per_km,
        fen_per_hour=kind.fen_per_hour,
        regular_seconds=vehicle.regular_seconds,
        fen_per_overtime_hour=kind.fen_per_overtime_hour,
        break_seconds=vehicle.break_seconds,
        break_earliest=_second_of_day(vehicle.break_earliest),
        break_latest=_second_of_day(vehicle.break_latest),
    )


def _second_of_day(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second
