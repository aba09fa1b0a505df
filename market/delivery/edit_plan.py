"""Change a plan before its release: see what a change costs and breaks, save, lock, plan again."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from market.delivery.draft import Change, Draft, MoveRun, changed, touched
from market.delivery.events import BatchClosed
from market.delivery.free_vehicles import Free, free_vehicles
from market.delivery.keep_run import keep_run
from market.delivery.models import (
    BATCH_STATES,
    Batch,
    BatchProgress,
    BatchState,
    Job,
    JobState,
    Run,
    Stop,
    Vehicle,
)
from market.delivery.on_day import on_day
from market.delivery.plan_batch import build_problem, by_address, loads_that_fit, positions
from market.delivery.planner import Plan, Problem
from market.delivery.planner import Run as PlannedRun
from market.delivery.planner.check import violations
from market.delivery.planner.timing import Trips
from market.delivery.queries import left_out_of
from market.delivery.shares import ask_for_shares, drop_shares
from market.delivery.timetable import Broken, broken_rules, timed
from market.delivery.waiting import TAKEN_OUT, leave_out, take_in
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.places.models import County
from market.places.roads.between import roads_between


@dataclass(frozen=True, slots=True)
class Desk:
    """A planned batch as it lies before the operator.

    `jobs` are by stop: of a stop that is planned by the stop's own id, of one left out by its first job's.
    """

    batch: Batch
    county: County
    vehicles: tuple[Vehicle, ...]
    free: tuple[Free, ...]
    draft: Draft
    rows: Mapping[str, Stop]
    jobs: Mapping[str, Sequence[Job]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do: the runs anew, by vehicle, the cost, and every rule that they break."""

    draft: Draft
    problem: Problem
    runs: Mapping[str, PlannedRun]
    cost_before_fen: int
    cost_after_fen: int
    broken: tuple[Broken, ...]


def lay_out(session: Session, county_code: str, batch_id: uuid.UUID, now: datetime) -> Desk:
    """The county's planned batch, to be changed. Raises NotFound; Refused(``delivery.not_planned``)."""
    batch = session.scalar(select(Batch).where(Batch.id == batch_id, Batch.county_code == county_code))
    if batch is None:
        raise NotFound
    return _desk(session, batch, now)


def left_out_stops(session: Session, batch: Batch) -> dict[str, list[Job]]:
    """What the plan left out, address by address, in loads that one of the county's vehicles takes."""
    of_county = Vehicle.county_code == batch.county_code, Vehicle.active
    vehicles = session.scalars(select(Vehicle).where(*of_county)).all()
    return loads_that_fit(by_address(left_out_of(session, batch.id)), vehicles)


def preview(session: Session, desk: Desk, change: Change) -> Preview:
    """What `change` would do, every rule checked; nothing is changed.

    Raises NotFound for a stop or vehicle that is not on the desk; Refused as `draft.changed`, and
    ``delivery.locked`` for what is locked.
    """
    _check_known(desk, change)
    _check_unlocked(desk, change)
    draft = changed(desk.draft, change)
    ids = touched(desk.draft, change)
    problem = _problem(session, desk, draft, ids)
    runs = {vehicle: timed(problem, vehicle, draft[vehicle]) for vehicle in ids if vehicle in draft}
    before = sum(run.cost_fen for run in desk.batch.runs)
    kept = sum(run.cost_fen for run in desk.batch.runs if str(run.vehicle_id) not in ids)
    return Preview(
        draft,
        problem,
        runs,
        before,
        kept + sum(run.cost_fen for run in runs.values()),
        tuple(broken for run in runs.values() for broken in broken_rules(problem, run)),
    )


def change_plan(
    session: Session,
    county_code: str,
    batch_id: uuid.UUID,
    plan_number: int,
    change: Change,
    now: datetime,
) -> Batch:
    """The batch with `change`, made to the plan of that number.

    Raises NotFound; Refused as `preview`, ``delivery.plan_changed`` where somebody was faster,
    ``delivery.planning`` while another of the county's batches is planned or changed,
    ``delivery.plan_infeasible`` where a rule would be broken.
    """
    batch = _locked(session, county_code, batch_id, plan_number)
    own = select(County).where(County.code == county_code)
    if session.scalar(own.with_for_update(key_share=True, skip_locked=True)) is None:
        raise Refused("delivery.planning")
    desk = _desk(session, batch, now)
    then = preview(session, desk, change)
    if then.broken or violations(then.problem, Plan(tuple(then.runs.values()), ())):
        raise Refused("delivery.plan_infeasible")
    _write(session, desk, then, touched(desk.draft, change))
    desk.batch.cost_fen = then.cost_after_fen
    desk.batch.plan_number += 1
    ask_for_shares(session, desk.batch, now)
    session.expire(desk.batch)
    return desk.batch


def lock_run(session: Session, county_code: str, run_id: uuid.UUID, locked: bool) -> Run:
    """Let planning again leave the run as it is, or no longer. Raises NotFound, Refused as `lay_out`."""
    found = session.scalar(select(Run).join(Run.batch).where(Run.id == run_id, _of(county_code)))
    if found is None:
        raise NotFound
    _locked(session, county_code, found.batch_id, None)
    found.is_locked = locked
    session.flush()
    return found


def lock_stop(session: Session, county_code: str, stop_id: uuid.UUID, locked: bool) -> Stop:
    """Let planning again leave the stop on its vehicle, or no longer. Raises as `lock_run`."""
    of_county = select(Stop).join(Stop.run).join(Run.batch).where(_of(county_code))
    found = session.scalar(of_county.where(Stop.id == stop_id))
    if found is None:
        raise NotFound
    _locked(session, county_code, found.run.batch_id, None)
    found.is_locked = locked
    session.flush()
    return found


def plan_again(
    session: Session, county_code: str, batch_id: uuid.UUID, plan_number: int, now: datetime
) -> Batch:
    """Have all that is not locked planned once more, with what the plan left out.

    Raises NotFound; Refused: ``delivery.not_planned``, ``delivery.plan_changed``.
    """
    batch = _locked(session, county_code, batch_id, plan_number)
    for job in left_out_of(session, batch.id):
        take_in(job, batch.id)
    BATCH_STATES.move(batch, BatchState.closed)
    drop_shares(session, batch)
    session.execute(delete(BatchProgress).where(BatchProgress.batch_id == batch.id))
    session.flush()
    emit(session, BatchClosed(batch.id), now, dedupe_key=f"batch_closed:{batch.id}:{batch.plan_number}")
    return batch


def _of(county_code: str):  # type: ignore[no-untyped-def]  # SQLAlchemy's own annotation is enough
    return Batch.county_code == county_code


def _locked(session: Session, county_code: str, batch_id: uuid.UUID, plan_number: int | None) -> Batch:
    """The planned batch, then its runs, then its jobs: in the order of whoever drives or cancels them."""
    own = select(Batch).where(Batch.id == batch_id, _of(county_code)).with_for_update()
    batch = session.scalars(own.execution_options(populate_existing=True)).one_or_none()
    if batch is None:
        raise NotFound
    if batch.state is not BatchState.planned:
        raise Refused("delivery.not_planned")
    if plan_number is not None and batch.plan_number != plan_number:
        raise Refused("delivery.plan_changed")
    runs = select(Run).where(Run.batch_id == batch.id).order_by(Run.id)
    session.scalars(runs.with_for_update(of=Run).execution_options(populate_existing=True)).all()
    jobs = select(Job).where((Job.batch_id == batch.id) | (Job.left_out_of == batch.id)).order_by(Job.id)
    session.scalars(jobs.with_for_update().execution_options(populate_existing=True)).all()
    return batch


def _desk(session: Session, batch: Batch, now: datetime) -> Desk:
    if batch.state is not BatchState.planned:
        raise Refused("delivery.not_planned")
    rows = {str(stop.id): stop for run in batch.runs for stop in run.stops if stop.jobs}
    jobs = {stop_id: list(stop.jobs) for stop_id, stop in rows.items()}
    jobs |= left_out_stops(session, batch)
    free = free_vehicles(session, batch, now)
    used = [run.vehicle for run in batch.runs if run.vehicle not in {it.vehicle for it in free}]
    vehicles = tuple(sorted([*(it.vehicle for it in free), *used], key=lambda vehicle: vehicle.plate))
    county = session.get_one(County, batch.county_code)
    draft = {str(run.vehicle_id): _trips(run) for run in batch.runs}
    kept = {vehicle: trips for vehicle, trips in draft.items() if trips}
    return Desk(batch, county, vehicles, tuple(free), kept, rows, jobs)


def _trips(run: Run) -> Trips:
    """The run's stops that have something left to do, trip by trip."""
    stops = [stop for stop in run.stops if stop.jobs]
    return tuple(
        tuple(str(stop.id) for stop in stops if stop.trip == trip)
        for trip in sorted({stop.trip for stop in stops})
    )


def _check_known(desk: Desk, change: Change) -> None:
    vehicles = {str(vehicle.id) for vehicle in desk.vehicles}
    if isinstance(change, MoveRun):
        is_known = {change.from_id, change.to_id} <= vehicles
    else:
        is_known = change.stop_id in desk.jobs and touched(desk.draft, change) <= vehicles
    if not is_known:
        raise NotFound


def _check_unlocked(desk: Desk, change: Change) -> None:
    ids = touched(desk.draft, change)
    runs = [run for run in desk.batch.runs if str(run.vehicle_id) in ids]
    if isinstance(change, MoveRun):
        stops: Iterable[Stop] = (stop for run in runs for stop in run.stops)
    else:
        stops = (row for stop_id, row in desk.rows.items() if stop_id == change.stop_id)
    if any(run.is_locked for run in runs) or any(stop.is_locked for stop in stops):
        raise Refused("delivery.locked")


def _problem(session: Session, desk: Desk, draft: Draft, vehicle_ids: Iterable[str]) -> Problem:
    """What is to be timed: the vehicles whose runs change, with the stops that they then have."""
    ids = set(vehicle_ids)
    on_runs = {it for vehicle in ids for trip in draft.get(vehicle, ()) for it in trip}
    jobs = {stop_id: list(its) for stop_id, its in desk.jobs.items() if stop_id in on_runs}
    vehicles = [vehicle for vehicle in desk.vehicles if str(vehicle.id) in ids]
    roads = roads_between(session, desk.county, positions(desk.county, jobs))
    problem = build_problem(jobs, vehicles, roads)
    return on_day(problem, jobs, desk.batch.day, desk.free)


def _write(session: Session, desk: Desk, then: Preview, vehicle_ids: Iterable[str]) -> None:
    batch, ids = desk.batch, {uuid.UUID(vehicle_id) for vehicle_id in vehicle_ids}
    affected = [run for run in batch.runs if run.vehicle_id in ids]
    # Out of the way first: a run has each number once, at every moment.
    aside = update(Stop).where(Stop.run_id.in_([run.id for run in affected])).values(sequence=-Stop.sequence)
    session.execute(aside)
    placed = {stop_id for trips in then.draft.values() for trip in trips for stop_id in trip}
    for stop_id, jobs in desk.jobs.items():
        for job in jobs:
            if stop_id in placed and job.state is JobState.ready:
                take_in(job, batch.id)
            elif stop_id not in placed and job.state is JobState.batched:
                leave_out(job, batch.id, TAKEN_OUT)
    for planned in then.runs.values():
        keep_run(session, batch, planned, desk.jobs, desk.rows)
    session.flush()
    run_ids = [run.id for run in affected]
    session.execute(delete(Stop).where(Stop.run_id.in_(run_ids), Stop.sequence < 0))
    session.execute(delete(Run).where(Run.id.in_(run_ids), ~Run.stops.any()))
    session.expire_all()
