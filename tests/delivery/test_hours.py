"""Overtime, breaks and windows: exact on a straight road, and each fault seen by the checker."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.delivery.planner import LeftOut, Matrices, Plan, Problem, Reason, Run, Stop, Vehicle, plan
from market.delivery.planner.check import violations
from market.delivery.timetable import Broken, Rule, broken_rules, timed
from tests.builders.planning import a_county_day, a_fleet, matrices

HOUR = 3600
RIDE = 1_300  # of the 10.4 km between two stops of the line
CREW = Vehicle(
    "crew", grams=1_000, cm3=1_000, longest_side_mm=10, fen_per_hour=36_00, regular_seconds=8 * HOUR,
    fen_per_overtime_hour=18_00, break_seconds=1_800,
)  # fmt: skip


def _line(*stops: Stop, crew: Vehicle = CREW) -> Problem:
    points = [(8_000.0 * i, 0.0) for i in range(len(stops) + 1)]
    return Problem(stops, (crew,), Matrices(*matrices(points)))


def _as_plan(run: Run) -> Plan:
    return Plan((run,), ())


@pytest.mark.parametrize(
    ("seconds", "fen"),
    [(0, 0), (8 * HOUR, 288_00), (8 * HOUR + 1, 288_02), (9 * HOUR, 342_00), (10 * HOUR, 396_00)],
)
def test_overtime_costs_half_as_much_again(seconds: int, fen: int) -> None:
    assert CREW.cost_fen(0, seconds) == fen


def test_without_regular_hours_of_its_own_the_whole_shift_is_regular() -> None:
    always = Vehicle("x", 1, 1, 1, fen_per_hour=36_00, fen_per_overtime_hour=18_00)
    assert always.cost_fen(0, 10 * HOUR) == 360_00


@pytest.mark.parametrize(
    ("load_at", "return_at", "due"),
    [
        (8 * HOUR, 13 * HOUR + 1_800, False),  # lunch after the run
        (8 * HOUR, 13 * HOUR + 1_801, True),
        (11 * HOUR + 1_799, 15 * HOUR, True),
        (11 * HOUR + 1_800, 15 * HOUR, False),  # lunch before it
    ],
)
def test_a_break_is_due_where_it_is_missed_before_and_after_the_run(
    load_at: int, return_at: int, due: bool
) -> None:
    assert CREW.break_is_due(load_at, return_at, 0) is due
    assert not replace(CREW, break_seconds=0).break_is_due(load_at, return_at, 5 * HOUR)


def test_four_hours_of_driving_are_allowed_and_a_second_more_is_not() -> None:
    assert not CREW.break_is_due(14 * HOUR, 18 * HOUR, 4 * HOUR)
    assert CREW.break_is_due(14 * HOUR, 18 * HOUR, 4 * HOUR + 1)


def test_the_break_comes_after_a_visit_and_moves_what_follows_by_just_its_length() -> None:
    problem = _line(Stop("a", service_seconds=10_000), Stop("b", service_seconds=10_000))
    run = timed(problem, "crew", (("a", "b"),))
    a = 8 * HOUR + 1_200 + RIDE + 10_000
    assert run.break_at == a == 41_300  # 11:28
    assert [visit.arrive for visit in run.trips[0].visits] == [8 * HOUR + 1_200 + RIDE, a + 1_800 + RIDE]
    assert run.trips[0].return_at == a + 1_800 + RIDE + 10_000 + 2 * RIDE
    assert violations(problem, _as_plan(run)) == []
    assert broken_rules(problem, run) == ()


def test_between_two_trips_the_crew_rests_at_the_hub() -> None:
    problem = _line(Stop("a", service_seconds=10_000), Stop("b", service_seconds=9_000))
    run = timed(problem, "crew", (("a",), ("b",)))
    assert run.break_at in (run.trips[0].return_at, run.trips[0].visits[0].leave)
    hub = replace(problem, vehicles=(replace(CREW, break_earliest=run.trips[0].visits[0].leave + 1),))
    rested = timed(hub, "crew", (("a",), ("b",)))
    assert rested.break_at == rested.trips[0].return_at
    assert rested.trips[1].load_at == rested.trips[0].return_at + 1_800
    assert violations(hub, _as_plan(rested)) == []


def test_waiting_at_a_door_is_where_a_break_costs_nothing() -> None:
    problem = _line(Stop("a", service_seconds=9_000), Stop("b", earliest=14 * HOUR, latest=15 * HOUR))
    run = timed(problem, "crew", (("a", "b"),))
    plain = timed(replace(problem, vehicles=(replace(CREW, break_seconds=0),)), "crew", (("a", "b"),))
    assert run.break_at is not None
    assert run.trips[0].return_at == plain.trips[0].return_at


def test_a_run_in_which_no_break_fits_says_so_and_is_never_planned() -> None:
    problem = _line(Stop("all day", service_seconds=6 * HOUR))
    run = timed(problem, "crew", (("all day",),))
    assert run.break_at is None
    assert broken_rules(problem, run) == (Broken(Rule.no_break, "crew", "1800", "39600-48600"),)
    assert violations(problem, _as_plan(run)) == ["run of crew has no break"]
    assert plan(problem, cpu_seconds=0.2).left_out == (LeftOut("all day", Reason.no_break),)


def test_where_the_break_makes_a_stop_late_the_stop_is_what_is_told() -> None:
    late = 8 * HOUR + 1_200 + 2 * RIDE + 12_000
    problem = _line(Stop("a", service_seconds=12_000), Stop("b", latest=late, service_seconds=3_000))
    run = timed(problem, "crew", (("a", "b"),))
    assert [it.rule for it in broken_rules(problem, run)] in ([], [Rule.too_late])
    result = plan(problem, cpu_seconds=0.5)
    assert violations(problem, result) == []


def test_too_long_a_drive_home_is_cut_by_a_break_at_any_hour() -> None:
    far = Stop("far", service_seconds=600)
    crew = replace(CREW, shift_start=14 * HOUR, shift_end=23 * HOUR)
    ride = 9_000
    way = ride * (1 - np.eye(2, dtype=np.int64))
    problem = Problem((far,), (crew,), Matrices(way, way))
    run = timed(problem, "crew", (("far",),))
    assert run.break_at == 14 * HOUR + 1_200 + ride + 600
    assert violations(problem, _as_plan(run)) == []
    assert violations(problem, _as_plan(replace(run, break_at=None))) == [
        "run of crew drives for more than four hours on end"
    ]


def _two() -> tuple[Problem, Run]:
    problem = _line(Stop("a", service_seconds=10_000), Stop("b", service_seconds=10_000))
    return problem, timed(problem, "crew", (("a", "b"),))


def test_the_checker_says_what_is_wrong_with_a_break() -> None:
    problem, run = _two()
    at = run.break_at or 0
    assert violations(problem, _as_plan(replace(run, break_at=None))) == ["run of crew has no break"]
    assert violations(problem, _as_plan(replace(run, break_at=at + 1))) == [
        "run of crew has its break where it drives or works"
    ]
    early = replace(problem, vehicles=(replace(CREW, break_latest=at - 1),))
    assert violations(early, _as_plan(run)) == ["run of crew has its break outside the hours for it"]


def test_the_checker_reckons_overtime_for_itself() -> None:
    problem, run = _two()
    long = replace(problem, vehicles=(replace(CREW, regular_seconds=6 * HOUR),))
    assert violations(long, _as_plan(run)) == ["run of crew states a wrong cost"]
    extra = ((run.seconds - 6 * HOUR) * 18_00 + 1_800) // 3_600
    assert violations(long, _as_plan(replace(run, cost_fen=run.cost_fen + extra))) == []


def test_the_checker_sees_a_visit_after_its_window() -> None:
    problem, run = _two()
    start = run.trips[0].visits[1].start
    stops = (problem.stops[0], replace(problem.stops[1], latest=start - 1))
    assert violations(replace(problem, stops=stops), _as_plan(run)) == ["b is outside its window"]


def test_a_missed_window_says_when_somebody_could_be_there() -> None:
    problem = _line(Stop("a", latest=9 * HOUR), crew=replace(CREW, shift_start=9 * HOUR))
    found = plan(problem, cpu_seconds=0.2).left_out
    first = 9 * HOUR + 1_200 + RIDE
    assert found == (LeftOut("a", Reason.window_missed, str(first), str(9 * HOUR)),)


def test_overtime_is_worked_only_where_it_pays() -> None:
    stops = tuple(Stop(name, service_seconds=12_600, prize_fen=300_00) for name in "ab")
    dear = replace(CREW, fen_per_overtime_hour=1_000_00)
    assert plan(_line(*stops), cpu_seconds=0.5).left_out == ()
    result = plan(_line(*stops, crew=dear), cpu_seconds=0.5)
    assert [out.reason for out in result.left_out] == [Reason.not_worth_the_way]


@settings(max_examples=100, deadline=None)
@given(jobs=st.integers(5, 20), seed=st.integers(0, 10_000), minutes=st.integers(20, 90))
def test_long_days_of_one_crew_have_their_break(jobs: int, seed: int, minutes: int) -> None:
    crew = replace(a_fleet()[4], break_seconds=60 * minutes, shift_start=7 * HOUR, shift_end=19 * HOUR)
    problem = a_county_day(jobs, seed, (crew,))
    result = plan(problem, cpu_seconds=0.02, seed=seed)
    assert violations(problem, result) == []
    for run in result.runs:
        if run.trips[0].load_at < 11 * HOUR and run.trips[-1].return_at > 13 * HOUR + 1_800:
            assert run.break_at is not None
