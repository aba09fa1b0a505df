"""What an ending that a phone told does to its stop or run, with the evidence it names."""

import uuid
from collections.abc import Iterator, Sequence, Set
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.drive import REFUSED, Left, complete_stop, fail_stop, none_recalled
from market.delivery.fail_run import fail_run
from market.delivery.models import Courier, CourierEvent, EventKind, EventOutcome, JobKind, Stop
from market.delivery.told import RECIPIENTS, STATION, needs_of


def end_run(
    session: Session, courier: Courier, event: CourierEvent, ended: Set[uuid.UUID], now: datetime
) -> None:
    """The run of `event` cannot go on. Raises as `fail_run`."""
    if event.run_id is not None:
        fail_run(session, courier, event.run_id, event.payload["reason"], now, ended)


def end_stop(session: Session, courier: Courier, event: CourierEvent, now: datetime) -> None:
    """The stop of `event` is done or failed. Raises as `complete_stop`, `none_recalled` and `fail_stop`."""
    stop = session.scalars(select(Stop).where(Stop.id == event.stop_id)).one()
    if event.kind is EventKind.failed:
        fail_stop(session, courier, stop.id, event.payload["reason"], now)
    else:
        left = left_of(stop, event, _evidence(session, event))
        none_recalled(session, left.serial_numbers, event.recorded_at)
        complete_stop(session, courier, stop.id, left, now)


def left_of(stop: Stop, done: CourierEvent, evidence: Sequence[CourierEvent]) -> Left:
    """What the phone's events say was left at `stop`: what `done` says, and the evidence it names."""
    payload, told = done.payload, _Told(evidence)
    taken = {uuid.UUID(one) for one in told.texts(EventKind.old_taken, "job_id")}
    items = dict(zip(told.texts(EventKind.item_failed, "job_id"), told.texts(EventKind.item_failed, "reason"),
                     strict=True))  # fmt: skip
    return Left(
        recipient_name=RECIPIENTS.get(payload["recipient"]) or _recipient(stop),
        cash_fen=sum(event.payload["fen"] for event in told.of(EventKind.cash)),
        photo=next((event.photo for event in told.of(EventKind.photo)), None),
        note=payload.get("note", ""),
        serial_numbers=tuple(dict.fromkeys(told.texts(EventKind.serial, "number"))),
        label_codes=tuple(dict.fromkeys(told.texts(EventKind.scan, "code"))),
        is_confirmed=payload.get("confirmed") is True,
        checks=frozenset(told.texts(EventKind.check, "code")),
        not_handed_in=frozenset(
            job.id for job in stop.jobs if job.kind is JobKind.collect and job.id not in taken
        ),
        refused=frozenset(uuid.UUID(one) for one, reason in items.items() if reason == REFUSED),
        failed={uuid.UUID(one): reason for one, reason in items.items() if reason != REFUSED},
        lat=payload.get("lat"),
        lon=payload.get("lon"),
        with_keeper=payload["recipient"] == STATION,
        pickup_code=payload.get("pickup_code", ""),
    )


def _recipient(stop: Stop) -> str:
    return stop.jobs[0].recipient_name if stop.jobs else ""


def _evidence(session: Session, done: CourierEvent) -> Sequence[CourierEvent]:
    """The events of this stop that `done` names, in the order in which they were told."""
    return session.scalars(
        select(CourierEvent)
        .where(
            CourierEvent.courier_id == done.courier_id,
            CourierEvent.stop_id == done.stop_id,
            CourierEvent.event_id.in_(needs_of(done.payload)),
            CourierEvent.outcome == EventOutcome.applied,
        )
        .order_by(CourierEvent.sequence)
    ).all()


class _Told:
    """Evidence by kind."""

    def __init__(self, events: Sequence[CourierEvent]) -> None:
        self._events = events

    def of(self, kind: EventKind) -> Iterator[CourierEvent]:
        return (event for event in self._events if event.kind is kind)

    def texts(self, kind: EventKind, name: str) -> list[str]:
        return [event.payload[name].strip() for event in self.of(kind)]
