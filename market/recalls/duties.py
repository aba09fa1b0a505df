"""Reports that the law wants by a day: opened with their timer, filed, and told of when they are late."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.people.queries import staff_of_county
from market.recalls import deadlines, steps
from market.recalls.events import DutyDue
from market.recalls.models import Recall, RecallDuty
from market.recalls.states import RUNNING, DutyKind, RecallState

NOTE_CHARS = range(4, 501)


def open_duty(
    session: Session, recall: Recall, kind: DutyKind, due_at: datetime, now: datetime, number: int = 1
) -> None:
    """From now on the report is wanted until `due_at`. Once."""
    duty_id = session.scalar(
        insert(RecallDuty)
        .values(id=new_id(), recall_id=recall.id, kind=kind, number=number, due_at=due_at)
        .on_conflict_do_nothing(index_elements=["recall_id", "kind", "number"])
        .returning(RecallDuty.id)
    )
    if duty_id is not None:
        emit(session, DutyDue(duty_id), now, due_at=due_at, dedupe_key=f"{DutyDue.kind}:{duty_id}")


def file_duty(
    session: Session, county_code: str, duty_id: uuid.UUID, note: str, by_id: uuid.UUID, now: datetime
) -> RecallDuty:
    """The report was sent in: `note` says to whom and under which number. The second time nothing happens.

    The first progress report moves the recall on. Raises NotFound where it is another county's;
    Refused(``recalls.note``, field note).
    """
    duty = session.get(RecallDuty, duty_id)
    if duty is None:
        raise NotFound
    recall = steps.lock_recall(session, county_code, duty.recall_id)
    session.refresh(duty, with_for_update=True)
    if duty.filed_at is not None:
        return duty
    if len(note.strip()) not in NOTE_CHARS:
        raise Refused("recalls.note", field="note")
    duty.filed_at, duty.filed_by, duty.note = now, by_id, note.strip()
    session.flush()
    _follow(session, recall, duty, by_id, now)
    return duty


def pass_due(session: Session, duty_id: uuid.UUID, now: datetime) -> None:
    """Its last moment is over: where it was not filed, the county's people are told, once. Safe at any time.

    The next progress report is opened whether this one came or not, however late this is asked.
    """
    duty = session.get(RecallDuty, duty_id, with_for_update=True, populate_existing=True)
    if duty is None or now < duty.due_at:
        return
    recall = session.get_one(Recall, duty.recall_id)
    if duty.kind is DutyKind.progress:
        _open_next(session, recall, duty, now)
    if duty.filed_at is not None or _is_moot(recall, duty):
        return
    params = {"code": recall.code, "duty": duty.kind.value}
    for account_id in staff_of_county(session, recall.county_code):
        key = f"recall.duty_late:{duty.id}:{account_id}"
        notify(session, account_id, "recall.duty_late", params, now, recall.reference, key)


def duties_of(session: Session, recall_id: uuid.UUID) -> list[RecallDuty]:
    """What the law wants of the recall, the first to come first."""
    found = select(RecallDuty).where(RecallDuty.recall_id == recall_id)
    return list(session.scalars(found.order_by(RecallDuty.due_at, RecallDuty.kind)))


def _follow(session: Session, recall: Recall, duty: RecallDuty, by_id: uuid.UUID, now: datetime) -> None:
    words = f"{duty.kind.value} {duty.number}: {duty.note}"
    steps.record(session, recall, by_id, words, now)
    if duty.kind is not DutyKind.progress:
        return
    if recall.state is RecallState.remedy:
        steps.move(session, recall, RecallState.progress, by_id, "", now)
    _open_next(session, recall, duty, now)


def _open_next(session: Session, recall: Recall, duty: RecallDuty, now: datetime) -> None:
    if recall.state in RUNNING and recall.published_at is not None:
        number = duty.number + 1
        due_at = deadlines.progress_due(recall.published_at, number)
        open_duty(session, recall, DutyKind.progress, due_at, now, number)


def _is_moot(recall: Recall, duty: RecallDuty) -> bool:
    """Nothing came of the signal, or it was over before its next progress report."""
    if recall.state is RecallState.dismissed:
        return True
    over = recall.closed_at is not None and recall.closed_at <= duty.due_at
    return duty.kind is DutyKind.progress and over
