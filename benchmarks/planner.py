"""Our planner beside plain PyVRP on VRPLIB instances: ``python benchmarks/planner.py DIRECTORY [options]``.

Each `.vrp` file with its best-known `.sol` beside it is solved by both with the same CPU seconds and seed;
the table gives the gap to the best known cost, CPU and wall seconds, and the peak memory of the process.
"""

import argparse
import json
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

SOLVERS = ("planner", "pyvrp")


def solve(solver: str, path: Path, cpu_seconds: float, seed: int) -> dict[str, float | None]:
    """One run in this process: cost (None where nothing feasible was found), seconds and peak bytes."""
    began, cpu_began = time.monotonic(), time.process_time()
    cost: float | None = None
    if solver == "planner":
        try:
            cost = plan_file(path, cpu_seconds=cpu_seconds, seed=seed).cost
        except PlanFileError:
            cost = None
    else:
        round_func, scale = CONVENTIONS[family_of(path)]
        data = pyvrp.read(path, round_func=round_func)
        result = pyvrp.solve(data, _until(cpu_began + cpu_seconds), seed=seed, collect_stats=False)
        cost = cost_of(data, result.best) / scale if result.is_feasible() else None
    return {
        "cost": cost,
        "cpu_seconds": time.process_time() - cpu_began,
        "wall_seconds": time.monotonic() - began,
        "peak_bytes": peak_bytes(),
    }


def _until(cpu_until: float) -> Callable[[int], bool]:
    """PyVRP's own criterion counts wall seconds, which a busy machine makes worth less."""
    return lambda _: time.process_time() >= cpu_until


def in_own_process(solver: str, path: Path, cpu_seconds: float, seed: int) -> dict[str, float | None]:
    """`solve` in a fresh process, so that memory is each run's own."""
    command = [sys.executable, __file__, str(path), "--solver", solver]
    command += ["--cpu-seconds", str(cpu_seconds), "--seed", str(seed)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    found: dict[str, float | None] = json.loads(answer.stdout)
    return found


def table(directory: Path, cpu_seconds: float, seed: int) -> None:
    """Print a Markdown table, row by row as it comes."""
    print("| instance | best known | solver | cost | gap | CPU s | wall s | peak MB |")
    print("|---|---:|---|---:|---:|---:|---:|---:|")
    for path in sorted(directory.glob("*.vrp")):
        best = vrplib.read_solution(path.with_suffix(".sol"))
        known = float(best.get("cost") or best["cost:"])
        for solver in SOLVERS:
            run = in_own_process(solver, path, cpu_seconds, seed)
            cost, cpu, wall, peak = (
                run[key] for key in ("cost", "cpu_seconds", "wall_seconds", "peak_bytes")
            )
            said = f"{cost:.12g} | {cost / known - 1:.2%}" if cost else "none | –"
            row = (
                f"| {path.stem} | {known:g} | {solver} | {said} | {cpu:.0f} | {wall:.0f} | {peak / 1e6:.0f} |"
            )
            print(row, flush=True)


def main() -> None:
    """Solve one file for our own use, or print the table of a directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--cpu-seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--solver", choices=SOLVERS, help="solve one file and print JSON")
    chosen = parser.parse_args()
    if chosen.solver:
        print(json.dumps(solve(chosen.solver, chosen.path, chosen.cpu_seconds, chosen.seed)))
    else:
        table(chosen.path, chosen.cpu_seconds, chosen.seed)


if __name__ == "__main__":
    main()
