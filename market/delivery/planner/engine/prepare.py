"""From an instance to the arrays of the search, and back to routes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from market.delivery.planner.engine.instance import REQUIRED, Instance, Kind
from market.delivery.planner.engine.layout import (
    ABSENT,
    BEFORE,
    COUNTERS,
    EARLY,
    FIELDS,
    LATE,
    NEXT,
    OPEN,
    ROUTE,
    State,
    Task,
)  # fmt: skip
from market.delivery.planner.engine.neighbors import nearest

FAR_FUTURE = 2**30
SPARE_ROUTES = 30


def make_task(instance: Instance, neighbors: int, routes: int) -> Task:
    """The task of `instance`, with rows for `routes` routes."""
    stops = instance.stops
    place = np.concatenate([np.arange(stops + 1), np.zeros(routes, np.int64)])

    def spread(values: NDArray[np.int64] | None, otherwise: int, kind: type = np.int32) -> NDArray[np.int64]:
        own = np.full(stops + 1, otherwise) if values is None else values
        return own[place].astype(kind)

    near = nearest(instance, neighbors)
    one = np.repeat(np.arange(stops + 1), near.shape[1])
    near_way = _shorter(instance, one, near.ravel()).reshape(near.shape)
    kinds = sorted(instance.kinds, key=lambda kind: kind.room)
    kind_room, kind_fixed, kind_unit = (
        np.array([getattr(kind, field) for kind in kinds], dtype=np.int64)
        for field in ("room", "fixed", "unit")
    )
    collects = instance.collect is not None and bool(instance.collect.any())
    matrix = np.zeros((0, 0), np.int64) if instance.matrix is None else instance.matrix
    return Task(
        xy=np.ascontiguousarray(instance.xy[place]),
        half=instance.half,
        matrix=matrix.astype(np.int32),
        place=place.astype(np.int32),
        near=near.astype(np.int32),
        near_way=near_way.astype(np.int32),
        hub_way=_shorter(instance, np.zeros(stops + 1, np.int64), np.arange(stops + 1)).astype(np.int32),
        demand=spread(instance.demand, 0),
        collect=spread(instance.collect, 0),
        service=spread(instance.service, 0),
        opens=spread(instance.opens, 0),
        closes=spread(instance.closes, FAR_FUTURE),
        prize=spread(instance.prize, REQUIRED, np.int64),
        kind_room=kind_room,
        kind_fixed=kind_fixed,
        kind_unit=kind_unit,
        stops=stops,
        routes=routes,
        room=max(kind.room for kind in kinds),
        windowed=instance.closes is not None,
        prized=instance.prize is not None or routes == instance.vehicles,
        mixed=len(kinds) > 1 or kinds[0] != Kind(kinds[0].room),
        collects=collects,
        ordered=instance.ordered,
    )


def _shorter(instance: Instance, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of the ways there and back the shorter."""
    there = instance.ways(one, other)
    return there if instance.matrix is None else np.minimum(there, instance.ways(other, one))


def make_state(task: Task, seed: int) -> State:
    """A plan without a stop, all of them absent."""
    size = task.stops + 1 + task.routes
    rows = np.zeros((size, FIELDS), np.int32)
    rows[: task.stops + 1, ROUTE] = ABSENT
    own = np.arange(task.stops + 1, size)
    rows[own, NEXT] = rows[own, BEFORE] = own
    rows[own, EARLY], rows[own, LATE] = task.opens[own], task.closes[own]
    rows[own, ROUTE] = np.arange(task.routes)
    count = np.zeros(COUNTERS, np.int64)
    count[OPEN] = task.routes
    best = np.full(size, ABSENT, np.int64)
    best[own] = own
    return State(
        rows=rows,
        stamp=np.zeros(size, np.int64),
        log=np.zeros((size, FIELDS), np.int32),
        logged=np.zeros(size, np.int64),
        ruined=np.zeros(task.routes, np.int64),
        gap=np.zeros(task.routes, np.int64),
        price=np.zeros(task.routes, np.int64),
        open=np.arange(task.routes)[::-1].copy(),
        is_open=np.ones(task.routes, np.bool_),
        held=np.zeros(task.stops + 1, np.int64),
        key=np.zeros(task.stops + 1, np.float64),
        best=best,
        dirty=np.zeros(size, np.int64),
        is_dirty=np.zeros(size, np.bool_),
        count=count,
        dice=np.array([seed * 2 + 1], np.uint64),
    )


def routes_of(task: Task, best: NDArray[np.int64]) -> list[list[int]]:
    """The routes of the best plan, in their rows' order, without empty ones."""
    after = best.tolist()
    routes = []
    for own in range(task.stops + 1, task.stops + 1 + task.routes):
        route, here = [], after[own]
        while here != own:
            route.append(here)
            here = after[here]
        if route:
            routes.append(route)
    return routes


def set_start(task: Task, state: State, routes: Sequence[Sequence[int]]) -> None:
    """Write the first plan to where the search takes it from: route i on the i-th row of routes."""
    for row, route in enumerate(routes, start=task.stops + 1):
        state.best[[row, *route]] = [*route, row]
