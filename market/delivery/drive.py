"""The courier's day: start the run, end each stop with its proof or its reason."""

import uuid
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.recalled import first_recalled
from market.delivery.cash_limit import check_cash_limit
from market.delivery.events import JobDeparted, JobDone, JobFailed, JobRefused
from market.delivery.kept import keep
from market.delivery.models import (
    BATCH_STATES,
    JOB_STATES,
    RUN_STATES,
    STOP_STATES,
    BatchState,
    Courier,
    Job,
    JobKind,
    JobState,
    Proof,
    Run,
    RunState,
    Stop,
    StopState,
)
from market.delivery.rules import checklist
from market.delivery.waiting import put_back
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit

NOT_HANDED_IN = "not_handed_in"
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Left:
    """What the courier leaves at a stop: `cash_fen` taken, `checks` confirmed, jobs not done.

    `failed` are deliveries that could not be left (damaged, not on the truck), each with its reason. What is
    for a station may stay `with_keeper`; `pickup_code` is what the recipient said, where she was asked.
    """

    recipient_name: str
    cash_fen: int
    photo: bytes | None = None
    note: str = ""
    serial_numbers: tuple[str, ...] = ()
    label_codes: tuple[str, ...] = ()
    is_confirmed: bool = False
    checks: frozenset[str] = frozenset()
    not_handed_in: frozenset[uuid.UUID] = field(default_factory=frozenset)
    refused: frozenset[uuid.UUID] = field(default_factory=frozenset)
    failed: Mapping[uuid.UUID, str] = field(default_factory=dict)
    lat: float | None = None
    lon: float | None = None
    with_keeper: bool = False
    pickup_code: str = ""

    @property
    def not_left(self) -> Set[uuid.UUID]:
        """The deliveries that go back with the courier: their cash and their checks are not due."""
        return self.refused | self.failed.keys()


def start_run(session: Session, courier: Courier, run_id: uuid.UUID, now: datetime) -> Run:
    """Leave the hub. The second call changes nothing.

    Raises NotFound where the run is another courier's; Refused(``state.illegal_move``).
    """
    run = session.scalars(
        select(Run).where(Run.id == run_id, Run.courier_id == courier.id).with_for_update(of=Run)
    ).one_or_none()
    if run is None:
        raise NotFound
    if run.state in (RunState.underway, RunState.done):
        return run
    RUN_STATES.move(run, RunState.underway)
    for job in (job for stop in run.stops for job in stop.jobs):
        JOB_STATES.move(job, JobState.underway)
        emit(session, JobDeparted(job.id, job.reference), now, dedupe_key=f"departed:{job.id}:{run.id}")
    end_run_if_over(run)
    session.flush()
    return run


def complete_stop(session: Session, courier: Courier, stop_id: uuid.UUID, left: Left, now: datetime) -> Stop:
    """End a stop: goods delivered and installed, old appliance and cash taken. Done before: unchanged.

    Refused goods come back with the courier, and their cash is not due. Raises NotFound; Refused:
    ``delivery.recipient`` (field recipient_name), ``delivery.cash``, ``delivery.cash_limit`` (field cash),
    ``delivery.checklist`` (field checks), ``delivery.all_refused`` (field refused),
    ``delivery.keeper_cash`` (field with_keeper), ``delivery.not_underway``.
    """
    stop = _locked(session, courier, stop_id)
    if stop.state is StopState.done:
        return stop
    _check(stop, left)
    check_cash_limit(session, courier.id, left.cash_fen)
    STOP_STATES.move(stop, StopState.done)
    stop.ended_at = now
    stop.proof = Proof(
        recipient_name=left.recipient_name.strip(),
        photo=left.photo,
        note=left.note.strip(),
        serial_numbers=list(left.serial_numbers),
        checklist=sorted(left.checks),
        label_codes=list(left.label_codes),
        is_confirmed=left.is_confirmed,
        cash_fen=left.cash_fen,
        code_matches=_code_matches(stop, left.pickup_code),
        lat=left.lat,
        lon=left.lon,
        taken_at=now,
    )
    for job in stop.jobs:
        if job.kind is JobKind.collect and job.id in left.not_handed_in:
            _fail_job(session, job, NOT_HANDED_IN, now)
        elif job.kind is JobKind.deliver and job.id in left.failed:
            _fail_job(session, job, left.failed[job.id], now)
        elif job in _refused(stop, left.refused):
            _refuse_job(session, job, now)
        elif left.with_keeper and job.kind is JobKind.deliver and job.station_id:
            keep(session, job, courier.id, now)
        else:
            JOB_STATES.move(job, JobState.done)
            event = JobDone(job.id, job.reference, courier.id, now, now)
            emit(session, event, now, dedupe_key=f"done:{job.id}")
    end_run_if_over(stop.run)
    session.flush()
    return stop


def none_recalled(session: Session, serials: Iterable[str], at: datetime | None = None) -> None:
    """Asked at the door, before the goods change hands. Of news from a phone only what was called back `at`
    the moment of handing over counts: what was right then is past asking.

    Raises Refused(``delivery.serial_recalled``, field serial_numbers).
    """
    if recalled := first_recalled(session, serials, None, at):
        raise Refused("delivery.serial_recalled", field="serial_numbers", serial=recalled)


def fail_stop(session: Session, courier: Courier, stop_id: uuid.UUID, reason: str, now: datetime) -> Stop:
    """Nobody there, road closed: everything of the stop goes back and waits for the next batch.

    Goods that were ``refused`` do not wait: they are on their way back to the shop.

    Raises NotFound; Refused: ``delivery.reason_missing`` (field reason), ``delivery.not_underway``.
    """
    stop = _locked(session, courier, stop_id)
    if stop.state is StopState.failed:
        return stop
    if not reason.strip():
        raise Refused("delivery.reason_missing", field="reason")
    _underway(stop)
    STOP_STATES.move(stop, StopState.failed)
    stop.reason, stop.ended_at = reason.strip(), now
    for job in list(stop.jobs):
        if stop.reason == REFUSED and job.kind is JobKind.deliver:
            _refuse_job(session, job, now)
        else:
            _fail_job(session, job, stop.reason, now)
    end_run_if_over(stop.run)
    session.flush()
    return stop


def checks_for(stop: Stop) -> tuple[str, ...]:
    """What the installer has to confirm at this stop."""
    return _checklist(stop.jobs)


def cash_due_fen(stop: Stop, not_done: Set[uuid.UUID]) -> int:
    """What the courier takes at `stop` where the jobs `not_done` are neither left nor handed in."""
    return stop.cash_due_fen - sum(job.cash_due_fen for job in stop.jobs if job.id in not_done)


def _checklist(jobs: Iterable[Job]) -> tuple[str, ...]:
    return checklist(frozenset(skill for job in jobs for skill in job.skills))


def _refused(stop: Stop, refused: Set[uuid.UUID]) -> list[Job]:
    return [job for job in stop.jobs if job.kind is JobKind.deliver and job.id in refused]


def _locked(session: Session, courier: Courier, stop_id: uuid.UUID) -> Stop:
    # The run is locked first, always, so that two stops of one run never wait on each other crosswise.
    run_id = session.scalar(select(Run.id).join(Stop).where(Stop.id == stop_id, Run.courier_id == courier.id))
    if run_id is None:
        raise NotFound
    session.scalars(select(Run).where(Run.id == run_id).with_for_update(of=Run)).one()
    return session.scalars(
        select(Stop).where(Stop.id == stop_id).execution_options(populate_existing=True)
    ).one()


def _underway(stop: Stop) -> None:
    if stop.run.state is not RunState.underway:
        raise Refused("delivery.not_underway")


def _check(stop: Stop, left: Left) -> None:
    _underway(stop)
    if not left.recipient_name.strip():
        raise Refused("delivery.recipient", field="recipient_name")
    refused = _refused(stop, left.not_left)
    if refused and all(job in refused for job in stop.jobs if job.kind is JobKind.deliver):
        raise Refused("delivery.all_refused", field="refused")
    due_fen = cash_due_fen(stop, left.not_left | left.not_handed_in)
    if left.with_keeper and due_fen:
        raise Refused("delivery.keeper_cash", field="with_keeper")
    if left.cash_fen != due_fen:
        raise Refused("delivery.cash", field="cash", due_fen=due_fen)
    if not left.checks >= set(_checklist(job for job in stop.jobs if job not in refused)):
        raise Refused("delivery.checklist", field="checks")


def _code_matches(stop: Stop, said: str) -> bool | None:
    """Whether one of the stop's recipients has this code; None where nothing was said."""
    return said.strip() in {job.pickup_code for job in stop.jobs} if said.strip() else None


def _refuse_job(session: Session, job: Job, now: datetime) -> None:
    JOB_STATES.move(job, JobState.refused)
    job.reason = REFUSED
    emit(session, JobRefused(job.id, job.reference), now, dedupe_key=f"refused:{job.id}")


def _fail_job(session: Session, job: Job, reason: str, now: datetime) -> None:
    put_back(job, reason)
    emit(session, JobFailed(job.id, job.reference, reason), now, dedupe_key=f"failed:{job.id}:{job.stop_id}")


def end_run_if_over(run: Run) -> None:
    """The last stop ends the run, and the last run its batch."""
    if any(stop.state is StopState.pending for stop in run.stops):
        return
    RUN_STATES.move(run, RunState.done)
    if all(other.state is RunState.done for other in run.batch.runs):
        BATCH_STATES.move(run.batch, BatchState.done)
