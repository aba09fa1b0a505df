"""Plan a county's day."""

from collections.abc import Callable

from pyvrp import Solution

from market.delivery.planner.check import violations
from market.delivery.planner.convert import Conversion
from market.delivery.planner.problem import Problem
from market.delivery.planner.reasons import why_never, why_not_today
from market.delivery.planner.result import Plan, Progress, Run
from market.delivery.planner.search import search

CPU_SECONDS = 20.0


class InfeasiblePlan(Exception):
    """The independent checker refused what the search returned: a defect here, never the caller's."""


def plan(
    problem: Problem,
    *,
    cpu_seconds: float = CPU_SECONDS,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """The cheapest plan found for `problem`: as many stops as their prizes are worth, each law kept."""
    never = {stop.id: why for i, stop in enumerate(problem.stops) if (why := why_never(problem, i))}
    kept = [i for i, stop in enumerate(problem.stops) if stop.id not in never]
    runs: tuple[Run, ...] = ()
    if kept:
        conversion = Conversion(problem, kept)

        def tell(share: float, best: Solution | None) -> None:
            if on_progress and best:
                missing = len(never) + len(best.unplanned())
                on_progress(Progress(share, conversion.cost_fen(best), missing))

        idle_iterations = 2_000 + 50 * len(kept)
        best = search(
            conversion.data,
            cpu_seconds,
            seed,
            idle_iterations=idle_iterations,
            load_penalties=conversion.load_penalties(),
            on_progress=tell,
        )
        runs = conversion.runs(best)
    visited = {visit.stop_id for run in runs for trip in run.trips for visit in trip.visits}
    left_out = [
        never.get(stop.id) or why_not_today(problem, i, runs)
        for i, stop in enumerate(problem.stops)
        if stop.id not in visited
    ]
    return _checked(problem, Plan(runs, tuple(left_out)))


def _checked(problem: Problem, result: Plan) -> Plan:
    broken = violations(problem, result)
    if broken:
        raise InfeasiblePlan("; ".join(broken))
    return result
