"""OR-tools' routing solver on a VRPLIB instance, for the benchmark's table only (`pip install -e .[bench]`).

Its own time limit counts wall seconds, so it is stopped by the CPU seconds of its process instead.
"""

import math
import time
from pathlib import Path
from typing import Any

from market.delivery.planner.check_routes import ROUND, broken_rules, cost
from market.delivery.planner.instances import read_fields

LONGEST_ROUTE = 2**40


def solve_by_ortools(path: Path, round_func: str, cpu_seconds: float) -> int | None:
    """The objective found, read by our checker; None for what is not set up here, or found infeasible."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    cpu_until = time.process_time() + cpu_seconds
    fields = read_fields(path)
    if {"vehicles_fixed_cost", "backhaul"} & fields.keys() or "node_coord" not in fields:
        return None
    rounded, size = ROUND[round_func], fields["dimension"]
    vehicles = int(fields.get("vehicles", math.ceil(1.1 * sum(fields["demand"]) / fields["capacity"]) + 5))
    manager = pywrapcp.RoutingIndexManager(size, vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)
    node = manager.IndexToNode
    points = [tuple(map(float, point)) for point in fields["node_coord"]]
    demand = [int(load) for load in fields["demand"]]

    def way(here: int, there: int) -> int:
        return rounded(math.dist(points[node(here)], points[node(there)]))

    ways = routing.RegisterTransitCallback(way)
    routing.SetArcCostEvaluatorOfAllVehicles(ways)
    loads = routing.RegisterUnaryTransitCallback(lambda here: demand[node(here)])
    routing.AddDimension(loads, 0, int(fields["capacity"]), True, "load")
    if "time_window" in fields:
        _add_windows(routing, manager, fields, rounded, way)
    for stop in range(1, size):
        if "prize" in fields and fields["prize"][stop] > 0:
            routing.AddDisjunction([manager.NodeToIndex(stop)], rounded(float(fields["prize"][stop])))
    chosen = pywrapcp.DefaultRoutingSearchParameters()
    chosen.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    chosen.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    chosen.time_limit.seconds = math.ceil(50 * cpu_seconds)  # guided local search asks for some limit
    routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: time.process_time() >= cpu_until))
    answer = routing.SolveWithParameters(chosen)
    routes = _routes(routing, manager, answer, vehicles) if answer else []
    return None if broken_rules(fields, round_func, routes) else cost(fields, round_func, routes)


def _add_windows(routing: Any, manager: Any, fields: dict[str, Any], rounded: Any, way: Any) -> None:
    single = fields.get("service_time", 0)
    service = [0] + [rounded(float(single if not hasattr(single, "__len__") else single[stop]))
                     for stop in range(1, fields["dimension"])]  # fmt: skip

    def lasts(here: int, there: int) -> int:
        return way(here, there) + service[manager.IndexToNode(here)]

    routing.AddDimension(routing.RegisterTransitCallback(lasts), LONGEST_ROUTE, LONGEST_ROUTE, False, "time")
    clock = routing.GetDimensionOrDie("time")
    windows = [tuple(map(rounded, map(float, window))) for window in fields["time_window"]]
    for stop in range(1, fields["dimension"]):
        clock.CumulVar(manager.NodeToIndex(stop)).SetRange(*windows[stop])
    for vehicle in range(routing.vehicles()):
        clock.CumulVar(routing.Start(vehicle)).SetRange(*windows[0])
        clock.CumulVar(routing.End(vehicle)).SetRange(*windows[0])


def _routes(routing: Any, manager: Any, answer: Any, vehicles: int) -> list[list[int]]:
    routes = []
    for vehicle in range(vehicles):
        route, here = [], answer.Value(routing.NextVar(routing.Start(vehicle)))
        while not routing.IsEnd(here):
            route.append(manager.IndexToNode(here))
            here = answer.Value(routing.NextVar(here))
        routes.append(route)
    return routes
