"""Deliveries for tests: vehicles with couriers, and jobs in all states up to a run on the road."""

from datetime import date, datetime, time
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from market.delivery.close_batch import close_batch
from market.delivery.drive import start_run
from market.delivery.jobs import JobRequest, create_job, mark_at_hub
from market.delivery.models import Batch, Courier, Job, Run, Vehicle, VehicleType
from market.delivery.plan_batch import plan_batch, release_batch
from market.kernel.ids import new_id
from market.places.rules import Position, PositionSource
from tests.builders.people import an_account
from tests.builders.places import a_county

DAY = date(2026, 11, 24)
_numbers = count(1)


def a_courier(session: Session, now: datetime, county_code: str = "610924", **changes: Any) -> Courier:
    """A courier with a truck of the county: two people who may install anything."""
    a_county(session, county_code)
    session.merge(
        VehicleType(
            code="truck", name_zh="轻型厢式货车", name_en="Light box truck", capacity_grams=1_500_000,
            capacity_cm3=15_000_000, longest_side_mm=4_000, fixed_fen=150_00,
            fen_per_km=1_80, fen_per_hour=65_00,
        )
    )  # fmt: skip
    session.flush()
    fields = {"people": 2, "skills": ["electric", "gas", "general"], **changes}
    vehicle = Vehicle(
        county_code=county_code, type_code="truck", plate=f"陕G{next(_numbers):05d}", shift_start=time(8),
        shift_end=time(18), active=True, **fields,
    )  # fmt: skip
    session.add(vehicle)
    session.flush()
    account = an_account(session, now, name="康大山")
    courier = Courier(
        account_id=account.id, county_code=county_code, vehicle_id=vehicle.id, name=account.name,
        phone=account.phone,
    )  # fmt: skip
    session.add(courier)
    session.flush()
    return courier


def a_request(**changes: Any) -> JobRequest:
    """A washer to a door in 焕古镇."""
    number = next(_numbers)
    fields: dict[str, Any] = {
        "county_code": "610924",
        "kind": "deliver",
        "reference": f"shop_order:{new_id()}",
        "order_number": f"T{number:06d}",
        "party": "county",
        "place": "door",
        "station_id": None,
        "station_consent_at": None,
        "position": Position(32.59, 108.46, PositionSource.estimated),
        "address_text": "紫阳县焕古镇大连村三组 12 号",
        "recipient_name": "王秀英",
        "recipient_phone": "13912345678",
        "weight_grams": 65_000,
        "volume_cm3": 400_000,
        "longest_side_mm": 900,
        "people": 2,
        "skills": frozenset({"general"}),
        "service_seconds": 1200,
        "promised_on": DAY,
        "cash_due_fen": 0,
        "items": (("禾润 10 公斤滚筒洗衣机", 1),),
    }
    return JobRequest(**{**fields, **changes})


def a_ready_job(session: Session, now: datetime, **changes: Any) -> Job:
    """A job whose goods stand at the hub."""
    job = create_job(session, a_request(**changes), now)
    mark_at_hub(session, job.reference, now)
    return job


def a_planned_batch(session: Session, now: datetime, county_code: str = "610924") -> Batch:
    """What is ready, closed and planned."""
    batch = close_batch(session, county_code, DAY, 1, now)
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    session.refresh(batch)
    return batch


def a_run_underway(session: Session, courier: Courier, now: datetime) -> Run:
    """What is ready, released and on the road with `courier`."""
    batch = a_planned_batch(session, now, courier.county_code)
    release_batch(session, courier.county_code, batch.id, now)
    (run,) = batch.runs
    return start_run(session, courier, run.id, now)
