"""Where the parts of a large day are searched: here, in processes beside this one, or anywhere."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol

from market.delivery.planner.problem import Problem
from market.delivery.planner.result import Run

Solved = tuple[tuple[Run, ...], float]
"""Runs, and the CPU seconds that were spent elsewhere than in the thread that asked."""


@dataclass(frozen=True, slots=True)
class Task:
    """A part, what stands in it, and how long to look for better."""

    part: Problem
    runs: tuple[Run, ...]
    cpu_seconds: float
    seed: int

    def search(self) -> Solved:
        """What is found in this thread. Never worse than what stands."""
        from market.delivery.planner.solve import solve  # loads for seconds

        idle_iterations = 500 + 10 * len(self.part.stops)
        return solve(self.part, self.cpu_seconds, self.seed, start=self.runs, idle_iterations=idle_iterations)


class Pool(Protocol):
    """Searches up to `width` tasks at the same time."""

    @property
    def width(self) -> int: ...
    def submit(self, task: Task) -> "Future[Solved]": ...


class Here:
    """One task after the other, in the thread that asks."""

    width = 1

    def submit(self, task: Task) -> "Future[Solved]":
        """The future is done when it is returned."""
        future: Future[Solved] = Future()
        runs, _ = task.search()
        future.set_result((runs, 0.0))
        return future


@dataclass(frozen=True, slots=True)
class _Processes:
    width: int
    executor: ProcessPoolExecutor

    def submit(self, task: Task) -> "Future[Solved]":
        return self.executor.submit(task.search)


@contextmanager
def processes(count: int) -> Iterator[Pool]:
    """`count` processes of our own. Not to be had in a process of Celery's, which may have no children."""
    with ProcessPoolExecutor(count, get_context("spawn")) as executor:
        yield _Processes(count, executor)
