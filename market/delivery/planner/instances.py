"""VRPLIB files as instances of our own engine, without a matrix where positions say the same."""

from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import vrplib
from numpy.typing import NDArray

from market.delivery.planner.engine.instance import REQUIRED, Instance, Kind

# By what a family's rounding multiplies, and what it adds before it cuts the fraction.
ROUNDING = {"round": (1, 0.5), "dimacs": (10, 0.0), "exact": (1_000, 0.5)}
# What the engine knows of VRPLIB's fields; an instance that says more is PyVRP's.
KNOWN = {
    "name", "comment", "type", "dimension", "vehicles", "capacity", "edge_weight_type", "edge_weight_format",
    "node_coord_type", "node_coord", "edge_weight", "demand", "linehaul", "depot", "service_time",
    "time_window", "prize", "backhaul", "vehicles_fixed_cost", "vehicles_unit_distance_cost",
}  # fmt: skip

Fields = dict[str, Any]
Scaling = Callable[[Any], NDArray[np.int64]]


def read_fields(path: Path) -> Fields:
    """The fields of the file at `path`, with its positions but no matrix made of them."""
    return dict(vrplib.read_instance(path, compute_edge_weights=False))


def as_instance(fields: Fields, round_func: str) -> Instance | None:
    """The instance under the family's rounding, or None where it has a rule that the engine lacks."""
    if not _is_known(fields):
        return None
    scale, half = ROUNDING[round_func]
    scaled = _scaling(round_func)
    kinds = _kinds(fields, _per_vehicle(fields, scaled))
    if kinds is None:
        return None
    demand = scaled(fields["demand"] if "demand" in fields else fields["linehaul"])
    windows = fields.get("time_window")
    service = np.broadcast_to(np.asarray(fields.get("service_time", 0), dtype=float), len(demand)).copy()
    if np.isscalar(fields.get("service_time", 0)):
        service[0] = 0  # one figure for all stops; the hub is none
    return Instance(
        xy=np.asarray(fields.get("node_coord", np.zeros((len(demand), 2))), dtype=float) * scale,
        matrix=scaled(fields["edge_weight"]) if "edge_weight" in fields else None,
        collect=scaled(fields["backhaul"]) if "backhaul" in fields else None,
        ordered=fields.get("type") == "VRPB",
        half=half,
        demand=demand,
        kinds=kinds,
        vehicles=int(fields.get("vehicles", len(demand) - 1)),
        service=None if windows is None else scaled(service),
        opens=None if windows is None else scaled(windows[:, 0]),
        closes=None if windows is None else scaled(windows[:, 1]),
        prize=_prizes(scaled(fields["prize"])) if "prize" in fields else None,
    )


def rows_of_vehicles(
    fields: Fields, round_func: str, instance: Instance, routes: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    """The routes; where vehicles differ, one row per vehicle of the file, each route on its cheapest kind."""
    if len(instance.kinds) == 1:
        return tuple(map(tuple, routes))
    vehicles = _per_vehicle(fields, _scaling(round_func))
    free = {kind: iter(np.flatnonzero((vehicles == astuple(kind)).all(axis=1))) for kind in instance.kinds}
    rows: list[tuple[int, ...]] = [()] * len(vehicles)
    for route in routes:
        rows[next(free[instance.cheapest_kind(route)])] = tuple(route)
    return tuple(rows)


def _scaling(round_func: str) -> Scaling:
    scale, half = ROUNDING[round_func]

    def scaled(values: Any) -> NDArray[np.int64]:
        return np.asarray(np.floor(np.asarray(values, dtype=float) * scale + half), dtype=np.int64)

    return scaled


def _is_known(fields: Fields) -> bool:
    units = np.asarray(fields.get("vehicles_unit_distance_cost", 1), dtype=float)
    whole = bool((units == np.rint(units)).all())
    by_position = fields.get("edge_weight_type") == "EUC_2D" and "node_coord" in fields
    with_ways = by_position or "edge_weight" in fields
    one_hub = list(np.atleast_1d(fields.get("depot", 0))) == [0]
    loads = np.asarray(fields.get("demand", fields.get("linehaul", 0)))
    one_load = "capacity" in fields and loads.ndim == 1
    return whole and with_ways and one_hub and one_load and fields.keys() <= KNOWN


def _per_vehicle(fields: Fields, scaled: Scaling) -> NDArray[np.int64]:
    """Room, fixed cost and cost of a unit of way of each vehicle: one row for all where they are alike."""
    columns = (
        scaled(fields["capacity"]),
        scaled(fields.get("vehicles_fixed_cost", 0)),
        np.asarray(fields.get("vehicles_unit_distance_cost", 1), dtype=np.int64),
    )
    return np.stack([np.atleast_1d(column) for column in np.broadcast_arrays(*columns)], axis=-1)


def _kinds(fields: Fields, vehicles: NDArray[np.int64]) -> tuple[Kind, ...] | None:
    """The kinds of vehicles; None where one of several kinds may run out."""
    kinds, numbers = np.unique(vehicles, axis=0, return_counts=True)
    if len(kinds) > 1 and numbers.min() < int(fields["dimension"]) - 1:
        return None
    return tuple(Kind(*map(int, kind)) for kind in kinds)


def _prizes(prizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(prizes > 0, prizes, REQUIRED)
