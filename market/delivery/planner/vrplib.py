"""VRPLIB instances through the same search that plans a county's day."""

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pyvrp
import vrplib
from pyvrp import ProblemData, Solution

from market.delivery.planner.search import OnProgress, search

# By which rounding the public collection compares results of each family, and by what PyVRP's integers
# exceed the costs it publishes (the mixed fleets' own costs are in hundredths).
CONVENTIONS = {
    "prizes": ("dimacs", 1),
    "windows": ("dimacs", 10),
    "mixed fleet": ("exact", 100_000),
    "capacitated": ("round", 1),
}


class PlanFileError(Exception):
    """The file cannot be read or has no feasible plan in the budget; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A solution and what it took. `peak_bytes` is the largest resident size of any one process."""

    cost: float
    routes: tuple[tuple[int, ...], ...]
    round_func: str
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


def family_of(path: Path) -> str:
    """Which of `CONVENTIONS` the instance at `path` falls under. Raises PlanFileError."""
    try:
        instance = vrplib.read_instance(path, compute_edge_weights=False)
    except (OSError, ValueError, KeyError, IndexError, RuntimeError) as error:
        raise PlanFileError(f"{path} cannot be read as a VRPLIB instance: {error}") from error
    if "prize" in instance:
        return "prizes"
    if "time_window" in instance:
        return "windows"
    mixed = {"vehicles_fixed_cost", "vehicles_unit_distance_cost"} & instance.keys()
    return "mixed fleet" if mixed else "capacitated"


def plan_file(
    path: Path,
    *,
    cpu_seconds: float,
    processes: int = 1,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> Solved:
    """Solve the instance at `path` within `cpu_seconds` over all `processes`.

    Several processes search apart, with seeds that follow `seed`, and the best of them is kept.
    Raises PlanFileError.
    """
    began, cpu_began = time.monotonic(), _cpu_seconds()
    round_func, scale = CONVENTIONS[family_of(path)]
    share = cpu_seconds / processes
    if processes == 1:
        found = [_search_file(path, round_func, time.process_time() + share, seed, on_progress)]
    else:
        work = partial(_search_file, path, round_func, share)
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(work, range(seed, seed + processes)))
    if not any(found):
        raise PlanFileError(f"No feasible plan of {path.name} was found in {cpu_seconds:g} CPU seconds.")
    objective, routes = min(solution for solution in found if solution)
    return Solved(
        cost=objective / scale,
        routes=routes,
        round_func=round_func,
        cpu_seconds=_cpu_seconds() - cpu_began,
        wall_seconds=time.monotonic() - began,
        peak_bytes=peak_bytes(),
    )


def write_solution(solved: Solved, path: Path) -> None:
    """Write `solved` in VRPLIB's solution format; an empty route keeps the place of an unused vehicle."""
    lines = [f"Route #{n}: {' '.join(map(str, route))}" for n, route in enumerate(solved.routes, start=1)]
    path.write_text("\n".join([*lines, f"Cost {solved.cost:.12g}", ""]), encoding="ascii")


def _search_file(
    path: Path, round_func: str, cpu_until: float, seed: int, on_progress: OnProgress | None = None
) -> tuple[int, tuple[tuple[int, ...], ...]] | None:
    """The objective and routes found before this process has used `cpu_until` seconds.

    None where some required stop is left.
    """
    data = pyvrp.read(path, round_func=round_func)
    best = search(data, max(cpu_until - time.process_time(), 0.01), seed, on_progress=on_progress)
    if not best.is_feasible():
        return None
    return cost_of(data, best), _routes(data, best)


def cost_of(data: ProblemData, solution: Solution) -> int:
    """The objective of a feasible solution: distance, vehicles, time, and the prizes left lying."""
    return int(pyvrp.CostEvaluator([0] * data.num_load_dimensions, 0, 0).cost(solution))


def _routes(data: ProblemData, solution: Solution) -> tuple[tuple[int, ...], ...]:
    """Stops by VRPLIB's numbers, one row per vehicle of the instance where vehicles differ."""
    if data.num_vehicle_types == 1:
        return tuple(_visits(data, route) for route in solution.routes())
    rows: list[tuple[int, ...]] = [()] * data.num_vehicles
    free = [iter(map(int, kind.name.split(","))) for kind in data.vehicle_types()]
    for route in solution.routes():
        rows[next(free[route.vehicle_type()])] = _visits(data, route)
    return tuple(rows)


def _visits(data: ProblemData, route: pyvrp.Route) -> tuple[int, ...]:
    return tuple(data.client(step.idx).location for step in route.schedule() if step.is_client())


def _cpu_seconds() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_bytes() -> int:
    """The largest resident size of this process or a child of it that has ended."""
    unit = 1 if sys.platform == "darwin" else 1024
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(peaks) * unit
