"""Plan a county's day."""

from collections.abc import Callable
from dataclasses import replace

from market.delivery.planner.check import violations
from market.delivery.planner.pool import Here, Pool
from market.delivery.planner.problem import Problem
from market.delivery.planner.reasons import why_never, why_not_today
from market.delivery.planner.result import Plan, Progress, Run

ONE_SEARCH_STOPS = 150  # below, mending brought nothing in the mean
CPU_SECONDS = 20.0
CPU_SECONDS_PER_STOP = 0.05


class InfeasiblePlan(Exception):
    """The independent checker refused what the search returned: a defect here, never the caller's."""


def plan(
    problem: Problem,
    *,
    cpu_seconds: float | None = None,
    seed: int = 0,
    pool: Pool | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """The cheapest plan found for `problem`: as many stops as their prizes are worth, each law kept.

    `cpu_seconds` count wherever they are spent, and are what usually suffices unless given. Only a day that
    is too large for one search uses the `pool`.
    """
    # The solvers load for seconds, and most who import this module never plan.
    from market.delivery.planner.mend import plan_by_regions
    from market.delivery.planner.solve import solve

    if cpu_seconds is None:
        cpu_seconds = max(CPU_SECONDS, CPU_SECONDS_PER_STOP * len(problem.stops))
    out, home = (seconds.tolist() for seconds in problem.to_hub_and_back())
    kinds = {replace(vehicle, id="") for vehicle in problem.vehicles}
    never = {
        stop.id: why
        for i, stop in enumerate(problem.stops)
        if (why := why_never(stop, kinds, out[i], home[i]))
    }
    kept = [i for i, stop in enumerate(problem.stops) if stop.id not in never]

    def tell(share: float, cost_fen: int, lonely: int) -> None:
        if on_progress:
            on_progress(Progress(share, cost_fen, len(never) + lonely))

    runs: tuple[Run, ...] = ()
    if len(kept) > ONE_SEARCH_STOPS:
        runs = plan_by_regions(problem.with_stops(kept), cpu_seconds, seed, pool or Here(), tell)
    elif kept:
        one = problem.part(kept, range(len(problem.vehicles)))
        runs, _ = solve(one, cpu_seconds, seed, idle_iterations=2_000 + 50 * len(kept), on_best=tell)
    visited = {visit.stop_id for run in runs for trip in run.trips for visit in trip.visits}
    driven = {run.vehicle_id: run for run in runs}
    left_out = [
        never.get(stop.id) or why_not_today(stop, problem.vehicles, driven, out[i], home[i])
        for i, stop in enumerate(problem.stops)
        if stop.id not in visited
    ]
    return _checked(problem, Plan(runs, tuple(left_out)))


def _checked(problem: Problem, result: Plan) -> Plan:
    broken = violations(problem, result)
    if broken:
        raise InfeasiblePlan("; ".join(broken))
    return result
