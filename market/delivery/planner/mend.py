"""Days too large for one search: regions are planned apart, then mended where they meet.

POPMUSIC (Taillard and Voss 2002): around a seed, the runs that pass near it are taken as a part and searched
again from what stands. A part that got better makes its runs seeds once more; the end is reached when no
seed brings anything, or the budget is used. Every part is a problem of its own, so each constraint is kept
in each. Parts that share no vehicle are searched at the same time, as many as the pool is wide.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic, thread_time

import numpy as np

from market.delivery.planner.pool import Pool, Solved, Task
from market.delivery.planner.problem import Problem, Rows, Vehicle
from market.delivery.planner.regions import cut, deal, landmark_times, neighbors
from market.delivery.planner.result import Run
from market.delivery.planner.solve import OnBest

PART_STOPS = 400  # measured against 120 and 250: larger parts left out less and cost less
PART_CPU_SECONDS = 3.0
NEIGHBORS = 120
FIRST_SHARE = 0.5  # of the budget is for the first plans of the regions
TELL_SECONDS = 2.0  # so often at least somebody who watches hears how far it is
IDLE_VEHICLES = 2  # of each kind, offered to a part


def plan_by_regions(
    problem: Problem, cpu_seconds: float, seed: int, pool: Pool, on_best: OnBest | None = None
) -> tuple[Run, ...]:
    """Runs for `problem` in about `cpu_seconds`, wherever spent. Some vehicle can serve each stop."""
    return _Day(problem, cpu_seconds, seed, pool, on_best).planned()


@dataclass(frozen=True, slots=True)
class _Part:
    """Places of stops and of vehicles, and what those vehicles do so far."""

    stops: Rows
    vehicles: list[int]
    runs: tuple[Run, ...] = ()


class _Day:
    """What stands so far, and who is at work on which part of it."""

    def __init__(
        self, problem: Problem, cpu_seconds: float, seed: int, pool: Pool, on_best: OnBest | None
    ) -> None:
        self._problem, self._budget, self._pool, self._on_best = problem, cpu_seconds, pool, on_best
        self._began, self._used = thread_time(), 0.0
        self._dice = np.random.default_rng(seed)
        self._points = landmark_times(problem)
        self._near = neighbors(self._points, NEIGHBORS)
        self._stop_places = {stop.id: place for place, stop in enumerate(problem.stops)}
        self._vehicle_places = {vehicle.id: place for place, vehicle in enumerate(problem.vehicles)}
        self._runs: dict[int, Run] = {}
        self._vehicle_of = np.full(len(problem.stops), -1)
        self._busy: set[int] = set()  # vehicles, and then stops, that somebody is at work on
        self._taken = np.zeros(len(problem.stops), dtype=bool)
        self._kinds = [replace(vehicle, id="") for vehicle in problem.vehicles]
        self._seeds: OrderedDict[int, int] = OrderedDict()

    def planned(self) -> tuple[Run, ...]:
        """Regions first, then what lies around each seed."""
        regions = cut(self._points, PART_STOPS)
        parts = [_Part(s, v) for s, v in zip(regions, deal(self._problem, regions), strict=True) if v]
        first = self._budget * FIRST_SHARE / max(len(parts), 1)
        self._search(partial(next, iter(parts), None), first)
        self._seed(range(len(self._problem.stops)))
        self._search(self._next_part, PART_CPU_SECONDS)
        return tuple(run for _, run in sorted(self._runs.items()))

    def _search(self, next_part: Callable[[], _Part | None], cpu_seconds: float) -> None:
        at_work: dict[Future[Solved], _Part] = {}
        begun: dict[Future[Solved], float] = {}
        while True:
            while len(at_work) < self._pool.width and (part := next_part()):
                self._busy.update(part.vehicles)
                self._taken[part.stops] = True
                problem = self._problem.part(part.stops.tolist(), part.vehicles)
                task = Task(problem, part.runs, cpu_seconds, int(self._dice.integers(2**31)))
                future = self._pool.submit(task)
                at_work[future], begun[future] = part, monotonic()
            if not at_work:
                return
            done = wait(at_work, TELL_SECONDS, FIRST_COMPLETED).done
            for future in done:
                runs, used = future.result()
                self._used += used
                self._keep(at_work.pop(future), runs)
            self._tell(sum(min(cpu_seconds, monotonic() - begun[future]) for future in at_work))

    def _keep(self, part: _Part, runs: tuple[Run, ...]) -> None:
        """Put what came back in the place of what stood, where that is better."""
        self._busy.difference_update(part.vehicles)
        self._taken[part.stops] = False
        if self._worth(runs) > self._worth(part.runs):
            for vehicle in part.vehicles:
                self._runs.pop(vehicle, None)
            self._vehicle_of[part.stops] = -1
            for run in runs:
                vehicle = self._vehicle_places[run.vehicle_id]
                self._runs[vehicle] = run
                self._vehicle_of[self._places(run)] = vehicle
            before = set(part.runs)
            changed = [place for run in runs if run not in before for place in self._places(run)]
            self._seed([*changed, *part.stops[self._vehicle_of[part.stops] < 0]])

    def _tell(self, under_way_seconds: float) -> None:
        """What stands, and how much of the budget is used, with what is under way elsewhere by the clock."""
        if self._on_best:
            cost_fen = sum(run.cost_fen for run in self._runs.values())
            share = min(1.0, (self._cpu_seconds() + under_way_seconds) / self._budget)
            self._on_best(share, cost_fen, int((self._vehicle_of < 0).sum()))

    def _worth(self, runs: Sequence[Run]) -> int:
        """The prizes that `runs` bring, less what they cost."""
        visited = sum(self._problem.stops[place].prize_fen for run in runs for place in self._places(run))
        return visited - sum(run.cost_fen for run in runs)

    def _places(self, run: Run) -> list[int]:
        return [self._stop_places[visit.stop_id] for trip in run.trips for visit in trip.visits]

    def _seed(self, stops: Iterable[int]) -> None:
        """One stop of each run at random, and each that is on none, become seeds; lonely ones go first."""
        shuffled = self._dice.permutation(np.fromiter(stops, dtype=np.int64))
        for stop in shuffled.tolist():
            if (vehicle := int(self._vehicle_of[stop])) < 0:
                self._seeds.setdefault(-1 - stop, stop)
                self._seeds.move_to_end(-1 - stop, last=False)
            else:
                self._seeds.setdefault(vehicle, stop)

    def _next_part(self) -> _Part | None:
        """The runs and lonely stops around the next seed that nobody is at work on."""
        if self._cpu_seconds() >= self._budget:
            return None
        for key, stop in list(self._seeds.items()):
            if not self._taken[stop]:
                del self._seeds[key]
                part = self._around(stop)
                if part.vehicles:
                    return part
        return None

    def _around(self, seed: int) -> _Part:
        vehicles: dict[int, None] = {}
        stops: list[int] = []
        for near in self._near[seed].tolist():
            vehicle = int(self._vehicle_of[near])
            if vehicle in vehicles or self._taken[near]:
                continue
            joining = [near] if vehicle < 0 else self._places(self._runs[vehicle])
            if stops and len(stops) + len(joining) > PART_STOPS:
                break
            stops += joining
            if vehicle >= 0:
                vehicles[vehicle] = None
        runs = tuple(self._runs[vehicle] for vehicle in vehicles)
        return _Part(np.sort(stops), sorted([*vehicles, *self._idle()]), runs)

    def _idle(self) -> list[int]:
        """Some vehicles of each kind that stand at the hub."""
        found: Counter[Vehicle] = Counter()
        idle = []
        for place, kind in enumerate(self._kinds):
            if place not in self._runs and place not in self._busy and found[kind] < IDLE_VEHICLES:
                found[kind] += 1
                idle.append(place)
        return idle

    def _cpu_seconds(self) -> float:
        return thread_time() - self._began + self._used
