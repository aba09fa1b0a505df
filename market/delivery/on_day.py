"""A problem as one day has it: what is not due yet may wait for a fuller day."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from market.delivery import planner
from market.delivery.models import Job
from market.delivery.planner.problem import DEFAULT_PRIZE_FEN
from market.delivery.rules import prize_fen


def on_day(problem: planner.Problem, stops: Mapping[str, Sequence[Job]], day: date) -> planner.Problem:
    """`problem` with each stop's prize on `day`; `stops` has the jobs of each of its stops."""
    prized = tuple(replace(stop, prize_fen=_prize_fen(stops[stop.id], day)) for stop in problem.stops)
    return replace(problem, stops=prized)


def _prize_fen(jobs: Sequence[Job], day: date) -> int:
    """One way serves all jobs of the address, so their prizes add up."""
    return min(DEFAULT_PRIZE_FEN, sum(prize_fen(job.promised_on, day) for job in jobs))
