"""Vehicles, couriers, jobs, batches, runs, stops and proofs."""

import uuid
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.kernel.db import Base, Id
from market.kernel.states import States
from market.places.rules import Position, PositionSource

COUNTY = "county"  # the party of what the county fetches itself
REGULAR_SECONDS = 8 * 3600  # 劳动法 art. 36
BREAK_SECONDS = 1_800  # the market's own: 20 minutes are the least
WHOLE_BP = 10_000
CASH_LIMIT_FEN = 2_000_000  # what a courier carries at most unless the county says otherwise


class JobKind(StrEnum):
    deliver = "deliver"
    collect = "collect"


class JobState(StrEnum):
    waiting = "waiting"
    ready = "ready"
    batched = "batched"
    scheduled = "scheduled"
    underway = "underway"
    kept = "kept"
    done = "done"
    refused = "refused"
    canceled = "canceled"


JOB_STATES = States(
    "job",
    {
        JobState.waiting: {JobState.ready, JobState.canceled},
        JobState.ready: {JobState.batched, JobState.canceled},
        JobState.batched: {JobState.scheduled, JobState.ready, JobState.canceled},
        JobState.scheduled: {JobState.underway, JobState.canceled},
        # What could not be delivered is back on the hub's floor, ready for the next batch.
        JobState.underway: {
            JobState.kept,
            JobState.done,
            JobState.refused,
            JobState.ready,
            JobState.canceled,
        },
        # At a station, until whoever it is for fetches it.
        JobState.kept: {JobState.done, JobState.refused},
        JobState.done: set(),
        JobState.refused: set(),
        JobState.canceled: set(),
    },
)


class BatchState(StrEnum):
    open = "open"
    closed = "closed"
    planned = "planned"
    released = "released"
    done = "done"


BATCH_STATES = States(
    "batch",
    {
        BatchState.open: {BatchState.closed},
        BatchState.closed: {BatchState.planned},
        # Closed again: what is not locked is planned once more.
        BatchState.planned: {BatchState.released, BatchState.closed, BatchState.done},
        BatchState.released: {BatchState.done},
        BatchState.done: set(),
    },
)


class RunState(StrEnum):
    planned = "planned"
    released = "released"
    underway = "underway"
    done = "done"


RUN_STATES = States(
    "run",
    {
        RunState.planned: {RunState.released},
        RunState.released: {RunState.underway},
        RunState.underway: {RunState.done},
        RunState.done: set(),
    },
)


class StopState(StrEnum):
    pending = "pending"
    done = "done"
    failed = "failed"


STOP_STATES = States(
    "stop",
    {
        StopState.pending: {StopState.done, StopState.failed},
        StopState.done: set(),
        StopState.failed: set(),
    },
)


class EventKind(StrEnum):
    """What a courier's phone tells. `done`, `failed` and `run_failed` end something; the rest is evidence."""

    start = "start"
    arrive = "arrive"
    scan = "scan"
    serial = "serial"
    photo = "photo"
    signature = "signature"
    check = "check"
    old_taken = "old_taken"
    cash = "cash"
    item_failed = "item_failed"
    skip = "skip"
    resume = "resume"
    done = "done"
    failed = "failed"
    run_failed = "run_failed"
    undo = "undo"
    settle = "settle"


class EventOutcome(StrEnum):
    """What became of it. `held` waits for what it needs, `open` may still be corrected."""

    held = "held"
    open = "open"
    applied = "applied"
    duplicate = "duplicate"
    undone = "undone"
    conflict = "conflict"
    refused = "refused"


EVENT_STATES = States(
    "courier_event",
    {
        EventOutcome.held: {
            EventOutcome.open,
            EventOutcome.applied,
            EventOutcome.duplicate,
            EventOutcome.undone,
            EventOutcome.conflict,
            EventOutcome.refused,
        },
        EventOutcome.open: {
            EventOutcome.applied,
            EventOutcome.undone,
            EventOutcome.conflict,
            EventOutcome.refused,
        },
        EventOutcome.applied: set(),
        EventOutcome.duplicate: set(),
        EventOutcome.undone: set(),
        EventOutcome.conflict: set(),
        EventOutcome.refused: set(),
    },
)


class VehicleType(Base):
    """What a kind of vehicle carries, and what it costs; overtime on top of the hours themselves."""

    __tablename__ = "vehicle_types"
    __table_args__ = (
        CheckConstraint("least(capacity_grams, capacity_cm3, longest_side_mm) > 0", name="space"),
        CheckConstraint("fen_per_overtime_hour >= 0", name="overtime"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    capacity_grams: Mapped[int]
    capacity_cm3: Mapped[int]
    longest_side_mm: Mapped[int]
    fixed_fen: Mapped[int]
    fen_per_km: Mapped[int]
    fen_per_hour: Mapped[int]
    fen_per_overtime_hour: Mapped[int] = mapped_column(default=0)


class Vehicle(Base):
    """One vehicle of a county with its usual crew.

    What a run lasts beyond `regular_seconds` is overtime (劳动法 art. 36: 8 hours a day). The crew's break
    begins between `break_earliest` and `break_latest`; without one it has 0 seconds, else 20 minutes at least
    (道路交通安全法实施条例 art. 62).
    """

    __tablename__ = "vehicles"
    __table_args__ = (
        CheckConstraint("people IN (1, 2)", name="people"),
        CheckConstraint("regular_seconds BETWEEN 0 AND 28800", name="regular_hours"),
        CheckConstraint(
            "(break_seconds = 0 OR break_seconds >= 1200) AND break_earliest <= break_latest", name="break"
        ),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"), index=True)
    type_code: Mapped[str] = mapped_column(ForeignKey("vehicle_types.code"))
    plate: Mapped[str] = mapped_column(unique=True)
    people: Mapped[int]
    skills: Mapped[list[Any]]
    shift_start: Mapped[time]
    shift_end: Mapped[time]
    regular_seconds: Mapped[int] = mapped_column(default=REGULAR_SECONDS)
    break_seconds: Mapped[int] = mapped_column(default=BREAK_SECONDS)
    break_earliest: Mapped[time] = mapped_column(default=time(11))
    break_latest: Mapped[time] = mapped_column(default=time(13, 30))
    active: Mapped[bool] = mapped_column(default=True)

    type: Mapped[VehicleType] = relationship(lazy="joined")


class Courier(Base):
    """Who drives; the vehicle is the usual one. Above `cash_limit_now_fen` no more cash is to be taken.

    `cash_share_bp` is how much of `cash_limit_fen` her rating leaves her, in 1/10 000.
    """

    __tablename__ = "couriers"
    __table_args__ = (
        CheckConstraint("cash_limit_fen >= 0", name="cash_limit"),
        CheckConstraint("cash_share_bp BETWEEN 0 AND 10000", name="cash_share"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), unique=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"), index=True)
    vehicle_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("vehicles.id"), unique=True)
    name: Mapped[str]
    phone: Mapped[str]
    cash_limit_fen: Mapped[int] = mapped_column(default=CASH_LIMIT_FEN)
    cash_share_bp: Mapped[int] = mapped_column(default=WHOLE_BP)

    @property
    def cash_limit_now_fen(self) -> int:
        """How much cash she may carry as she is rated now."""
        return self.cash_limit_fen * self.cash_share_bp // WHOLE_BP


class Batch(Base):
    """A county's jobs of one delivery day and wave. `cost_fen` is the plan's.

    `plan_number` grows with every change of the plan: who changes it says which one he has seen.
    `alone_fen` is what its parties would cost if each drove alone, `lower_bound_fen` what no plan can cost
    less than; both are there once the plan's shares are.
    """

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("county_code", "day", "wave"),)

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    day: Mapped[date]
    wave: Mapped[int]
    state: Mapped[BatchState]
    closed_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    cost_fen: Mapped[int | None]
    plan_number: Mapped[int] = mapped_column(default=0)
    alone_fen: Mapped[int | None]
    lower_bound_fen: Mapped[int | None]

    runs: Mapped[list["Run"]] = relationship(back_populates="batch", order_by="Run.id", lazy="selectin")


class BatchShare(Base):
    """A party's part of a batch's cost, against what its jobs would cost alone.

    `error_fen` is the standard error of a sampled share, 0 where it is exact.
    """

    __tablename__ = "batch_shares"
    __table_args__ = (
        CheckConstraint("share_fen BETWEEN 0 AND alone_fen", name="never_above_alone"),
        CheckConstraint("jobs > 0 AND error_fen >= 0", name="counts"),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    party: Mapped[str] = mapped_column(primary_key=True)
    jobs: Mapped[int]
    alone_fen: Mapped[int]
    share_fen: Mapped[int]
    error_fen: Mapped[int]


class BatchProgress(Base):
    """How far planning and then sharing are, written beside their transactions so that others can watch.

    `steps` are ``[percent, cost_fen]``, one for each better plan.
    """

    __tablename__ = "batch_progress"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("shares_percent BETWEEN 0 AND 100", name="shares_percent"),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    percent: Mapped[int]
    cost_fen: Mapped[int]
    left_out: Mapped[int]
    steps: Mapped[list[Any]] = mapped_column(default=list)
    shares_percent: Mapped[int] = mapped_column(default=0, server_default="0")
    updated_at: Mapped[datetime]


class BatchRoads(Base):
    """By which roads a batch was planned: those of an extract, or where `source` is None the estimate.

    `off_road` names the jobs (by id) that are not on the net, each with an `OffRoad` and meters to the net.
    """

    __tablename__ = "batch_roads"

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    source: Mapped[str | None]
    extract_at: Mapped[datetime | None]
    detour_factor: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    speed_kmh: Mapped[int]
    off_road: Mapped[dict[str, Any]]


class Run(Base):
    """What one vehicle does in a batch; `meters`, `seconds` and `cost_fen` are planned ones.

    From `break_at` on its crew rests for the vehicle's `break_seconds`. Locked: planning again leaves it as
    it is.
    """

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("batch_id", "vehicle_id"), Index("ix_runs_courier_id", "courier_id"))

    id: Mapped[Id]
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batches.id"))
    vehicle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("vehicles.id"))
    courier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("couriers.id"))
    state: Mapped[RunState]
    depart_at: Mapped[datetime]
    return_at: Mapped[datetime]
    break_at: Mapped[datetime | None]
    meters: Mapped[int]
    seconds: Mapped[int]
    cost_fen: Mapped[int]
    is_locked: Mapped[bool] = mapped_column(default=False)

    batch: Mapped[Batch] = relationship(back_populates="runs")
    vehicle: Mapped[Vehicle] = relationship(lazy="joined")
    courier: Mapped[Courier | None] = relationship(lazy="joined")
    stops: Mapped[list["Stop"]] = relationship(
        back_populates="run", order_by="Stop.sequence", lazy="selectin"
    )

    @property
    def overtime_seconds(self) -> int:
        """What is planned beyond the crew's regular hours."""
        return max(0, self.seconds - self.vehicle.regular_seconds)

    @property
    def break_before(self) -> uuid.UUID | None:
        """The first stop after the break; None where there is no break, or none after it."""
        after = (stop.id for stop in self.stops if self.break_at and stop.arrive_at > self.break_at)
        return next(after, None)


class Stop(Base):
    """One address on a run. `trip` counts from 1; `sequence` over the whole run.

    Locked: planning again leaves it on its vehicle.
    """

    __tablename__ = "stops"
    __table_args__ = (
        UniqueConstraint("run_id", "sequence"),
        CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name="failed_for_a_reason"),
    )

    id: Mapped[Id]
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("runs.id"))
    trip: Mapped[int]
    sequence: Mapped[int]
    state: Mapped[StopState]
    reason: Mapped[str | None]
    arrive_at: Mapped[datetime]
    leave_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    is_locked: Mapped[bool] = mapped_column(default=False)

    run: Mapped[Run] = relationship(back_populates="stops")
    jobs: Mapped[list["Job"]] = relationship(back_populates="stop", order_by="Job.id", lazy="selectin")
    proof: Mapped["Proof | None"] = relationship(back_populates="stop")

    @property
    def cash_due_fen(self) -> int:
        """What the courier takes here in cash; nothing for what was refused."""
        return sum(job.cash_due_fen for job in self.jobs if job.state is not JobState.refused)


class Job(Base):
    """One thing to carry. `reference` says for what; `reason` why it still waits.

    `reason_needed` stands against `reason_best`, in the reason's own unit; `left_out_of` is the batch whose
    plan left it out.
    `party` is who the carriage is for: a shop's id, or `COUNTY` for what the county fetches itself.
    `earliest` and `latest` bound when somebody is there to take it; None where any hour will do.
    `pickup_code` is told to the recipient alone, who tells it to whoever hands the goods out.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("people IN (1, 2)", name="people"),
        CheckConstraint(
            "least(weight_grams, volume_cm3, longest_side_mm, service_seconds, cash_due_fen) >= 0",
            name="measures",
        ),
        CheckConstraint("(place = 'station') = (station_id IS NOT NULL)", name="station"),
        CheckConstraint("place <> 'station' OR station_consent_at IS NOT NULL", name="station_consent"),
        CheckConstraint(
            "CASE WHEN state IN ('waiting', 'ready') THEN batch_id IS NULL"
            " WHEN state IN ('batched', 'scheduled', 'underway') THEN batch_id IS NOT NULL ELSE true END",
            name="in_one_batch_or_waits",
        ),
        CheckConstraint("earliest < latest", name="window"),
        Index("ix_jobs_county_code_state", "county_code", "state"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    kind: Mapped[JobKind]
    reference: Mapped[str] = mapped_column(unique=True)
    order_number: Mapped[str]
    party: Mapped[str]
    state: Mapped[JobState]
    reason: Mapped[str | None]
    reason_needed: Mapped[str | None]
    reason_best: Mapped[str | None]
    place: Mapped[str]
    station_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stations.id"))
    station_consent_at: Mapped[datetime | None]
    lat: Mapped[float]
    lon: Mapped[float]
    position_source: Mapped[PositionSource]
    address_text: Mapped[str]
    recipient_name: Mapped[str]
    recipient_phone: Mapped[str]
    weight_grams: Mapped[int]
    volume_cm3: Mapped[int]
    longest_side_mm: Mapped[int]
    people: Mapped[int]
    skills: Mapped[list[Any]]
    service_seconds: Mapped[int]
    promised_on: Mapped[date]
    earliest: Mapped[time | None]
    latest: Mapped[time | None]
    cash_due_fen: Mapped[int]
    items: Mapped[list[Any]]
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("batches.id"), index=True)
    stop_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stops.id"), index=True)
    left_out_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("batches.id"), index=True)
    pickup_code: Mapped[str | None]
    created_at: Mapped[datetime]

    stop: Mapped[Stop | None] = relationship(back_populates="jobs")

    @property
    def position(self) -> Position:
        """Where it goes to or comes from."""
        return Position(self.lat, self.lon, self.position_source)


class Proof(Base):
    """What the courier left: who took it, a photo (JPEG without its place), numbers, checks, cash.

    `label_codes` is what the energy labels' QR codes say; `is_confirmed` that whoever took the goods has seen
    them, installed where that was due, and the subsidy's amount. The place is where the photo was taken.
    `code_matches` tells whether the recipient knew the pick-up code; None where nobody asked.
    """

    __tablename__ = "proofs"

    stop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stops.id"), primary_key=True)
    recipient_name: Mapped[str]
    photo: Mapped[bytes | None]
    note: Mapped[str]
    serial_numbers: Mapped[list[Any]]
    checklist: Mapped[list[Any]]
    label_codes: Mapped[list[Any]] = mapped_column(default=list)
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    cash_fen: Mapped[int]
    code_matches: Mapped[bool | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    taken_at: Mapped[datetime]

    stop: Mapped[Stop] = relationship(back_populates="proof")


class KeptEnd(StrEnum):
    """How goods left a station."""

    code = "code"
    recipient = "recipient"
    sent_back = "sent_back"


class Kept(Base):
    """Goods with a station's keeper, until `ended_at`. `wrong_codes` count since the code was made."""

    __tablename__ = "kept"
    __table_args__ = (
        CheckConstraint("wrong_codes >= 0", name="wrong_codes"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_whole"),
        CheckConstraint("left_at < keep_until", name="days"),
        Index("ix_kept_station_id", "station_id", postgresql_where=text("ended_at IS NULL")),
    )

    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    station_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stations.id"))
    courier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("couriers.id"))
    left_at: Mapped[datetime]
    keep_until: Mapped[datetime]
    wrong_codes: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[KeptEnd | None]

    job: Mapped[Job] = relationship(lazy="joined")


class CourierEvent(Base):
    """What a phone told, once per `event_id`. It holds no names: ids, codes, numbers, strokes, a photo.

    `recorded_at` is the phone's claim, never later than `received_at`, which is what counts. `settles_at` is
    until when an ending may be corrected; `reason` and `details` say why it was not applied.
    """

    __tablename__ = "courier_events"
    __table_args__ = (
        UniqueConstraint("courier_id", "event_id"),
        CheckConstraint("recorded_at <= received_at", name="recorded_before_received"),
        CheckConstraint("outcome <> 'open' OR settles_at IS NOT NULL", name="open_until"),
        CheckConstraint("(outcome IN ('conflict', 'refused')) = (reason IS NOT NULL)", name="said_why"),
        CheckConstraint("kind <> 'photo' OR photo IS NOT NULL OR reason IS NOT NULL", name="photo_there"),
        # Two phones at one stop: one of them ends it.
        Index(
            "uq_courier_events_ending",
            "stop_id",
            unique=True,
            postgresql_where=text("kind IN ('done', 'failed') AND outcome IN ('open', 'applied')"),
        ),
        Index("ix_courier_events_stop_id", "stop_id"),
        Index("ix_courier_events_run_id", "run_id"),
        Index(
            "ix_courier_events_unsettled",
            "courier_id",
            postgresql_where=text("outcome IN ('held', 'open')"),
        ),
    )

    id: Mapped[Id]
    courier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("couriers.id"))
    event_id: Mapped[uuid.UUID]
    device_id: Mapped[uuid.UUID]
    sequence: Mapped[int]
    kind: Mapped[EventKind]
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id"))
    stop_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stops.id"))
    payload: Mapped[dict[str, Any]]
    photo: Mapped[bytes | None]
    recorded_at: Mapped[datetime]
    received_at: Mapped[datetime]
    outcome: Mapped[EventOutcome]
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    settles_at: Mapped[datetime | None]
