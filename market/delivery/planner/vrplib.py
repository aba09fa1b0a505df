"""VRPLIB instances through our own engine, or through PyVRP where a file has a rule that the engine lacks."""

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import pyvrp
from pyvrp import ProblemData, Solution

from market.delivery.planner.check_routes import broken_rules, cost
from market.delivery.planner.engine.instance import REQUIRED, Instance
from market.delivery.planner.instances import Fields, as_instance, read_fields, rows_of_vehicles
from market.delivery.planner.plan import InfeasiblePlan
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
    """A solution and what it took. `peak_bytes` is the largest resident size of any one process.

    `compile_seconds`, CPU seconds outside the budget and part of `cpu_seconds`, arise only after the search
    has changed, or where its compiled form cannot be kept.
    """

    cost: float
    routes: tuple[tuple[int, ...], ...]
    round_func: str
    cpu_seconds: float
    compile_seconds: float
    wall_seconds: float
    peak_bytes: int


def family_of(path: Path) -> str:
    """Which of `CONVENTIONS` the instance at `path` falls under. Raises PlanFileError."""
    return _family(_fields(path))


def _fields(path: Path) -> Fields:
    try:
        return read_fields(path)
    except (OSError, ValueError, KeyError, IndexError, RuntimeError) as error:
        raise PlanFileError(f"{path} cannot be read as a VRPLIB instance: {error}") from error


def _family(fields: Fields) -> str:
    if "prize" in fields:
        return "prizes"
    if "time_window" in fields:
        return "windows"
    mixed = {"vehicles_fixed_cost", "vehicles_unit_distance_cost"} & fields.keys()
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
    began, cpu_began, cpu_started = time.monotonic(), _cpu_seconds(), time.process_time()
    fields = _fields(path)
    round_func, scale = CONVENTIONS[_family(fields)]
    if on_progress:
        on_progress(0.0, None)
    compile_seconds = _compiled() if _as_instance(fields, round_func) else 0.0
    share = cpu_seconds / processes
    if processes == 1:
        # What was used until now, reading and importing, belongs to the budget; compiling does not.
        found = [_search_file(path, cpu_started + share + compile_seconds, seed, on_progress)]
    else:
        work = partial(_search_file, path, share)
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
        compile_seconds=compile_seconds,
        wall_seconds=time.monotonic() - began,
        peak_bytes=peak_bytes(),
    )


def write_solution(solved: Solved, path: Path) -> None:
    """Write `solved` in VRPLIB's solution format; an empty route keeps the place of an unused vehicle."""
    lines = [f"Route #{n}: {' '.join(map(str, route))}" for n, route in enumerate(solved.routes, start=1)]
    path.write_text("\n".join([*lines, f"Cost {solved.cost:.12g}", ""]), encoding="ascii")


_Answer = tuple[int, tuple[tuple[int, ...], ...]]


def _search_file(
    path: Path, cpu_until: float, seed: int, on_progress: OnProgress | None = None
) -> _Answer | None:
    """The objective and routes found before this process has used `cpu_until` seconds.

    None where some required stop is left.
    """
    fields = _fields(path)
    round_func, _ = CONVENTIONS[_family(fields)]
    instance = _as_instance(fields, round_func)
    if instance:
        return _by_ruin(fields, round_func, instance, cpu_until, seed, on_progress)
    return _by_pyvrp(path, round_func, cpu_until, seed, on_progress)


def _as_instance(fields: Fields, round_func: str) -> Instance | None:
    """What our engine can solve; None also where Numba has no wheel."""
    return as_instance(fields, round_func) if find_spec("numba") else None


def _compiled() -> float:
    """Compile the search before its budget begins, and once for all processes."""
    from market.delivery.planner.engine.solve import compiled  # heavy: Numba

    began = time.process_time()
    compiled()
    return time.process_time() - began


def _by_ruin(
    fields: Fields,
    round_func: str,
    instance: Instance,
    cpu_until: float,
    seed: int,
    on_progress: OnProgress | None,
) -> _Answer | None:
    """By our own engine, whose answer the independent checker has read."""
    from market.delivery.planner.engine.solve import solve  # heavy: Numba

    def tell(share: float, _cost: int) -> None:
        if on_progress:
            on_progress(share, None)

    found = solve(instance, cpu_seconds=_left(cpu_until), seed=seed, on_progress=tell)
    if found.cost >= REQUIRED:
        return None
    routes = rows_of_vehicles(fields, round_func, instance, found.routes)
    broken = broken_rules(fields, round_func, routes)
    if broken or cost(fields, round_func, routes) != found.cost:
        raise InfeasiblePlan("; ".join(broken) or "the plan states a wrong cost")
    return found.cost, routes


def _by_pyvrp(
    path: Path, round_func: str, cpu_until: float, seed: int, on_progress: OnProgress | None
) -> _Answer | None:
    data = pyvrp.read(path, round_func=round_func)
    best = search(data, _left(cpu_until), seed, on_progress=on_progress)
    return (cost_of(data, best), _routes(data, best)) if best.is_feasible() else None


def _left(cpu_until: float) -> float:
    return max(cpu_until - time.process_time(), 0.01)


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
