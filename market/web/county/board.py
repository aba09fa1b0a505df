"""What the pages of a batch show: its runs with their loads, beside what is known from the road."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from market.delivery.cash_limit import cash_over_limit_fen
from market.delivery.live import Seen, seen
from market.delivery.loads import Load, most_loaded
from market.delivery.models import Batch, BatchState, Run, StopState
from market.delivery.queries import arrivals, breakdowns
from market.web.county.map import color, dash


@dataclass(frozen=True, slots=True)
class TripBoard:
    """One trip: its stops, and the most that is on board."""

    number: int
    stops: tuple[Seen, ...]
    most: Load


@dataclass(frozen=True, slots=True)
class RunBoard:
    """One run as the operator sees it; `over_limit_fen` is cash beyond what its courier may carry."""

    run: Run
    color: str
    dash: str
    trips: tuple[TripBoard, ...]
    shift_seconds: int
    over_limit_fen: int

    @property
    def stops(self) -> int:
        """How many stops there are."""
        return sum(len(trip.stops) for trip in self.trips)

    @property
    def ended(self) -> int:
        """How many of them are over."""
        return sum(it.stop.state is not StopState.pending for trip in self.trips for it in trip.stops)

    @property
    def late(self) -> int:
        """How many are still to come and late."""
        coming = (it for trip in self.trips for it in trip.stops if it.stop.state is StopState.pending)
        return sum(it.is_late for it in coming)


@dataclass(frozen=True, slots=True)
class Incident:
    """A stop that failed; or, without `sequence`, a run that could not go on, with its `stops` left."""

    at: datetime
    plate: str
    sequence: int | None
    reason: str
    stops: int = 1


def run_boards(session: Session, batch: Batch, now: datetime) -> list[RunBoard]:
    """The batch's runs in the order of their colors."""
    is_planned = batch.state is BatchState.planned
    return [
        _run_board(run, index, now, cash_over_limit_fen(session, run) if is_planned else 0)
        for index, run in enumerate(batch.runs)
    ]


def incidents(session: Session, batch: Batch) -> list[Incident]:
    """What went wrong on the road, the latest first."""
    runs = {run.id: run for run in batch.runs}
    broken = {event.run_id: event for event in breakdowns(session, list(runs)) if event.run_id}
    found = []
    for run in batch.runs:
        event, plate = broken.get(run.id), run.vehicle.plate
        reason = event.payload["reason"] if event else None
        failed = [stop for stop in run.stops if stop.reason and stop.ended_at]
        if event and reason:
            missed = sum(stop.reason == reason for stop in failed)
            found.append(Incident(event.recorded_at, plate, None, reason, missed))
        found += [
            Incident(stop.ended_at, plate, stop.sequence, stop.reason)
            for stop in failed
            if stop.ended_at and stop.reason and stop.reason != reason
        ]
    return sorted(found, key=lambda incident: incident.at, reverse=True)


def arrived(session: Session, batch: Batch) -> dict[uuid.UUID, datetime]:
    """By stop: when its courier said that she was there."""
    return arrivals(session, [run.id for run in batch.runs])


def falling(steps: Sequence[Sequence[int]], width: int = 300, height: int = 60) -> str:
    """The points of a line that falls with the cost of the best plan; `width` is 100 percent of the time."""
    costs = [cost for _, cost in steps]
    if len(set(costs)) < 2:
        return ""
    low, span = min(costs), max(costs) - min(costs)
    points = [(percent * width / 100, height - (cost - low) * height / span) for percent, cost in steps]
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in points)


def _run_board(run: Run, index: int, now: datetime, over_limit_fen: int) -> RunBoard:
    trips = groupby(seen(run, now), key=lambda it: it.stop.trip)
    shift = _of_day(run.vehicle.shift_end) - _of_day(run.vehicle.shift_start)
    return RunBoard(
        run,
        color(index),
        dash(index),
        tuple(_trip(number, list(stops)) for number, stops in trips),
        round(shift.total_seconds()),
        over_limit_fen,
    )


def _trip(number: int, stops: Sequence[Seen]) -> TripBoard:
    return TripBoard(number, tuple(stops), most_loaded([it.stop for it in stops]))


def _of_day(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
