"""Solve an instance: a first plan, then ruin and recreate until the budget is used."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from market.delivery.planner.engine.anneal import anneal
from market.delivery.planner.engine.instance import REQUIRED, Instance, Kind
from market.delivery.planner.engine.layout import BEST, COST, FROM_BEFORE, LENGTH, SIZE, TO_NEXT, State, Task
from market.delivery.planner.engine.neighbors import by_place
from market.delivery.planner.engine.prepare import SPARE_ROUTES, make_state, make_task, routes_of, set_start
from market.delivery.planner.engine.start import savings

SLICE_SECONDS = 0.1
SLICES = 20  # at least so often a run of few rounds is cooled


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the search goes about it."""

    neighbors: int = 50
    warmth: float = 5.0  # first temperature, in mean costs of a way between stops
    cooled: float = 0.01  # last temperature, as a share of the first
    mean_removed: float = 10.0
    longest: float = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan: its cost with the prizes left lying, and its routes by the instance's rows."""

    cost: int
    routes: tuple[tuple[int, ...], ...]
    rounds: int


OnProgress = Callable[[float, int], None]
"""Called with the share of the budget used and the cost of the best plan so far."""


def solve(
    instance: Instance,
    *,
    cpu_seconds: float = math.inf,
    rounds: float = math.inf,
    seed: int = 0,
    start: Sequence[Sequence[int]] | None = None,
    tuning: Tuning | None = None,
    on_progress: OnProgress | None = None,
) -> Found:
    """The best plan within `cpu_seconds` of this thread, or within `rounds`, which makes it repeatable."""
    tuning = tuning or Tuning()
    compiled()
    began = time.thread_time()
    order = np.concatenate([[0], by_place(instance)])
    inner = _reordered(instance, order)
    task, state = _first(inner, tuning, seed, start and _renumbered(start, order))
    done, share, slice_rounds = 0, 0.0, max(min(1_000, int(min(rounds, 1e6)) // SLICES), 1)
    while share < 1.0:
        hot, limit = _scale(task, state, tuning)
        warmth = hot * tuning.cooled**share
        todo = int(min(slice_rounds, rounds - done))
        before = time.thread_time()
        anneal(task, state, todo, warmth, tuning.mean_removed, limit)
        now = time.thread_time()
        done += todo
        share = max((now - began) / cpu_seconds, done / rounds)
        if math.isinf(rounds):
            left = max(cpu_seconds - (now - began), 1e-3)
            slice_rounds = max(int(todo * min(SLICE_SECONDS, left) / max(now - before, 1e-4)), 1)
        if on_progress:
            on_progress(min(share, 1.0), int(state.count[BEST]))
    routes = routes_of(task, state.best)
    return Found(int(state.count[BEST]), tuple(tuple(int(order[s]) for s in route) for route in routes), done)


@cache
def compiled() -> None:
    """Have the search compiled, or read from the cache, once in this process."""
    two = Instance(np.zeros((3, 2)), np.array([0, 1, 1]), (Kind(1),), 2)
    _first(two, Tuning(), 0, None)


def _first(
    instance: Instance, tuning: Tuning, seed: int, start: Sequence[Sequence[int]] | None
) -> tuple[Task, State]:
    """The task, and a state that holds a first plan."""
    plain = instance.closes is None and instance.collect is None and len(instance.kinds) == 1
    if start is None and plain:
        task = make_task(instance, max(tuning.neighbors, 60), 0)
        start = savings(instance.demand, task.room, task.near, task.near_way, task.hub_way)
    expected = len(start) if start else instance.stops
    count = min(instance.vehicles, expected + expected // 10 + SPARE_ROUTES)
    task = make_task(instance, tuning.neighbors, count)
    state = make_state(task, seed)
    set_start(task, state, (start or [])[:count])
    anneal(task, state, 0, 0.0, 0.0, 0.0)
    if state.count[COST] >= REQUIRED:
        # Someone blinked, or the vehicles do not suffice: whoever is left out is called again and again.
        task = task._replace(prized=True)
    return task, state


def _scale(task: Task, state: State, tuning: Tuning) -> tuple[float, float]:
    """The first temperature for the plan as it is, and the longest string."""
    own = state.rows[task.stops + 1 :]
    used = max(int((own[:, SIZE] > 0).sum()), 1)
    stops = max(int(own[:, SIZE].sum()), 1)
    between = own[:, LENGTH].sum() - own[:, TO_NEXT].sum() - own[:, FROM_BEFORE].sum()
    # Routes of one stop each, or none as yet, tell nothing of ways between stops.
    few = float(task.near_way.sum()) / max(task.near_way.size, 1)
    mean_way = float(between) / (stops - used) if stops > used else few
    mean_cost = max(mean_way, 1.0) * float(task.kind_unit.mean())
    return tuning.warmth * mean_cost, min(tuning.longest, max(stops / used, 1.0))


def _reordered(instance: Instance, order: NDArray[np.int64]) -> Instance:
    fields = ("xy", "demand", "collect", "service", "opens", "closes", "prize")
    moved = {name: value[order] for name in fields if (value := getattr(instance, name)) is not None}
    if instance.matrix is not None:
        moved["matrix"] = instance.matrix[np.ix_(order, order)]
    return replace(instance, **moved)


def _renumbered(routes: Sequence[Sequence[int]], order: NDArray[np.int64]) -> list[list[int]]:
    inverse = np.argsort(order)
    return [[int(inverse[stop]) for stop in route] for route in routes]
