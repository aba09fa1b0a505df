"""Checks routes through a VRPLIB instance: it reads the file's fields and no search's data.

Row i of `routes` is driven by the file's vehicle i, where its vehicles differ.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

Fields = dict[str, Any]
Routes = Sequence[Sequence[int]]
Rounding = Callable[[float], int]
ROUND: dict[str, Rounding] = {
    "round": lambda value: math.floor(value + 0.5),
    "dimacs": lambda value: int(10 * value),
    "exact": lambda value: math.floor(1_000 * value + 0.5),
}


def broken_rules(fields: Fields, round_func: str, routes: Routes) -> list[str]:
    """Sentences, one for each rule that the routes break."""
    misplaced = list(_each_once(fields, routes))
    return misplaced or [*_vehicles(fields, routes), *_in_time(fields, round_func, routes)]


def cost(fields: Fields, round_func: str, routes: Routes) -> int:
    """The objective: what the vehicles and their ways cost, and the prizes left lying."""
    rounded = ROUND[round_func]
    total = 0
    for vehicle, route in enumerate(routes):
        if len(route):
            unit = _of(fields, "vehicles_unit_distance_cost", vehicle, 1)
            length = sum(way for way, _ in _ways(fields, rounded, route))
            total += rounded(_of(fields, "vehicles_fixed_cost", vehicle, 0)) + int(unit) * length
    visited = {stop for route in routes for stop in route}
    prizes = fields.get("prize", [])
    return total + sum(rounded(prizes[stop]) for stop in range(1, len(prizes)) if stop not in visited)


def _each_once(fields: Fields, routes: Routes) -> Iterator[str]:
    times = Counter(stop for route in routes for stop in route)
    for stop in range(1, fields["dimension"]):
        optional = "prize" in fields and fields["prize"][stop] > 0
        if times[stop] > 1 or (times[stop] < 1 and not optional):
            yield f"stop {stop} is visited {times[stop]} times"
    if not times.keys() <= set(range(1, fields["dimension"])):
        yield "a stop is not of this instance"


def _vehicles(fields: Fields, routes: Routes) -> Iterator[str]:
    demand = fields["demand"] if "demand" in fields else fields["linehaul"]
    backhaul = fields.get("backhaul", np.zeros(len(demand)))
    if sum(1 for route in routes if len(route)) > fields.get("vehicles", len(demand)):
        yield "there are more routes than vehicles"
    for vehicle, route in enumerate(routes):
        load = most = sum(demand[stop] for stop in route)
        for stop in route:
            load += backhaul[stop] - demand[stop]
            most = max(most, load)
        if most > _of(fields, "capacity", vehicle, math.inf):
            yield f"vehicle {vehicle} is overloaded"
        collects = [bool(backhaul[stop] > 0) for stop in route]
        if fields.get("type") == "VRPB" and (collects != sorted(collects) or collects[:1] == [True]):
            yield f"vehicle {vehicle} collects before it has delivered"


def _in_time(fields: Fields, round_func: str, routes: Routes) -> Iterator[str]:
    if "time_window" not in fields:
        return
    rounded = ROUND[round_func]
    windows = fields["time_window"]
    for vehicle, route in enumerate(routes):
        clock = rounded(windows[0][0])
        for way, stop in _ways(fields, rounded, route):
            clock = max(clock + way, rounded(windows[stop][0]))
            if clock > rounded(windows[stop][1]):
                yield f"vehicle {vehicle} is late at {stop}"
            clock += rounded(_of(fields, "service_time", stop, 0)) if stop else 0


def _ways(fields: Fields, rounded: Rounding, route: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each way of the route, with where it leads; the last leads to the hub."""
    here = 0
    for stop in (*route, 0):
        if "edge_weight" in fields:
            yield rounded(fields["edge_weight"][here][stop]), stop
        else:
            yield rounded(math.dist(fields["node_coord"][here], fields["node_coord"][stop])), stop
        here = stop


def _of(fields: Fields, name: str, index: int, otherwise: float) -> float:
    """The field's value at `index`, or its only value."""
    value = np.asarray(fields.get(name, otherwise), dtype=float)
    return float(value if value.ndim == 0 else value[index])
