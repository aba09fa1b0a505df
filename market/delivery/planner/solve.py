"""One search over one problem, from what stands or from nothing: runs in, runs out."""

import time
from collections.abc import Callable, Sequence

from pyvrp import Solution

from market.delivery.planner.convert import Conversion
from market.delivery.planner.problem import Problem
from market.delivery.planner.result import Run
from market.delivery.planner.search import search

OnBest = Callable[[float, int, int], None]
"""Called with the share of the budget used, the cost in fen and the number of stops on no run."""


def solve(
    problem: Problem,
    cpu_seconds: float,
    seed: int,
    *,
    start: Sequence[Run] = (),
    idle_iterations: float,
    on_best: OnBest | None = None,
) -> tuple[tuple[Run, ...], float]:
    """The best runs found, never worse than `start`, and the CPU seconds of this thread that it took.

    Every stop has to be one that some vehicle can serve.
    """
    began = time.thread_time()
    conversion = Conversion(problem)

    def tell(share: float, best: Solution | None) -> None:
        if on_best and best:
            on_best(share, conversion.cost_fen(best), len(best.unplanned()))

    best = search(
        conversion.data,
        cpu_seconds,
        seed,
        idle_iterations=idle_iterations,
        load_penalties=conversion.load_penalties(),
        on_progress=tell,
        start=conversion.solution(start) if start else None,
    )
    return conversion.runs(best), time.thread_time() - began
