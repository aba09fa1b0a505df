"""The planner's own search, judged by the checker of routes, which shares no code with it."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="Numba has no wheel for this machine: PyVRP plans here")

from market.delivery.planner.check_routes import broken_rules, cost
from market.delivery.planner.engine.instance import REQUIRED
from market.delivery.planner.engine.solve import Found, Tuning, compiled, solve
from market.delivery.planner.instances import as_instance, rows_of_vehicles

Fields = dict[str, Any]
RULES = ("windows", "prizes", "mixed", "collects", "ordered", "matrix", "few vehicles")


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compiled()


def an_instance(stops: int, seed: int, rules: frozenset[str] = frozenset()) -> Fields:
    """The fields of a small instance as VRPLIB's reader gives them."""
    draw = np.random.default_rng(seed)
    size = stops + 1
    fields: Fields = {
        "dimension": size,
        "edge_weight_type": "EUC_2D",
        "node_coord": draw.integers(0, 100, (size, 2)),
        "capacity": 20,
        "demand": draw.integers(1, 9, size),
        "depot": np.array([0]),
    }
    fields["demand"][0] = 0
    if "windows" in rules:
        opens = draw.integers(0, 200, size)
        fields["time_window"] = np.stack([opens, opens + 80], axis=1)
        fields["time_window"][0] = 0, 1_000
        fields["service_time"] = 10
    if "prizes" in rules:
        fields["prize"] = draw.integers(0, 120, size)
    if "mixed" in rules:
        fields["vehicles"] = 2 * stops
        fields["capacity"] = np.repeat([10, 20], stops)
        fields["vehicles_fixed_cost"] = np.repeat([30, 50], stops)
        fields["vehicles_unit_distance_cost"] = np.repeat([2, 3], stops)
    elif "few vehicles" in rules:
        fields["vehicles"] = math.ceil(fields["demand"].sum() / 16)
    elif rules & {"collects", "ordered"}:
        fields["backhaul"] = draw.integers(0, 9, size) * (draw.random(size) < 0.5)
        fields["backhaul"][0] = 0
        if "ordered" in rules:
            fields["type"] = "VRPB"
            fields["demand"] = np.where(fields["backhaul"] > 0, 0, fields["demand"])
    if "matrix" in rules:
        fields["edge_weight"] = draw.integers(1, 100, (size, size)).astype(float)
        np.fill_diagonal(fields["edge_weight"], 0)
    return fields


def solved(fields: Fields, rounds: int, seed: int = 1, round_func: str = "round") -> Found:
    instance = as_instance(fields, round_func)
    assert instance
    return solve(instance, rounds=rounds, seed=seed)


def partitions(stops: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All ways to share the stops out among routes, without an order."""
    if not stops:
        yield ()
        return
    first, rest = stops[0], stops[1:]
    for count in range(len(rest) + 1):
        for mates in combinations(rest, count):
            for others in partitions(tuple(stop for stop in rest if stop not in mates)):
                yield ((first, *mates), *others)


def optimum(fields: Fields) -> int:
    """The least cost over every subset of optional stops, every sharing out and every order."""
    every = range(1, fields["dimension"])
    optional = [stop for stop in every if "prize" in fields and fields["prize"][stop] > 0]
    least = REQUIRED
    for count in range(len(optional) + 1):
        for absent in combinations(optional, count):
            lost = sum(int(fields["prize"][stop]) for stop in absent)
            least = min(least, lost + cheapest(fields, tuple(stop for stop in every if stop not in absent)))
    return least


def cheapest(fields: Fields, visited: tuple[int, ...]) -> int:
    alone = {key: value for key, value in fields.items() if key != "prize"}
    known: dict[tuple[int, ...], int] = {}

    def route(stops: tuple[int, ...]) -> int:
        if stops not in known:
            only = {**alone, "prize": np.ones(fields["dimension"])}
            fitting = [order for order in permutations(stops) if not broken_rules(only, "round", [order])]
            known[stops] = min((cost(alone, "round", [order]) for order in fitting), default=REQUIRED)
        return known[stops]

    return min(sum(map(route, routes)) for routes in partitions(visited))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(0, 10_000), st.frozensets(st.sampled_from(RULES), max_size=3))
def test_every_answer_keeps_the_rules_and_states_its_cost(
    stops: int, seed: int, rules: frozenset[str]
) -> None:
    fields = an_instance(stops, seed, rules)
    instance = as_instance(fields, "round")
    assert instance
    found = solve(instance, rounds=200, seed=seed)
    if found.cost < REQUIRED:
        routes = rows_of_vehicles(fields, "round", instance, found.routes)
        assert broken_rules(fields, "round", routes) == []
        assert cost(fields, "round", routes) == found.cost


@settings(max_examples=20, deadline=None)
@given(st.integers(20, 60), st.integers(0, 10_000), st.frozensets(st.sampled_from(RULES[:5]), max_size=2))
def test_long_routes_that_swap_their_tails_keep_the_rules_too(
    stops: int, seed: int, rules: frozenset[str]
) -> None:
    fields = an_instance(stops, seed, rules)
    fields["capacity"] = fields["capacity"] * 6
    if "windows" in rules:
        fields["time_window"][:, 1] += 400
    instance = as_instance(fields, "round")
    assert instance
    found = solve(instance, rounds=500, seed=seed)
    routes = rows_of_vehicles(fields, "round", instance, found.routes)
    assert broken_rules(fields, "round", routes) == []
    assert cost(fields, "round", routes) == found.cost


@pytest.mark.parametrize("turned", [False, True])
def test_two_long_routes_that_cross_swap_their_tails(turned: bool) -> None:
    """Forty stops on each of two streets: no string of ten brings a tail of twenty home."""
    street = range(1, 41)
    fields = an_instance(80, 1) | {"capacity": 42, "demand": np.array([0] + [1] * 80)}
    north, south = ([(10 * x, y) for x in street] for y in (0, 100))
    fields["node_coord"] = np.array([(0, 50), *north, *south])
    instance = as_instance(fields, "round")
    assert instance
    crossed = [[*range(1, 21), *range(61, 81)], [*range(41, 61), *range(21, 41)]]
    if turned:
        crossed[1].reverse()
    still = Tuning(warmth=0.01)
    found = solve(instance, rounds=5_000, seed=1, start=crossed, tuning=still)
    assert found.cost <= instance.length(range(1, 41)) + instance.length(range(41, 81))


@pytest.mark.parametrize("rules", [(), ("windows",), ("prizes",), ("windows", "prizes"), ("ordered",)])
def test_five_stops_are_planned_at_the_least_cost_there_is(rules: tuple[str, ...]) -> None:
    for seed in range(3):
        fields = an_instance(5, seed, frozenset(rules))
        assert min(solved(fields, rounds=600).cost, REQUIRED) == optimum(fields)


@pytest.mark.parametrize("rules", [(), ("windows",), ("mixed",), ("collects",), ("prizes",)])
def test_the_same_seed_and_rounds_give_the_same_plan(rules: tuple[str, ...]) -> None:
    fields = an_instance(40, 7, frozenset(rules))
    assert solved(fields, rounds=300, seed=5) == solved(fields, rounds=300, seed=5)


@given(st.integers(2, 40), st.integers(0, 1_000))
@settings(max_examples=20, deadline=None)
def test_no_search_ends_above_the_plan_it_was_given(stops: int, seed: int) -> None:
    instance = as_instance(an_instance(stops, seed), "round")
    assert instance
    start = [(stop,) for stop in range(1, stops + 1)]
    first = solve(instance, rounds=1, seed=seed, start=start)
    later = solve(instance, rounds=200, seed=seed, start=first.routes, tuning=Tuning(warmth=50))
    assert later.cost <= first.cost <= sum(map(instance.length, start))


def test_too_few_vehicles_leave_a_required_stop_and_say_so() -> None:
    fields = {**an_instance(6, 1), "vehicles": 1}
    assert solved(fields, rounds=200).cost >= REQUIRED


def test_windows_that_nobody_can_keep_are_not_planned() -> None:
    fields = an_instance(3, 1, frozenset({"windows"}))
    fields["node_coord"] = np.array([[0, 0], [5, 5], [500, 500], [5, 9]])
    assert solved(fields, rounds=50).cost >= REQUIRED


def test_a_rule_that_the_engine_lacks_is_left_to_others() -> None:
    fields = an_instance(5, 1)
    assert as_instance({**fields, "release_time": np.zeros(6)}, "round") is None
    assert as_instance({**fields, "depot": np.array([0, 1])}, "round") is None
    assert as_instance({**fields, "vehicles": 2, "capacity": np.array([5, 20])}, "round") is None


def test_the_checker_of_routes_sees_each_rule_that_is_broken() -> None:
    fields = an_instance(4, 1, frozenset({"windows"})) | {"demand": np.array([0, 9, 9, 9, 9]), "vehicles": 2}
    assert broken_rules(fields, "round", [[1, 2]])[0] == "stop 3 is visited 0 times"
    assert "a stop is not of this instance" in broken_rules(fields, "round", [[1, 2], [3, 4, 5]])
    assert "there are more routes than vehicles" in broken_rules(fields, "round", [[1], [2], [3, 4]])
    assert "vehicle 0 is overloaded" in broken_rules(fields, "round", [[1, 2, 3], [4]])
    late = fields | {"time_window": np.array([[0, 1_000], [0, 0], [0, 0], [0, 0], [0, 0]])}
    assert [line for line in broken_rules(late, "round", [[1, 2], [3, 4]]) if "late" in line]
    back = fields | {"type": "VRPB", "backhaul": np.array([0, 1, 0, 0, 0])}
    assert "vehicle 0 collects before it has delivered" in broken_rules(back, "round", [[1, 2], [3, 4]])


def test_the_search_is_compiled_where_the_package_cannot_be_written(tmp_path: Path) -> None:
    """The folder for compiled code is a private one of the person's; nobody's else is trusted."""
    script = (
        "import pathlib; from market.delivery.planner.engine import jit\n"
        "jit.HERE = pathlib.Path('/proc/nowhere'); print(jit.cache_folder())"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    folder = Path(found.stdout.strip())
    assert folder.is_relative_to(tmp_path / ".cache" / "lvxiang")
    assert folder.stat().st_mode & 0o077 == 0
