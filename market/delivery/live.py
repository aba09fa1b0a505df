"""A run on the road beside its plan: how far behind it is, and when it will be where. Pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from market.delivery.models import Run, RunState, Stop, StopState
from market.delivery.rules import arrival_window
from market.delivery.windows import cut

LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Seen:
    """One stop: when it is expected now (or when it ended), and how much later than planned that is."""

    stop: Stop
    at: datetime
    behind: timedelta

    @property
    def is_late(self) -> bool:
        """Whether somebody waits there in vain."""
        return self.behind >= LATE

    @property
    def minutes(self) -> int:
        """Minutes behind the plan; negative where ahead of it."""
        return round(self.behind.total_seconds() / 60)


def seen(run: Run, now: datetime) -> list[Seen]:
    """The stops of `run` in their order. Ended ones are held against when they were to be left."""
    pending = behind(run, now)
    return [
        Seen(stop, stop.ended_at, stop.ended_at - stop.leave_at)
        if stop.ended_at
        else Seen(stop, stop.arrive_at + pending, pending)
        for stop in run.stops
    ]


def behind(run: Run, now: datetime) -> timedelta:
    """How far `run` is behind its plan.

    What the last ended stop was late by, but at least as much as the next one already is.
    """
    if run.state not in (RunState.released, RunState.underway):
        return timedelta()
    ended = [stop for stop in run.stops if stop.ended_at]
    last = max(ended, key=lambda stop: stop.ended_at or now, default=None)
    so_far = last.ended_at - last.leave_at if last and last.ended_at else timedelta()
    coming = next((stop for stop in run.stops if stop.state is StopState.pending), None)
    planned = run.depart_at if run.state is RunState.released else coming.arrive_at if coming else now
    return max(so_far, now - planned) if coming else so_far


def expected_at(run: Run, stop_id: uuid.UUID, now: datetime) -> tuple[datetime, datetime] | None:
    """From when until when whoever waits at the stop had better be there; None once it is over."""
    pending = [it for it in seen(run, now) if it.stop.state is StopState.pending]
    here = next((place for place, it in enumerate(pending) if it.stop.id == stop_id), None)
    if here is None:
        return None
    is_underway = run.state is RunState.underway
    start, end = arrival_window(pending[here].at, here, is_underway)
    # Nobody comes in the past, nor before the truck sets out.
    first = now if is_underway else max(now, run.depart_at)
    first = first.replace(minute=first.minute // 10 * 10, second=0, microsecond=0)
    start, end = max(start, first), max(end, first + timedelta(minutes=10))
    return cut(start, end, pending[here].stop.jobs, run.batch.day)


def back_at(run: Run, now: datetime) -> datetime:
    """When the vehicle is at the hub again: the planned way back after the last stop."""
    ended = [stop.ended_at for stop in run.stops if stop.ended_at]
    if run.state is RunState.done and ended:
        return max(ended) + (run.return_at - max(stop.leave_at for stop in run.stops))
    return run.return_at + behind(run, now)
