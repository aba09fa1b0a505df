"""The lower bound: below every plan, whatever the roads, and exact where a day leaves no choice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.delivery.planner import Matrices, Problem, Stop, Vehicle, plan
from market.delivery.planner import lower_bound as bounds
from market.delivery.planner.lower_bound import lower_bound_fen
from tests.builders.planning import a_county_day, a_fleet

TRUCK = Vehicle("truck", grams=1_000, cm3=1_000, longest_side_mm=10, fixed_fen=20_000, fen_per_km=100)


def roads(meters, seconds=None):
    return Matrices(np.array(meters), np.zeros_like(meters) if seconds is None else np.array(seconds))


def crooked(problem, seed):
    """The same day on roads of any length: other ones back than out, and some longer than a detour."""
    dice = np.random.default_rng(seed)
    rows = np.arange(len(problem.stops) + 1)
    blocks = []
    for block in problem.roads.block(rows, rows):
        bent = (block * dice.uniform(0.3, 3, block.shape)).astype(np.int64)
        np.fill_diagonal(bent, 0)
        blocks.append(bent)
    return replace(problem, roads=Matrices(*blocks))


def visited(problem, planned):
    """The day of what `planned` visits."""
    there = {visit.stop_id for run in planned.runs for trip in run.trips for visit in trip.visits}
    return problem.with_stops([place for place, stop in enumerate(problem.stops) if stop.id in there])


@settings(max_examples=60, deadline=None)
@given(
    jobs=st.integers(0, 14),
    seed=st.integers(0, 10_000),
    vehicles=st.integers(1, 5),
    bent=st.booleans(),
    whole=st.booleans(),
)
def test_no_plan_costs_less(jobs, seed, vehicles, bent, whole):
    problem = a_county_day(jobs, seed, a_fleet()[:vehicles])
    problem = crooked(problem, seed) if bent else problem
    planned = plan(problem, cpu_seconds=0.1, seed=seed)
    # Where not all roads are looked at, it is taken that they are the shortest.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "WHOLE_STOPS", 2_000 if whole or bent else 0)
        assert lower_bound_fen(visited(problem, planned)) <= planned.cost_fen


def test_a_day_without_stops_costs_nothing():
    assert lower_bound_fen(Problem((), (TRUCK,), roads([[0]]))) == 0


def test_a_stop_that_no_vehicle_can_serve_has_no_bound():
    with pytest.raises(ValueError, match="suits no vehicle"):
        lower_bound_fen(Problem((Stop("x", people=2),), (TRUCK,), roads([[0, 1], [1, 0]])))


def test_one_stop_costs_its_way_out_and_back_however_they_differ():
    day = Problem((Stop("x"),), (TRUCK,), roads([[0, 30_000], [50_000, 0]]))
    assert plan(day, cpu_seconds=0.1).cost_fen == 20_000 + 8_000
    assert lower_bound_fen(day) == 20_000 + 8_000 - 1  # a fen may have been rounded


def test_full_loads_cost_their_ways_out_and_back():
    far = 40_000 * (1 - np.eye(4, dtype=int))
    day = Problem(tuple(Stop(name, deliver_grams=1_000) for name in "abc"), (TRUCK,), roads(far))
    assert plan(day, cpu_seconds=0.1).cost_fen == 20_000 + 3 * 8_000
    assert lower_bound_fen(day) == 20_000 + 3 * 8_000 - 1


def test_what_is_collected_fills_a_vehicle_as_well():
    far = 40_000 * (1 - np.eye(3, dtype=int))
    day = Problem(tuple(Stop(name, collect_cm3=1_000) for name in "ab"), (TRUCK,), roads(far))
    assert lower_bound_fen(day) == 20_000 + 2 * 8_000 - 1


def test_light_stops_on_one_road_cost_the_road_there_and_home():
    line = [[abs(a - b) * 10_000 for b in range(4)] for a in range(4)]
    day = Problem(tuple(Stop(name) for name in "abc"), (TRUCK,), roads(line))
    assert plan(day, cpu_seconds=0.1).cost_fen == 20_000 + 6_000
    assert lower_bound_fen(day) == 20_000 + 6_000 - 1


def test_hours_that_fill_two_shifts_take_two_vehicles():
    line = [[abs(a - b) * 10_000 for b in range(3)] for a in range(3)]
    day = Problem(
        tuple(Stop(name, service_seconds=6 * 3600) for name in "ab"),
        (TRUCK, replace(TRUCK, id="other", fixed_fen=30_000)),
        roads(line),
    )
    assert lower_bound_fen(day) == 20_000 + 30_000 + 4_000 - 2


def test_a_detour_that_is_shorter_than_the_road_counts():
    day = Problem(
        (Stop("x"), Stop("y")),
        (TRUCK,),
        roads([[0, 100_000, 10_000], [100_000, 0, 10_000], [10_000, 10_000, 0]]),
    )
    assert lower_bound_fen(day) <= plan(day, cpu_seconds=0.1).cost_fen == 20_000 + 12_000
