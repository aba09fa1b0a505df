"""Days too large for one search: parts, what is near what, and who searches them."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from time import sleep

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.delivery.planner import Plan, Problem, Progress, mend, plan, processes
from market.delivery.planner.check import violations
from market.delivery.planner.pool import Here, Solved, Task
from market.delivery.planner.regions import cut, deal, landmark_times, neighbors
from market.delivery.planner.wire import read_answer, read_task, write_answer, write_task
from tests.builders.planning import a_county_day, a_fleet

STOPS = 260


def _fleet(count: int) -> tuple:
    return tuple(replace(a_fleet()[n % 5], id=f"vehicle-{n}") for n in range(count))


@cache
def _day() -> Problem:
    return a_county_day(STOPS, seed=5, fleet=_fleet(40))


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(_day(), cpu_seconds=5, seed=1)


def test_a_large_day_can_be_driven_as_it_stands(planned: Plan) -> None:
    assert violations(_day(), planned) == []
    assert len(planned.left_out) < STOPS / 20


def test_two_processes_plan_it_too() -> None:
    with processes(2) as pool:
        result = plan(_day(), cpu_seconds=8, seed=1, pool=pool)
    assert violations(_day(), result) == []
    assert len(result.left_out) < STOPS / 20


def test_a_large_day_without_vehicles_is_left_out_whole() -> None:
    result = plan(replace(_day(), vehicles=()), cpu_seconds=1)
    assert result.runs == ()
    assert len(result.left_out) == STOPS


def test_progress_counts_every_stop_that_is_on_no_run() -> None:
    told: list[Progress] = []
    result = plan(_day(), cpu_seconds=4, seed=2, on_progress=told.append)
    assert (told[-1].cost_fen, told[-1].left_out) == (result.cost_fen, len(result.left_out))


class _Slow:
    """One thread beside the one that asks, so that there is time to tell."""

    width = 1

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1)

    def submit(self, task: Task) -> "Future[Solved]":
        return self._threads.submit(lambda: (sleep(0.2), task.search())[1])


def test_progress_is_told_while_the_first_part_is_still_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mend, "TELL_SECONDS", 0.05)
    told: list[Progress] = []
    plan(_day(), cpu_seconds=4, seed=2, on_progress=told.append, pool=_Slow())
    before = [one for one in told if one.left_out == STOPS]
    assert len(before) >= 3
    assert [one.cost_fen for one in before] == [0] * len(before)
    assert 0 < before[0].share < before[-1].share < 1


def test_a_search_from_what_stands_is_never_worse() -> None:
    part = a_county_day(40, seed=8)
    first, _ = Task(part, (), 1.0, 1).search()
    again, _ = Task(part, first, 1.0, 2).search()
    before, after = (sum(run.cost_fen for run in runs) for runs in (first, again))
    visited = [sum(len(trip.visits) for run in runs for trip in run.trips) for runs in (first, again)]
    assert visited[1] > visited[0] or (visited[1] == visited[0] and after <= before)


def test_here_a_task_is_done_when_it_is_submitted() -> None:
    future = Here().submit(Task(a_county_day(10, seed=1), (), 0.2, 1))
    assert future.done()
    assert future.result()[1] == 0.0


@settings(max_examples=25, deadline=None)
@given(jobs=st.integers(1, 20), seed=st.integers(0, 1_000))
def test_a_task_and_its_answer_survive_the_wire(jobs: int, seed: int) -> None:
    part = a_county_day(jobs, seed)
    runs, _ = Task(part, (), 0.05, seed).search()
    came = read_task(write_task(Task(part, runs, 1.5, seed)))
    assert (came.part.stops, came.part.vehicles) == (part.stops, part.vehicles)
    assert (came.runs, came.cpu_seconds, came.seed) == (runs, 1.5, seed)
    rows = np.arange(jobs + 1)
    for there, here in zip(came.part.roads.block(rows, rows), part.roads.block(rows, rows), strict=True):
        assert (there == here).all()
    assert read_answer(write_answer(runs, 2.5)) == (runs, 2.5)


@settings(max_examples=50, deadline=None)
@given(stops=st.integers(1, 120), seed=st.integers(0, 1_000), most=st.integers(1, 40))
def test_every_stop_is_in_one_region_and_no_vehicle_in_two(stops: int, seed: int, most: int) -> None:
    problem = a_county_day(stops, seed, _fleet(15))
    regions = cut(landmark_times(problem), most)
    assert sorted(place for region in regions for place in region.tolist()) == list(range(stops))
    assert max(map(len, regions)) <= most
    dealt = [place for places in deal(problem, regions) for place in places]
    assert len(dealt) == len(set(dealt))


def test_vehicles_go_where_the_work_is() -> None:
    problem = a_county_day(100, seed=2, fleet=tuple(v for v in _fleet(40) if "gas" in v.skills))
    few, many = np.arange(10), np.arange(10, 100)
    dealt = deal(problem, [few, many])
    assert [len(places) for places in dealt] == pytest.approx([0.8, 7.2], abs=1)


def test_the_nearest_by_landmarks_are_near_by_road() -> None:
    problem = a_county_day(120, seed=3)
    near = neighbors(landmark_times(problem), 10)
    rows = np.arange(1, 121)
    seconds = problem.roads.block(rows, rows)[1]
    assert (near[:, 0] == np.arange(120)).all()
    chosen = np.take_along_axis(seconds, near[:, 1:], axis=1).mean()
    best = np.sort(seconds, axis=1)[:, 1:10].mean()
    assert chosen < 1.1 * best
