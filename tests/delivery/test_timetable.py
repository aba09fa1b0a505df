"""Timing an operator's sequence: it breaks a rule exactly where the planner's own checker says so."""

import random
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from market.delivery.planner import LeftOut, Matrices, Plan, Problem, Reason, Stop, Vehicle
from market.delivery.planner.check import violations
from market.delivery.timetable import Broken, Rule, broken_rules, most_on_board, timed
from tests.builders.planning import a_county_day, matrices

VAN = Vehicle("van", grams=100_000, cm3=900_000, longest_side_mm=1_500, fixed_fen=1_000, fen_per_km=100)


def _line(*stops: Stop, vehicle: Vehicle = VAN) -> Problem:
    points = [(8_000.0 * i, 0.0) for i in range(len(stops) + 1)]
    return Problem(stops, (vehicle,), Matrices(*matrices(points)))


@settings(max_examples=150, deadline=None)
@given(jobs=st.integers(1, 12), seed=st.integers(0, 10_000), trips=st.integers(1, 4))
def test_a_rule_is_broken_exactly_where_the_checker_says_so(jobs: int, seed: int, trips: int) -> None:
    problem = a_county_day(jobs, seed)
    draw = random.Random(seed)
    vehicle = draw.choice(problem.vehicles)
    on_run = draw.sample([stop.id for stop in problem.stops], draw.randint(1, jobs))
    sequence = tuple(trip for trip in (tuple(on_run[i::trips]) for i in range(trips)) if trip)
    run = timed(problem, vehicle.id, sequence)
    left_out = tuple(LeftOut(s.id, Reason.shift_full) for s in problem.stops if s.id not in on_run)
    found = violations(problem, Plan((run,), left_out))
    assert bool(broken_rules(problem, run)) == bool(found), found


def test_a_straight_road_is_timed_and_priced_to_the_fen() -> None:
    problem = _line(Stop("near", service_seconds=600), Stop("far", service_seconds=300))
    run = timed(problem, "van", (("near", "far"),))
    ride = int(problem.roads.block(np.array([0]), np.array([1]))[1][0, 0])
    (trip,) = run.trips
    assert [(visit.arrive, visit.leave) for visit in trip.visits] == [
        (8 * 3600 + 1200 + ride, 8 * 3600 + 1200 + ride + 600),
        (8 * 3600 + 1200 + 2 * ride + 600, 8 * 3600 + 1200 + 2 * ride + 900),
    ]
    assert run.cost_fen == 1_000 + (run.meters * 100 + 500) // 1000
    assert broken_rules(problem, run) == ()


def test_the_loading_is_put_off_rather_than_waiting_at_a_door() -> None:
    stop = Stop("shop", earliest=14 * 3600, latest=15 * 3600)
    run = timed(_line(stop), "van", (("shop",),))
    (visit,) = run.trips[0].visits
    assert (visit.arrive, visit.start) == (14 * 3600, 14 * 3600)
    assert run.trips[0].load_at > 8 * 3600


def test_each_broken_rule_says_what_was_needed_and_what_there_is() -> None:
    heavy = Stop("heavy", deliver_grams=100_001)
    bulky = Stop("bulky", collect_cm3=900_001, longest_side_mm=1_501, people=2, skills=frozenset({"gas"}))
    noon = Stop("noon", latest=8 * 3600)
    problem = _line(heavy, bulky, noon, vehicle=replace(VAN, shift_end=9 * 3600, max_trips=2))
    run = timed(problem, "van", (("heavy",), ("bulky",), ("noon",)))
    visit, back = run.trips[2].visits[0], run.trips[2].return_at
    assert broken_rules(problem, run) == (
        Broken(Rule.too_many_trips, "van", "3", "2"),
        Broken(Rule.too_heavy, "van", "100001", "100000", trip=1),
        Broken(Rule.too_bulky, "van", "900001", "900000", trip=2),
        Broken(Rule.too_long, "van", "1501", "1500", "bulky"),
        Broken(Rule.too_few_people, "van", "2", "1", "bulky"),
        Broken(Rule.skill_missing, "van", "gas", stop_id="bulky"),
        Broken(Rule.too_late, "van", str(visit.start), str(8 * 3600), "noon"),
        Broken(Rule.shift_over, "van", str(back), str(9 * 3600)),
    )


def test_what_comes_back_counts_where_it_is_taken_in() -> None:
    stops = [
        Stop("a", deliver_grams=5),
        Stop("b", collect_grams=9, collect_cm3=7),
        Stop("c", deliver_grams=4),
    ]
    assert most_on_board(stops) == (13, 7)
    assert most_on_board([stops[0], stops[2], stops[1]]) == (9, 7)
