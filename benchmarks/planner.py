"""Our planner beside plain PyVRP and OR-tools: ``python -m benchmarks.planner DIRECTORY``.

Each VRPLIB file is solved by each with the same CPU seconds and seeds; the table gives the median cost, its
gap to the best known where a `.sol` beside the file states it, CPU and wall seconds, and the peak memory. CPU
seconds are those of the whole process, reading included; what compiling took (once after an install) stands
beside them. OR-tools has a row where it is installed, and no seed.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyvrp
import vrplib

from market.delivery.planner.vrplib import (
    CONVENTIONS,
    PlanFileError,
    cost_of,
    family_of,
    peak_bytes,
    plan_file,
)

SOLVERS = ("planner", "two processes", "pyvrp", "ortools")
Figures = dict[str, float | None]


def solve(solver: str, path: Path, cpu_seconds: float, seed: int) -> Figures:
    """One run in this process: cost (None where nothing feasible was found), seconds and peak bytes."""
    began, cpu_began = time.monotonic(), time.process_time()
    round_func, scale = CONVENTIONS[family_of(path)]
    compiling, cpu = 0.0, None
    cost: float | None = None
    if solver in ("planner", "two processes"):
        processes = 1 if solver == "planner" else 2
        try:
            solved = plan_file(path, cpu_seconds=cpu_seconds, seed=seed, processes=processes)
            cost, compiling, cpu = solved.cost, solved.compile_seconds, solved.cpu_seconds
        except PlanFileError:
            cost = None
    elif solver == "pyvrp":
        data = pyvrp.read(path, round_func=round_func)
        result = pyvrp.solve(
            data, _until(cpu_began + cpu_seconds), seed=seed, collect_stats=False, display=False
        )
        cost = cost_of(data, result.best) / scale if result.is_feasible() else None
    else:
        from benchmarks.ortools_solver import solve_by_ortools  # heavy, and perhaps absent

        found = solve_by_ortools(path, round_func, cpu_seconds)
        cost = None if found is None else found / scale
    return {
        "cost": cost,
        "cpu_seconds": (cpu or time.process_time() - cpu_began) - compiling,
        "compile_seconds": compiling,
        "wall_seconds": time.monotonic() - began,
        "peak_bytes": peak_bytes(),
    }


def _until(cpu_until: float) -> Callable[[int], bool]:
    """PyVRP's own criterion counts wall seconds, which a busy machine makes worth less."""
    return lambda _: time.process_time() >= cpu_until


def in_own_process(solver: str, path: Path, cpu_seconds: float, seed: int) -> Figures:
    """`solve` in a fresh process, so that memory is each run's own."""
    command = [sys.executable, "-m", "benchmarks.planner", str(path), "--solver", solver]
    command += ["--cpu-seconds", str(cpu_seconds), "--seed", str(seed)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    found: Figures = json.loads(answer.stdout.splitlines()[-1])
    return found


def row(path: Path, solver: str, runs: list[Figures]) -> str:
    """A line of the table: the median cost of `runs`, None counting as the dearest, and other means."""
    known = best_known(path)
    costs = [run["cost"] or float("inf") for run in runs]
    median = statistics.median_high(costs)
    stated = f"{known:g}" if known else "–"
    gap = f"{median / known - 1:.2%}" if known and median < float("inf") else "–"
    said = f"{median:.12g} | {gap}" if median < float("inf") else "none | –"
    cpu, compiling, wall, peak = (
        statistics.mean(run[key] or 0.0 for run in runs)
        for key in ("cpu_seconds", "compile_seconds", "wall_seconds", "peak_bytes")
    )
    figures = f"{cpu:.0f} | {compiling:.1f} | {wall:.0f} | {peak / 1e6:.0f} |"
    return f"| {path.stem} | {stated} | {solver} | {len(runs)} | {said} | {figures}"


def best_known(path: Path) -> float | None:
    """The cost that the solution beside the instance states, None where there is none."""
    if not path.with_suffix(".sol").exists():
        return None
    best = vrplib.read_solution(path.with_suffix(".sol"))
    return float(best.get("cost") or best["cost:"])


def table(paths: list[Path], cpu_seconds: float, seeds: range, solvers: list[str]) -> None:
    """Print a Markdown table, row by row as it comes."""
    columns = "instance | best known | solver | seeds | cost | gap | CPU s | compile s | wall s | peak MB"
    print(f"| {columns} |")
    print("|---|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for path in paths:
        for solver in solvers:
            chosen = seeds[:1] if solver == "ortools" else seeds
            runs = [in_own_process(solver, path, cpu_seconds, seed) for seed in chosen]
            print(row(path, solver, runs), flush=True)


def main() -> None:
    """Solve one file for our own use, or print the table of a directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="a directory, or one .vrp file")
    parser.add_argument("--cpu-seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=3, help="how many, from --seed on")
    parser.add_argument("--solvers", nargs="+", choices=SOLVERS, default=_installed())
    parser.add_argument("--solver", choices=SOLVERS, help="solve one file and print JSON")
    chosen = parser.parse_args()
    if chosen.solver:
        print(json.dumps(solve(chosen.solver, chosen.path, chosen.cpu_seconds, chosen.seed)))
        return
    paths = [chosen.path] if chosen.path.is_file() else sorted(chosen.path.glob("*.vrp"))
    table(paths, chosen.cpu_seconds, range(chosen.seed, chosen.seed + chosen.seeds), chosen.solvers)


def _installed() -> list[str]:
    return [solver for solver in SOLVERS if solver != "ortools" or importlib.util.find_spec("ortools")]


if __name__ == "__main__":
    main()
