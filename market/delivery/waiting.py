"""Why a job waits: always one reason, the plan's or the courier's, or that its time has not come."""

import uuid
from dataclasses import dataclass
from datetime import date

from market.delivery.models import JOB_STATES, Job, JobKind, JobState
from market.delivery.planner import Reason

NOT_AT_HUB = "not_at_hub"
GOODS_NOT_AT_HUB = "goods_not_at_hub"
NEXT_BATCH = "next_batch"
HUB_CLOSED = "hub_closed"
FULLER_DAY = "fuller_day"
TAKEN_OUT = "taken_out"


@dataclass(frozen=True, slots=True)
class Why:
    """The reason's code; `needed` against the `best` there is, in its own unit; and the day it speaks of.

    That is the last one for what waits for a fuller day, the first for what waits for the hub to open.
    """

    code: str
    needed: str
    best: str
    day: date


def why_waiting(job: Job, day: date, hub_is_closed: bool = False) -> Why | None:
    """Why `job` is in no batch, seen from the next batch's `day`; None for one that is in a batch or over.

    `hub_is_closed`: there would be an earlier batch, were it not for a closed day.
    """
    if job.state is JobState.waiting:
        code = NOT_AT_HUB if job.kind is JobKind.deliver else GOODS_NOT_AT_HUB
    elif job.state is not JobState.ready:
        return None
    elif job.reason == Reason.not_worth_the_way and job.promised_on > day:
        code = FULLER_DAY
    elif hub_is_closed and not job.reason:
        return Why(HUB_CLOSED, "", "", day)
    else:
        code = job.reason or NEXT_BATCH
    return Why(code, job.reason_needed or "", job.reason_best or "", job.promised_on)


def take_in(job: Job, batch_id: uuid.UUID) -> None:
    """Put a ready job into the batch: it waits no more. Raises Refused(``state.illegal_move``)."""
    JOB_STATES.move(job, JobState.batched)
    job.batch_id, job.stop_id, job.left_out_of = batch_id, None, None
    job.reason = job.reason_needed = job.reason_best = None


def leave_out(job: Job, batch_id: uuid.UUID, reason: str, needed: str = "", best: str = "") -> None:
    """Put a job of the batch back on the hub's floor, for what its plan says."""
    put_back(job, reason)
    job.stop_id, job.left_out_of = None, batch_id
    job.reason_needed, job.reason_best = needed or None, best or None


def put_back(job: Job, reason: str) -> None:
    """Let a job wait for the next batch. The stop that it was on goes on showing it: `stop_id` stays."""
    JOB_STATES.move(job, JobState.ready)
    job.batch_id, job.reason = None, reason
    job.reason_needed = job.reason_best = None
