"""Plan a closed batch over the county's vehicles, and release what was planned."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery import planner
from market.delivery.events import JobScheduled
from market.delivery.models import (
    BATCH_STATES,
    JOB_STATES,
    RUN_STATES,
    Batch,
    BatchState,
    Courier,
    Job,
    JobKind,
    JobState,
    Run,
    RunState,
    Stop,
    StopState,
    Vehicle,
)
from market.delivery.shares import ask_for_shares, freeze_shares
from market.kernel.clock import at
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.places.models import County
from market.places.rules import Position, road_meters, road_seconds

CPU_SECONDS = 20.0
STOP_SECONDS = 300  # to park, find the person and unload; an estimate
OnProgress = Callable[[planner.Progress], None]


def plan_batch(
    session: Session,
    batch_id: uuid.UUID,
    now: datetime,
    on_progress: OnProgress | None = None,
    cpu_seconds: float = CPU_SECONDS,
) -> None:
    """Plan the batch once. Jobs that no run takes go back to waiting for the next, with the reason.

    A batch that is not closed, or planned before, is left alone.
    """
    # FOR NO KEY UPDATE: pages may go on referring to the batch while it is planned.
    batch = session.get_one(Batch, batch_id, with_for_update={"key_share": True})
    if batch.state is not BatchState.closed:
        return
    of_batch = select(Job).where(Job.batch_id == batch_id, Job.state == JobState.batched).order_by(Job.id)
    stops = by_address(session.scalars(of_batch))
    county = session.get_one(County, batch.county_code)
    vehicles = _vehicles(session, batch.county_code)
    problem = build_problem(county, stops, vehicles)
    plan = planner.plan(problem, cpu_seconds=cpu_seconds, seed=0, on_progress=on_progress)
    # Planning takes its time, and whoever canceled meanwhile did not wait for it.
    still = set(session.scalars(of_batch.with_for_update().execution_options(populate_existing=True)))
    stops = {stop_id: [job for job in jobs if job in still] for stop_id, jobs in stops.items()}
    for run in plan.runs:
        _keep_run(session, batch, run, stops)
    for out in plan.left_out:
        for job in stops[out.stop_id]:
            JOB_STATES.move(job, JobState.ready)
            job.batch_id, job.reason = None, out.reason
    batch.cost_fen, batch.planned_at = plan.cost_fen, now
    BATCH_STATES.move(batch, BatchState.planned)
    session.flush()
    session.refresh(batch, ["runs"])
    if batch.runs:
        ask_for_shares(session, batch, now)
    else:
        BATCH_STATES.move(batch, BatchState.done)
        session.flush()


def by_address(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    """Jobs of one address together, by the id of the first."""
    groups: dict[tuple[object, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        where = job.station_id or (job.address_text, job.recipient_phone)
        groups[(job.lat, job.lon, where)].append(job)
    return {str(group[0].id): group for group in groups.values()}


def build_problem(
    county: County, stops: Mapping[str, Sequence[Job]], vehicles: Sequence[Vehicle]
) -> planner.Problem:
    """The day as the planner sees it: stop by stop, vehicle by vehicle, roads between them."""
    hub = Position(county.hub_lat, county.hub_lon, county.hub_position_source)
    points = [hub, *(jobs[0].position for jobs in stops.values())]
    return planner.Problem(
        tuple(planned_stop(stop_id, jobs) for stop_id, jobs in stops.items()),
        tuple(_planned_vehicle(vehicle) for vehicle in vehicles),
        planner.Matrices(
            _matrix(points, lambda a, b: road_meters(county, a, b)),
            _matrix(points, lambda a, b: road_seconds(county, a, b)),
        ),
    )


def release_batch(session: Session, county_code: str, batch_id: uuid.UUID, now: datetime) -> Batch:
    """Hand the planned runs to their couriers.

    Raises NotFound; Refused(``state.illegal_move`` | ``delivery.no_courier``).
    """
    batch = session.scalars(
        select(Batch).where(Batch.id == batch_id, Batch.county_code == county_code).with_for_update()
    ).one_or_none()
    if batch is None:
        raise NotFound
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


def _vehicles(session: Session, county_code: str) -> list[Vehicle]:
    return list(
        session.scalars(
            select(Vehicle).where(Vehicle.county_code == county_code, Vehicle.active).order_by(Vehicle.plate)
        )
    )


def planned_stop(stop_id: str, jobs: Sequence[Job]) -> planner.Stop:
    """All jobs of one place as one visit."""
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
    )


def _second_of_day(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _matrix(points: Sequence[Position], measure: Callable[[Position, Position], int]) -> NDArray[np.int64]:
    rows = [[0 if a is b else measure(a, b) for b in points] for a in points]
    return np.array(rows, dtype=np.int64)


def _keep_run(session: Session, batch: Batch, planned: planner.Run, stops: dict[str, list[Job]]) -> None:
    visits = [
        (number, visit)
        for number, trip in enumerate(planned.trips, 1)
        for visit in trip.visits
        if stops[visit.stop_id]
    ]
    if not visits:
        return
    midnight = at(batch.day, time())
    vehicle_id = uuid.UUID(planned.vehicle_id)
    run = Run(
        id=new_id(),
        batch_id=batch.id,
        vehicle_id=vehicle_id,
        courier_id=session.scalar(select(Courier.id).where(Courier.vehicle_id == vehicle_id)),
        state=RunState.planned,
        depart_at=midnight + timedelta(seconds=planned.trips[0].depart),
        return_at=midnight + timedelta(seconds=planned.trips[-1].return_at),
        meters=planned.meters,
        seconds=planned.seconds,
        cost_fen=planned.cost_fen,
    )
    session.add(run)
    for sequence, (trip, visit) in enumerate(visits, 1):
        stop = Stop(
            id=new_id(),
            run_id=run.id,
            trip=trip,
            sequence=sequence,
            state=StopState.pending,
            arrive_at=midnight + timedelta(seconds=visit.arrive),
            leave_at=midnight + timedelta(seconds=visit.leave),
        )
        session.add(stop)
        session.flush()
        for job in stops[visit.stop_id]:
            job.stop_id = stop.id
