"""The search itself: PyVRP within a budget of CPU seconds, and never an infeasible answer."""

import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pyvrp import (
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    PenaltyParams,
    ProblemData,
    Solution,
    SolveParams,
    solve,
)
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearch

PROGRESS_SECONDS = 0.5

OnProgress = Callable[[float, Solution | None], None]
"""Called with the share of the budget used and the best feasible solution so far."""


class _Penalties(PenaltyParams):
    """PyVRP's penalties, with a first value of our own for each unit of overload.

    Its own first value lets no stop into a vehicle that is full, and a second trip is only ever opened for a
    vehicle that is: measured on days that need reloads, days lacked up to half of what they could carry.
    """

    def __init__(self, per_load_unit: Sequence[float]) -> None:
        super().__init__()
        self._per_load_unit = per_load_unit

    def midpoint_penalties(self, data: ProblemData) -> tuple[list[float], float, float]:
        """The first penalties: per unit of load, of time and of distance."""
        _, duration, distance = super().midpoint_penalties(data)
        return list(self._per_load_unit), duration, distance


@dataclass
class _Watch(IteratedLocalSearchCallbacks):
    """Stops the search, and tells how far it is. CPU time of this thread counts, not the neighbours'."""

    cpu_seconds: float
    idle_iterations: float
    on_progress: OnProgress | None
    began: float = field(default_factory=time.thread_time)
    told_at: float = 0.0
    idle: int = 0
    best: Solution | None = None

    def on_start(self, ils: IteratedLocalSearch) -> None:
        first = ils.initial_solution
        self.best = first if first.is_feasible() else None

    def on_best(self, best: Solution) -> None:
        self.best, self.idle = best, 0

    def __call__(self, best_cost: int) -> bool:
        self.idle += 1
        share = (time.thread_time() - self.began) / self.cpu_seconds
        if self.on_progress and time.monotonic() - self.told_at >= PROGRESS_SECONDS:
            self.told_at = time.monotonic()
            self.on_progress(min(share, 1.0), self.best)
        return share >= 1.0 or self.idle > self.idle_iterations


def search(
    data: ProblemData,
    cpu_seconds: float,
    seed: int,
    *,
    idle_iterations: float = math.inf,
    load_penalties: Sequence[float] | None = None,
    on_progress: OnProgress | None = None,
    start: Solution | None = None,
) -> Solution:
    """The best solution found in `cpu_seconds`, or before that once `idle_iterations` brought nothing better.

    It begins at `start` where that is given, and is then no worse.

    Where PyVRP ends on an infeasible solution, only its feasible routes are kept: what is left then lacks the
    stops of the others, which the caller finds in ``unplanned()``.
    """
    watch = _Watch(cpu_seconds, idle_iterations, on_progress)
    penalty = _Penalties(load_penalties) if load_penalties else PenaltyParams()
    params = SolveParams(ils=IteratedLocalSearchParams(callbacks=watch), penalty=penalty)
    with warnings.catch_warnings():
        # That the search struggles shows in its answer; the caller says it in a sentence.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        best = solve(
            data,
            watch,
            seed=seed,
            collect_stats=False,
            display=False,
            params=params,
            initial_solution=start,
        ).best
    if best.is_feasible():
        return best
    return Solution(data, [route for route in best.routes() if route.is_feasible()])
