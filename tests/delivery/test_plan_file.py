"""VRPLIB instances through the planner."""

from pathlib import Path

import pytest
import vrplib

from market.delivery.planner.vrplib import PlanFileError, family_of, plan_file, write_solution

SQUARE = """NAME : square
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2 10 0
3 10 1
4 0 10
5 1 10
DEMAND_SECTION
1 0
2 1
3 1
4 1
5 1
DEPOT_SECTION
1
-1
EOF
"""
WINDOWS = SQUARE.replace(
    "DEPOT_SECTION", "TIME_WINDOW_SECTION\n1 0 99\n2 0 99\n3 0 99\n4 0 99\n5 0 99\nDEPOT_SECTION"
)


@pytest.fixture
def square(tmp_path: Path) -> Path:
    path = tmp_path / "square.vrp"
    path.write_text(SQUARE)
    return path


def test_a_small_instance_is_solved_to_its_optimum(square: Path) -> None:
    solved = plan_file(square, cpu_seconds=0.5)
    assert solved.cost == 42
    assert sorted(map(sorted, solved.routes)) == [[1, 2], [3, 4]]
    assert solved.cpu_seconds - solved.compile_seconds < 2
    assert solved.peak_bytes > 10_000_000


def test_several_processes_share_the_budget_and_keep_the_best(square: Path) -> None:
    assert plan_file(square, cpu_seconds=4, processes=2).cost == 42


def test_the_solution_file_can_be_read_back(square: Path, tmp_path: Path) -> None:
    solved = plan_file(square, cpu_seconds=0.5)
    write_solution(solved, tmp_path / "square.sol")
    read = vrplib.read_solution(tmp_path / "square.sol")
    assert read["cost"] == 42
    assert [tuple(route) for route in read["routes"]] == list(solved.routes)


def test_time_windows_are_compared_to_one_decimal(tmp_path: Path) -> None:
    path = tmp_path / "windows.vrp"
    path.write_text(WINDOWS)
    assert family_of(path) == "windows"
    assert plan_file(path, cpu_seconds=0.5).cost == 42.0


def test_a_file_that_is_no_instance_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "no.vrp"
    path.write_text("no such thing")
    with pytest.raises(PlanFileError, match="cannot be read"):
        plan_file(path, cpu_seconds=1)
    with pytest.raises(PlanFileError, match="cannot be read"):
        plan_file(tmp_path / "absent.vrp", cpu_seconds=1)


def test_an_instance_without_a_feasible_plan_says_so(tmp_path: Path) -> None:
    path = tmp_path / "short.vrp"
    path.write_text(SQUARE.replace("CAPACITY : 2", "CAPACITY : 2\nVEHICLES : 1"))
    with pytest.raises(PlanFileError, match="No feasible plan"):
        plan_file(path, cpu_seconds=0.3)
