"""A long day for one courier, written as rows: what the planner would give to several."""

import uuid
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.delivery.models import (
    Batch,
    BatchState,
    Courier,
    Job,
    JobKind,
    JobState,
    Run,
    RunState,
    Stop,
    StopState,
)
from market.kernel import clock
from market.kernel.ids import new_id
from market.people.models import Account
from market.places.rules import PositionSource

CASH_FEN = 12300


def a_long_day(session: Session, phone: str, stops: int) -> uuid.UUID:
    """A released run of `stops` doors for the courier with that number; cash is due at every tenth."""
    now = clock.now()
    courier = session.scalars(
        select(Courier).join(Account, Account.id == Courier.account_id).where(Account.phone == phone)
    ).one()
    waves = select(func.max(Batch.wave)).where(Batch.county_code == courier.county_code)
    batch = Batch(
        id=new_id(), county_code=courier.county_code, day=clock.local_date(now),
        wave=(session.scalar(waves) or 0) + 1,
        state=BatchState.released, closed_at=now, planned_at=now, released_at=now, cost_fen=0,
    )  # fmt: skip
    run = Run(
        id=new_id(), batch_id=batch.id, vehicle_id=courier.vehicle_id, courier_id=courier.id,
        state=RunState.released, depart_at=now, return_at=now + timedelta(hours=9), meters=87_000,
        seconds=32_400, cost_fen=0,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    session.add(run)
    session.flush()
    for number in range(1, stops + 1):
        session.add(_a_stop(run, number))
        session.flush()
        session.add(_a_job(courier.county_code, batch, run, session, number))
    session.flush()
    return run.id


def _a_stop(run: Run, number: int) -> Stop:
    at = run.depart_at + timedelta(minutes=5 * number)
    return Stop(
        id=new_id(), run_id=run.id, trip=1 + number // 40, sequence=number, state=StopState.pending,
        arrive_at=at, leave_at=at + timedelta(minutes=4),
    )  # fmt: skip


def _a_job(county_code: str, batch: Batch, run: Run, session: Session, number: int) -> Job:
    stop_id = session.scalars(select(Stop.id).where(Stop.run_id == run.id, Stop.sequence == number)).one()
    return Job(
        id=new_id(), county_code=county_code, kind=JobKind.deliver, reference=f"journey:{stop_id}",
        party="county", order_number=f"J{number:06d}", state=JobState.scheduled, place="door",
        lat=32.5, lon=108.5,
        position_source=PositionSource.estimated, address_text=f"焕古镇大连村三组 {number} 号",
        recipient_name=f"收货人{number}", recipient_phone=f"139{number:08d}", weight_grams=65_000,
        volume_cm3=400_000, longest_side_mm=900, people=2, skills=["general"], service_seconds=1200,
        promised_on=batch.day, cash_due_fen=CASH_FEN if number % 10 == 0 else 0,
        items=[["禾润 10 公斤滚筒洗衣机", 1]], batch_id=batch.id, stop_id=stop_id, created_at=run.depart_at,
    )  # fmt: skip
