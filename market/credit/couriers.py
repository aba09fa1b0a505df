"""What delivery and cash tell of a courier beside the day: goods unharmed, and her cash handed in full."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.cash.models import HandIn
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.delivery.models import Job, Stop

DAMAGED = "damaged"


def carried_whole(session: Session, courier_id: uuid.UUID, reference: str, now: datetime) -> None:
    """The goods of `reference` arrived. Once."""
    record_event(session, SubjectKind.courier, courier_id, "delivered_whole", reference, now)


def carried_badly(session: Session, job_id: uuid.UUID, reason: str, now: datetime) -> None:
    """A job failed: where its goods were found damaged on the way, that is its courier's. Once."""
    job = session.get(Job, job_id)
    stop = session.get(Stop, job.stop_id) if job and job.stop_id else None
    if reason == DAMAGED and job and stop and stop.run.courier:
        courier_id = stop.run.courier.id
        record_event(session, SubjectKind.courier, courier_id, "goods_damaged", job.reference, now)


def handed_in(session: Session, hand_in_id: uuid.UUID, now: datetime) -> None:
    """A courier's cash was counted at the hub: more than expected is no shortage. Once."""
    found = session.get_one(HandIn, hand_in_id)
    if found.counted_fen is not None:
        kind = "cash_short" if found.counted_fen < found.expected_fen else "cash_in_full"
        reference = f"hand_in:{hand_in_id}"
        record_event(session, SubjectKind.courier, found.courier_id, kind, reference, now)
