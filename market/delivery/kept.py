"""Goods at a village station: its keeper takes them in, and hands them out against the pick-up code.

Only with the recipient's recorded consent (`Job.station_consent_at`; the express market rules of 2024 forbid
a drop without it, facts §6.7), and never where cash is due: that wants two people face to face.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from market.delivery.events import JobDone, JobKept, JobRefused, JobStillKept, PickUpDue
from market.delivery.models import JOB_STATES, Job, JobKind, JobState, Kept, KeptEnd
from market.delivery.pickup_code import new_pickup_code
from market.kernel.clock import local_date
from market.kernel.errors import NotFound
from market.kernel.outbox import emit

KEEP_DAYS = 7  # the market's own: what a village shop has room for
REMIND_AFTER = (timedelta(days=3), timedelta(days=6))
MOST_WRONG_CODES = 5
NOT_WANTED = "not_wanted"
FETCHED = frozenset({KeptEnd.code, KeptEnd.recipient})


def keep(session: Session, job: Job, courier_id: uuid.UUID, now: datetime) -> None:
    """The keeper of the job's station takes the goods in; the caller has locked the job's run."""
    JOB_STATES.move(job, JobState.kept)
    job.pickup_code = job.pickup_code or new_pickup_code()
    until = now + timedelta(days=KEEP_DAYS)
    station_id, job_id = job.station_id, job.id
    session.add(
        Kept(job_id=job_id, station_id=station_id, courier_id=courier_id, left_at=now, keep_until=until)
    )
    session.flush()
    emit(session, JobKept(job_id, job.reference, until), now, dedupe_key=f"{JobKept.kind}:{job_id}")
    for after in REMIND_AFTER:
        key = f"{PickUpDue.kind}:{job_id}:{after.days}"
        emit(session, PickUpDue(job_id), now, due_at=now + after, dedupe_key=key)


def hand_out(session: Session, station_id: uuid.UUID, job_id: uuid.UUID, code: str, now: datetime) -> bool:
    """Give the goods to whoever says their code; whether it was right. Handed out before: right, unchanged.

    After five wrong ones there is a new code, which only the recipient sees. The count has to outlive the
    answer, so a wrong code is no refusal: the caller commits. Raises NotFound for another station's goods;
    Refused(``state.illegal_move``) for those that were sent back.
    """
    kept = _of_station(session, station_id, job_id)
    if kept.ended_by in FETCHED:
        return True
    if kept.ended_at is None and code.strip() != kept.job.pickup_code:
        _count_wrong(session, kept)
        return False
    _through(session, kept, KeptEnd.code, now)
    return True


def sign_off(session: Session, reference: str, now: datetime) -> None:
    """The recipient herself says that she has the goods. Twice changes nothing.

    The caller has checked that they are hers. Raises NotFound where no station has had them;
    Refused(``state.illegal_move``) for those that were sent back.
    """
    kept = _locked(session, select(Job.id).where(Job.reference == reference))
    if kept.ended_by not in FETCHED:
        _through(session, kept, KeptEnd.recipient, now)


def send_back(session: Session, station_id: uuid.UUID, job_id: uuid.UUID, now: datetime) -> None:
    """Nobody wants the goods: the next truck that comes by takes them to the hub. Twice changes nothing.

    Raises NotFound for another station's goods; Refused(``state.illegal_move``) for those that are gone.
    """
    kept = _of_station(session, station_id, job_id)
    if kept.ended_by is not KeptEnd.sent_back:
        _send_back(session, kept, NOT_WANTED, now)


def call_back(session: Session, reference: str, reason: str, now: datetime) -> bool:
    """The goods of `reference` may not be handed out any more; whether a station still had them."""
    kept = _locked(session, select(Job.id).where(Job.reference == reference))
    if kept.ended_at is None:
        _send_back(session, kept, reason, now)
    return kept.ended_by is KeptEnd.sent_back


def remind(session: Session, job_id: uuid.UUID, now: datetime) -> None:
    """Days have passed and the goods are still there: tell. Harmless at any other time."""
    kept = session.get(Kept, job_id)
    if kept is not None and kept.ended_at is None and now >= kept.left_at + REMIND_AFTER[0]:
        told = JobStillKept(job_id, kept.job.reference, kept.keep_until)
        emit(session, told, now, dedupe_key=f"{told.kind}:{job_id}:{(now - kept.left_at).days}")


def _send_back(session: Session, kept: Kept, reason: str, now: datetime) -> None:
    _end(session, kept, JobState.refused, KeptEnd.sent_back, now)
    kept.job.reason = reason
    told = JobRefused(kept.job_id, kept.job.reference)
    emit(session, told, now, dedupe_key=f"refused:{kept.job_id}")
    session.add(_way_back(kept.job, now))
    session.flush()


def _count_wrong(session: Session, kept: Kept) -> None:
    kept.wrong_codes += 1
    if kept.wrong_codes == MOST_WRONG_CODES:
        kept.job.pickup_code, kept.wrong_codes = new_pickup_code(), 0
    session.flush()


def _through(session: Session, kept: Kept, by: KeptEnd, now: datetime) -> None:
    _end(session, kept, JobState.done, by, now)
    told = JobDone(kept.job_id, kept.job.reference, kept.courier_id, now, kept.left_at)
    emit(session, told, now, dedupe_key=f"done:{kept.job_id}")


def _end(session: Session, kept: Kept, to: JobState, by: KeptEnd, now: datetime) -> None:
    JOB_STATES.move(kept.job, to)
    kept.ended_at, kept.ended_by = now, by
    session.flush()


def _way_back(job: Job, now: datetime) -> Job:
    """The job of fetching what was `job`'s, ready for the next batch; its party bears the way back, too.

    It may wait for a fuller day, for as long as the goods were to be kept.
    """
    same = (
        "county_code", "order_number", "party", "place", "station_id", "station_consent_at", "lat", "lon",
        "position_source", "address_text", "weight_grams", "volume_cm3", "longest_side_mm", "people",
        "skills", "service_seconds", "items", "recipient_name", "recipient_phone",
    )  # fmt: skip
    return Job(
        **{name: getattr(job, name) for name in same},
        kind=JobKind.collect,
        reference=f"sent_back:{job.id}",
        state=JobState.ready,
        promised_on=local_date(now + timedelta(days=KEEP_DAYS)),
        cash_due_fen=0,
        created_at=now,
    )


def _of_station(session: Session, station_id: uuid.UUID, job_id: uuid.UUID) -> Kept:
    return _locked(session, select(Kept.job_id).where(Kept.job_id == job_id, Kept.station_id == station_id))


def _locked(session: Session, job_ids: Select[Any]) -> Kept:
    # Both rows: whoever waited for the first would still see the second as it was.
    found = select(Kept).join(Kept.job).where(Kept.job_id.in_(job_ids)).with_for_update(of=(Kept, Job))
    found = found.options(contains_eager(Kept.job))
    kept = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if kept is None:
        raise NotFound
    return kept
