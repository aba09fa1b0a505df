"""What the truck has to tell."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class BatchClosed:
    """A batch takes no more jobs and is to be planned."""

    kind: ClassVar[str] = "delivery.batch_closed"
    batch_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class BatchPlanned:
    """A batch has a new plan, whose cost is to be shared."""

    kind: ClassVar[str] = "delivery.batch_planned"
    batch_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class SharesFrozen:
    """A batch is released, and what each party bears of it is known: it changes no more."""

    kind: ClassVar[str] = "delivery.shares_frozen"
    batch_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class JobScheduled:
    """A job is on a released run."""

    kind: ClassVar[str] = "delivery.job_scheduled"
    job_id: uuid.UUID
    reference: str
    day: date


@dataclass(frozen=True, slots=True)
class JobDeparted:
    """A job has left the hub, or the courier is on the way to collect it."""

    kind: ClassVar[str] = "delivery.job_departed"
    job_id: uuid.UUID
    reference: str


@dataclass(frozen=True, slots=True)
class JobKept:
    """The goods stand at a station and may be fetched until `keep_until`."""

    kind: ClassVar[str] = "delivery.job_kept"
    job_id: uuid.UUID
    reference: str
    keep_until: datetime


@dataclass(frozen=True, slots=True)
class PickUpDue:
    """A timer: by now somebody should have come to the station."""

    kind: ClassVar[str] = "delivery.pick_up_due"
    job_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class JobStillKept:
    """Nobody has come to the station yet."""

    kind: ClassVar[str] = "delivery.job_still_kept"
    job_id: uuid.UUID
    reference: str
    keep_until: datetime


@dataclass(frozen=True, slots=True)
class JobDone:
    """A job is through; its stop has the proof. `carried_at` is when the courier's part was over."""

    kind: ClassVar[str] = "delivery.job_done"
    job_id: uuid.UUID
    reference: str
    courier_id: uuid.UUID
    done_at: datetime
    carried_at: datetime


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job could not be done today and waits for the next batch."""

    kind: ClassVar[str] = "delivery.job_failed"
    job_id: uuid.UUID
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobRefused:
    """The recipient does not want the goods; they come back to the hub and on to their shop."""

    kind: ClassVar[str] = "delivery.job_refused"
    job_id: uuid.UUID
    reference: str


@dataclass(frozen=True, slots=True)
class CourierEventSettles:
    """The time to correct what a courier tapped is over: a clock."""

    kind: ClassVar[str] = "delivery.courier_event_settles"
    event_id: uuid.UUID
