"""Our reading of VRPLIB's families beside PyVRP's: the same routes, feasible to both, at the same cost."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvrp

pytest.importorskip("numba", reason="Numba has no wheel for this machine: PyVRP plans here")

from market.delivery.planner.engine.solve import solve
from market.delivery.planner.instances import as_instance, read_fields, rows_of_vehicles
from market.delivery.planner.vrplib import CONVENTIONS, cost_of, family_of

STOPS = 12
DRAW = np.random.default_rng(11)
WHERE = DRAW.integers(0, 100, (STOPS + 1, 2))
LOADS = [0, *DRAW.integers(1, 9, STOPS)]
OPENS = [0, *DRAW.integers(0, 60, STOPS)]


def section(name: str, values: Any) -> str:
    lines = (f"{row} {' '.join(map(str, np.atleast_1d(value)))}" for row, value in enumerate(values, start=1))
    return "\n".join([name, *lines, ""])


PLAIN = section("NODE_COORD_SECTION", WHERE) + section("DEMAND_SECTION", LOADS)
ROOM = "CAPACITY : 20\n"
WINDOWS = ROOM + "SERVICE_TIME : 7\n" + PLAIN
WINDOWS += section("TIME_WINDOW_SECTION", [(at, at + 120 if row else 900) for row, at in enumerate(OPENS)])
MIXED = "VEHICLES : 24\n" + PLAIN + section("CAPACITY_SECTION", [12] * STOPS + [20] * STOPS)
MIXED += section("VEHICLES_FIXED_COST_SECTION", [40] * STOPS + [55] * STOPS)
MIXED += section("VEHICLES_UNIT_DISTANCE_COST_SECTION", [2] * STOPS + [3] * STOPS)
AFTER = [load if row > 8 else 0 for row, load in enumerate(LOADS)]
BEFORE = [load if row <= 8 else 0 for row, load in enumerate(LOADS)]
BACKHAULS = ROOM + section("NODE_COORD_SECTION", WHERE)
BACKHAULS += section("LINEHAUL_SECTION", BEFORE) + section("BACKHAUL_SECTION", AFTER)
FAMILIES = {
    "capacitated": ("CVRP", ROOM + PLAIN),
    "windows": ("VRPTW", WINDOWS),
    "prizes": ("PCVRPTW", WINDOWS + section("PRIZE_SECTION", [0, *DRAW.integers(0, 90, STOPS)])),
    "mixed fleet": ("HFVRP", MIXED),
    "backhauls": ("VRPB", BACKHAULS),
    "swaps": ("VRPSPD", ROOM + PLAIN + section("BACKHAUL_SECTION", [0, *LOADS[:0:-1]])),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_pyvrp_reads_our_routes_as_we_do(family: str, tmp_path: Path) -> None:
    kind, text = FAMILIES[family]
    path = tmp_path / "family.vrp"
    head = f"NAME : {family}\nTYPE : {kind}\nDIMENSION : {STOPS + 1}\nEDGE_WEIGHT_TYPE : EUC_2D\n"
    path.write_text(head + text + "DEPOT_SECTION\n1\n-1\nEOF\n")
    round_func, _ = CONVENTIONS[family_of(path)]
    fields = read_fields(path)
    instance = as_instance(fields, round_func)
    assert instance
    found = solve(instance, rounds=500, seed=1)
    rows = rows_of_vehicles(fields, round_func, instance, found.routes)
    data = pyvrp.read(path, round_func=round_func)
    solution = pyvrp.Solution(
        data, [route for row, stops in enumerate(rows) if (route := _route(data, row, stops))]
    )
    assert solution.is_feasible()
    assert cost_of(data, solution) == found.cost


def _route(data: pyvrp.ProblemData, row: int, stops: tuple[int, ...]) -> pyvrp.Route | None:
    kinds = [str(row) in kind.name.split(",") for kind in data.vehicle_types()]
    return pyvrp.Route(data, [stop - 1 for stop in stops], kinds.index(True)) if stops else None
