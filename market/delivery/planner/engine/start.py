"""A first plan: savings between neighbors (Clarke and Wright 1964)."""

import numpy as np
from numpy.typing import NDArray

from market.delivery.planner.engine.jit import entry, jit
from market.delivery.planner.engine.layout import Array


@jit
def _root(parent: Array, stop: int) -> int:
    while parent[stop] != stop:
        parent[stop] = parent[parent[stop]]
        stop = parent[stop]
    return stop


@entry
def _join(one: Array, other: Array, room: int, link: Array, parent: Array, load: Array) -> None:
    """Set `link` (rows, 2), 0 where a route ends, joining the pairs in their order where the load allows."""
    for at in range(one.shape[0]):
        a, b = one[at], other[at]
        if link[a, 1] or link[b, 1]:
            continue
        first, second = _root(parent, a), _root(parent, b)
        if first == second or load[first] + load[second] > room:
            continue
        parent[second] = first
        load[first] += load[second]
        link[a, 1 if link[a, 0] else 0] = b
        link[b, 1 if link[b, 0] else 0] = a


def savings(
    demand: NDArray[np.int64],
    room: int,
    near: NDArray[np.int32],
    near_way: NDArray[np.int32],
    hub_way: NDArray[np.int32],
) -> list[list[int]]:
    """Routes that take every stop, made by the largest savings first."""
    stops = len(demand) - 1
    one = np.repeat(np.arange(1, stops + 1), near.shape[1])
    other = near[1:].ravel().astype(np.int64)
    saved = hub_way[one] + hub_way[other] - near_way[1:].ravel()
    order = np.argsort(-saved, kind="stable")
    order = order[saved[order] > 0]
    link = np.zeros((stops + 1, 2), np.int64)
    _join(one[order], other[order], room, link, np.arange(stops + 1), demand.copy())
    return _walk(link)


def _walk(link: NDArray[np.int64]) -> list[list[int]]:
    routes, seen = [], np.zeros(len(link), dtype=bool)
    for end in range(1, len(link)):
        if seen[end] or link[end, 1]:
            continue
        route, before, here = [], 0, end
        while here:
            route.append(here)
            seen[here] = True
            before, here = here, int(link[here, 0] if link[here, 0] != before else link[here, 1])
        routes.append(route)
    return routes
