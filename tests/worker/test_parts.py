"""Parts of a day through Valkey: an answer comes, comes twice, or never."""

from threading import Thread

import redis

from market.delivery.planner import plan
from market.delivery.planner.check import violations
from market.delivery.planner.pool import Task
from tests.builders.planning import a_county_day, a_fleet
from worker.parts import Parts, answer_part

TASK = Task(a_county_day(12, seed=4), (), 30.0, 7)


def test_another_worker_answers(valkey: "redis.Redis") -> None:
    parts = Parts(valkey, lambda key: Thread(target=answer_part, args=(valkey, key)).start())
    runs, cpu_seconds = parts.submit(TASK).result()
    assert runs == TASK.search()[0]
    assert cpu_seconds > 0
    assert [key for key in valkey.keys("part:*") if valkey.type(key) == b"string"] == []


def test_a_message_that_comes_twice_is_answered_once(valkey: "redis.Redis") -> None:
    keys: list[str] = []
    answered = Parts(
        valkey, lambda key: (keys.append(key), answer_part(valkey, key), answer_part(valkey, key))
    )
    assert answered.submit(TASK).result()[0] == TASK.search()[0]
    assert valkey.llen(f"{keys[0]}:answer") == 0


def test_a_part_that_nobody_answers_is_searched_here(valkey: "redis.Redis") -> None:
    small = Task(TASK.part, (), 0.5, 7)
    runs, _ = Parts(valkey, lambda key: None, wait_seconds=-1.5).submit(small).result()
    assert runs


def test_a_day_is_planned_though_valkey_is_gone() -> None:
    nowhere = redis.Redis(port=1, socket_connect_timeout=0.2)
    problem = a_county_day(170, seed=5, fleet=a_fleet())
    result = plan(problem, cpu_seconds=3, pool=Parts(nowhere, lambda key: None))
    assert violations(problem, result) == []
    assert result.runs
