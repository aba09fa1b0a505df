"""The planner's laws on random county days, judged by the independent checker."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.delivery.planner import Matrices, Plan, Problem, Progress, Reason, Stop, Vehicle, plan
from market.delivery.planner.check import violations
from tests.builders.planning import a_county_day, a_fleet, matrices

TRUCK = Vehicle(
    "truck", grams=1_000_000, cm3=5_000_000, longest_side_mm=2_000, fixed_fen=20_000, fen_per_km=100
)


def _line(*stops: Stop, vehicles: tuple[Vehicle, ...] = (TRUCK,), step_meters: float = 8_000.0) -> Problem:
    """Stops on one straight road from the hub, `step_meters` apart."""
    points = [(step_meters * i, 0.0) for i in range(len(stops) + 1)]
    return Problem(stops, vehicles, Matrices(*matrices(points)))


def _only_reason(problem: Problem) -> tuple[Reason, str, str]:
    result = plan(problem, cpu_seconds=1)
    (left_out,) = result.left_out
    return left_out.reason, left_out.needed, left_out.best


@settings(max_examples=1_000, deadline=None)
@given(jobs=st.integers(0, 20), seed=st.integers(0, 10_000), vehicles=st.integers(0, 5))
def test_every_plan_can_be_driven_as_it_stands(jobs: int, seed: int, vehicles: int) -> None:
    problem = a_county_day(jobs, seed, a_fleet()[:vehicles])
    result = plan(problem, cpu_seconds=0.02, seed=seed)
    assert violations(problem, result) == []


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = a_county_day(12, seed=4)
    assert plan(problem, cpu_seconds=30, seed=7) == plan(problem, cpu_seconds=30, seed=7)


def test_an_empty_day_needs_no_vehicle() -> None:
    assert plan(_line()) == Plan((), ())


def test_one_truck_visits_a_straight_road_at_its_exact_cost() -> None:
    problem = _line(Stop("near", deliver_grams=1), Stop("far", deliver_grams=1))
    (run,) = plan(problem, cpu_seconds=1).runs
    assert run.meters == 2 * 2 * 10_400
    assert run.cost_fen == 20_000 + 41_600 * 100 // 1000


def test_a_full_truck_comes_back_to_the_hub_for_a_second_trip() -> None:
    problem = _line(*(Stop(name, deliver_grams=600_000) for name in "ab"))
    (run,) = plan(problem, cpu_seconds=1).runs
    assert [len(trip.visits) for trip in run.trips] == [1, 1]
    assert run.trips[1].depart - run.trips[0].return_at >= TRUCK.loading_seconds


def test_an_old_appliance_rides_back_in_the_room_of_the_new_one() -> None:
    swap = Stop("swap", deliver_grams=900_000, collect_grams=950_000)
    (run,) = plan(_line(swap), cpu_seconds=1).runs
    assert len(run.trips) == 1


def test_two_people_go_where_two_are_needed() -> None:
    single, double = replace(TRUCK, id="single", fixed_fen=0), replace(TRUCK, id="double", people=2)
    problem = _line(Stop("heat pump", people=2), Stop("parcel"), vehicles=(single, double))
    result = plan(problem, cpu_seconds=1)
    served_by = {v.stop_id: run.vehicle_id for run in result.runs for trip in run.trips for v in trip.visits}
    assert served_by["heat pump"] == "double"
    assert result.left_out == ()


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (Stop("x", deliver_grams=1_000_001), (Reason.too_heavy, "1000001", "1000000")),
        (Stop("x", collect_cm3=6_000_000), (Reason.too_bulky, "6000000", "5000000")),
        (Stop("x", longest_side_mm=2_100), (Reason.too_long, "2100", "2000")),
        (Stop("x", people=2), (Reason.too_few_people, "2", "1")),
        (Stop("x", skills=frozenset({"gas"})), (Reason.skill_missing, "gas", "")),
        (Stop("x", latest=8 * 3600), (Reason.window_missed, "31300", "28800")),
        (Stop("x", service_seconds=11 * 3600), (Reason.out_of_reach, "", "")),
    ],
)
def test_what_no_vehicle_can_do_is_named(stop: Stop, reason: tuple[Reason, str, str]) -> None:
    assert _only_reason(_line(stop)) == reason


def test_needs_that_no_single_vehicle_joins_are_named() -> None:
    strong = replace(TRUCK, id="strong", people=2)
    skilled = replace(TRUCK, id="skilled", skills=frozenset({"gas"}))
    boiler = Stop("boiler", people=2, skills=frozenset({"gas"}))
    assert _only_reason(_line(boiler, vehicles=(strong, skilled)))[0] == Reason.no_vehicle_fits_all


def test_without_a_vehicle_every_stop_says_so() -> None:
    assert _only_reason(_line(Stop("x"), vehicles=()))[0] == Reason.no_vehicle


def test_a_day_too_short_for_all_leaves_out_the_rest() -> None:
    problem = _line(*(Stop(str(i), service_seconds=4 * 3600) for i in range(3)))
    result = plan(problem, cpu_seconds=1)
    assert [out.reason for out in result.left_out] == [Reason.shift_full]
    assert len(result.runs[0].trips[0].visits) == 2


def test_a_stop_worth_less_than_its_way_is_left_out_and_a_dearer_one_is_not() -> None:
    dear = Stop("dear", prize_fen=30_000)
    assert plan(_line(dear), cpu_seconds=1).left_out == ()
    cheap = replace(dear, prize_fen=10_000)
    assert _only_reason(_line(cheap))[0] == Reason.not_worth_the_way


def test_progress_tells_how_far_the_search_is() -> None:
    told: list[Progress] = []
    result = plan(a_county_day(40, seed=1), cpu_seconds=2, on_progress=told.append)
    assert [step.share for step in told] == sorted(step.share for step in told)
    assert told[-1].left_out >= len(result.left_out)


def test_the_checker_sees_each_law_that_is_broken() -> None:
    problem = a_county_day(10, seed=3)
    good = plan(problem, cpu_seconds=1)
    run = good.runs[0]
    visit = run.trips[0].visits[0]
    late = replace(visit, arrive=0)
    hasty = replace(
        run, trips=(replace(run.trips[0], visits=(late, *run.trips[0].visits[1:])), *run.trips[1:])
    )
    roads = problem.roads
    assert isinstance(roads, Matrices)
    weak = replace(problem, vehicles=tuple(replace(v, grams=1) for v in problem.vehicles))
    crewless = replace(problem, vehicles=tuple(replace(v, people=0) for v in problem.vehicles))
    assert violations(problem, replace(good, runs=(hasty, *good.runs[1:])))
    assert violations(problem, replace(good, runs=good.runs[1:]))
    assert violations(problem, replace(good, runs=(*good.runs, run)))
    assert violations(problem, replace(good, runs=(replace(run, cost_fen=1), *good.runs[1:])))
    assert violations(weak, good)
    assert violations(crewless, good)
    assert violations(replace(problem, roads=Matrices(roads.meters, roads.seconds * 3)), good)


def test_matrices_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="2 stops need matrices of 3"):
        Problem((Stop("a"), Stop("b")), (), Matrices(*np.zeros((2, 2, 2), np.int64)))
