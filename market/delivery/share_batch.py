"""Find what the parties of a planned batch save by one plan, and what each bears of it."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery import planner
from market.delivery.free_vehicles import Free, free_vehicles
from market.delivery.models import Batch, BatchShare, BatchState, Job, Run, Stop, Vehicle
from market.delivery.on_day import while_free
from market.delivery.plan_batch import build_problem, planned_stop, positions
from market.delivery.planner.lower_bound import lower_bound_fen
from market.delivery.planner.shares import EXACT_PARTIES, Coalition, fair_shares
from market.delivery.shares import freeze_shares
from market.places.models import County
from market.places.roads.between import roads_between

# About so many coalitions are planned where shares are sampled: of 11 shops, errors of 6 to 15 % of a share.
SAMPLED_COALITIONS = 1_000
CPU_SECONDS, SAMPLED_CPU_SECONDS = 30.0, 60.0
CPU_SECONDS_PER_STOP = 0.3  # a large day's coalitions are large too
MOST_CPU_SECONDS = 300.0

OnProgress = Callable[[float], None]
"""Called with the part of the coalitions that is planned."""


def share_batch(
    session: Session,
    batch_id: uuid.UUID,
    now: datetime,
    on_progress: OnProgress | None = None,
    cpu_seconds: float | None = None,
) -> None:
    """Find what the planned batch costs alone, its lower bound and its shares. Once a plan.

    What each party would cost alone is planned by the planner that made the plan, over the same roads and the
    vehicles that were free when it was made. Nothing is written where the plan changed meanwhile: that plan
    has asked for its own shares.
    """
    batch = session.get_one(Batch, batch_id)
    stops = _stops(session, batch_id)
    if batch.cost_fen is None or batch.alone_fen is not None or not stops:
        return
    plan = _plan(session, batch_id)
    county = session.get_one(County, batch.county_code)
    roads = roads_between(session, county, positions(county, stops))
    free = free_vehicles(session, batch, batch.planned_at or now)
    problem = while_free(build_problem(stops, _vehicles(session, batch, free), roads), free)
    jobs = Counter(job.party for jobs in stops.values() for job in jobs)
    budget = cpu_seconds or _cpu_seconds(len(jobs), len(stops))
    orders = SAMPLED_COALITIONS // max(len(jobs) - 1, 1)
    cost = _Coalitions(problem, stops, batch.cost_fen, _count(len(jobs), orders), budget, on_progress)
    shares = fair_shares(jobs, cost, orders=orders)
    bound_fen = lower_bound_fen(problem)
    # FOR NO KEY UPDATE, and read again: whoever moved a stop or released the batch did not wait for this.
    session.refresh(batch, with_for_update={"key_share": True})
    if batch.alone_fen is not None or _plan(session, batch_id) != plan:
        return
    session.add_all(
        BatchShare(
            batch_id=batch_id,
            party=share.party,
            jobs=jobs[share.party],
            alone_fen=share.alone_fen,
            share_fen=share.share_fen,
            error_fen=share.error_fen,
        )
        for share in shares
    )
    batch.alone_fen, batch.lower_bound_fen = sum(share.alone_fen for share in shares), bound_fen
    session.flush()
    if batch.state is not BatchState.planned:
        freeze_shares(session, batch, now)


class _Coalitions:
    """What serving only some parties' jobs costs, each planned once within its part of the budget."""

    def __init__(
        self,
        problem: planner.Problem,
        stops: Mapping[str, Sequence[Job]],
        whole_fen: int,
        count: int,
        cpu_seconds: float,
        on_progress: OnProgress | None,
    ) -> None:
        self._problem, self._stops = problem, list(stops.items())
        self._everyone = frozenset(job.party for jobs in stops.values() for job in jobs)
        self._known = {self._everyone: whole_fen}
        self._count, self._cpu_seconds, self._on_progress = count, cpu_seconds, on_progress

    def __call__(self, some: Coalition) -> int:
        """Fen for the jobs of `some`.

        Never above a larger coalition's that was asked before: its plan, without the others' stops, serves
        these too. That also stands in for a search that ended without a place for each stop.
        """
        if some not in self._known:
            most = min(fen for known, fen in self._known.items() if some < known)
            planned = planner.plan(self._only(some), cpu_seconds=self._budget(some))
            self._known[some] = most if planned.left_out else min(most, planned.cost_fen)
            if self._on_progress:
                self._on_progress(min(1.0, (len(self._known) - 1) / self._count))
        return self._known[some]

    def _only(self, some: Coalition) -> planner.Problem:
        theirs = [
            (place, stop_id, [job for job in jobs if job.party in some])
            for place, (stop_id, jobs) in enumerate(self._stops)
        ]
        kept = [(place, planned_stop(stop_id, jobs)) for place, stop_id, jobs in theirs if jobs]
        fewer = self._problem.with_stops([place for place, _ in kept])
        return replace(fewer, stops=tuple(stop for _, stop in kept))

    def _budget(self, some: Coalition) -> float:
        """CPU seconds by the coalition's stops, of which the average coalition has half."""
        visited = sum(any(job.party in some for job in jobs) for _, jobs in self._stops)
        return 2 * self._cpu_seconds / self._count * visited / len(self._stops)


def _cpu_seconds(parties: int, stops: int) -> float:
    least = CPU_SECONDS if parties <= EXACT_PARTIES else SAMPLED_CPU_SECONDS
    return min(max(least, CPU_SECONDS_PER_STOP * stops), MOST_CPU_SECONDS)


def _count(parties: int, orders: int) -> int:
    """How many coalitions are planned: all but nobody and everyone, or those that the orders come to."""
    return max(1, 2**parties - 2 if parties <= EXACT_PARTIES else orders * (parties - 1) + parties)


def _stops(session: Session, batch_id: uuid.UUID) -> dict[str, list[Job]]:
    """The jobs that the plan carries, by stop."""
    found = session.scalars(
        select(Job).join(Job.stop).join(Stop.run).where(Run.batch_id == batch_id).order_by(Job.id)
    )
    stops: dict[str, list[Job]] = {}
    for job in found:
        stops.setdefault(str(job.stop_id), []).append(job)
    return stops


def _plan(session: Session, batch_id: uuid.UUID) -> Sequence[object]:
    """What another plan would not have in common: who stops where, and at what cost."""
    return session.execute(
        select(Stop.id, Stop.run_id, Stop.sequence, Run.cost_fen, Batch.cost_fen)
        .join(Stop.run)
        .join(Run.batch)
        .where(Batch.id == batch_id)
        .order_by(Stop.id)
    ).all()


def _vehicles(session: Session, batch: Batch, free: Sequence[Free]) -> list[Vehicle]:
    """Those that are free, and those of the plan that have gone out of service since."""
    used = session.scalars(select(Vehicle).join(Run).where(Run.batch_id == batch.id))
    known = {vehicle.plate: vehicle for vehicle in (*used, *(it.vehicle for it in free))}
    return [known[plate] for plate in sorted(known)]
