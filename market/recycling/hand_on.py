"""What the recycler does with a device: wipe, grade, resell or dismantle it; or post it home."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.recalled import is_recalled
from market.catalog.trace import TraceKind, record
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.errors import Refused
from market.recycling import custody, prices
from market.recycling.models import DeviceGrade, Recycler, RecyclingOrder, WipeCertificate, WipeMethod
from market.recycling.receive import addressed_to
from market.recycling.states import RecyclingState
from market.recycling.tell import tell

WIPE_STANDARD = "GB 46864-2025"


def certify_wipe(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    order_id: uuid.UUID,
    serial_number: str,
    method: WipeMethod,
    verification: str,
    now: datetime,
) -> None:
    """Record that a paid device's data is gone and that this was verified, and how.

    Raises NotFound, Refused ``recycling.serial``, ``recycling.verification``, ``state.illegal_move``.
    """
    order = addressed_to(session, recycler, order_id)
    if not serial_number.strip():
        raise Refused("recycling.serial", field="serial_number")
    if not verification.strip():
        raise Refused("recycling.verification", field="verification")
    custody.move(
        session,
        order,
        RecyclingState.wiped,
        custody.recycler(staff_id),
        now,
        serial_number=serial_number.strip(),
        method=method.value,
        standard=WIPE_STANDARD,
    )
    session.add(
        WipeCertificate(
            order_id=order.id,
            serial_number=serial_number.strip(),
            method=method,
            standard=WIPE_STANDARD,
            operator_id=staff_id,
            verification=verification.strip(),
            created_at=now,
        )
    )
    session.flush()
    _trace(session, order, TraceKind.wiped, now, standard=WIPE_STANDARD, method=method.value)
    record_event(session, SubjectKind.recycler, recycler.id, "wipe_verified", order.code, now)
    tell(session, order, "wiped", now)


def report_failed_wipe(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, order_id: uuid.UUID, now: datetime
) -> None:
    """The verification found data: the device stays where it is, and the failure counts.

    Raises NotFound, Refused ``state.illegal_move`` where there is nothing to wipe.
    """
    order = addressed_to(session, recycler, order_id)
    if order.state is not RecyclingState.paid:
        raise Refused("state.illegal_move")
    custody.record(session, order, custody.recycler(staff_id), now, wipe="failed")
    record_event(session, SubjectKind.recycler, recycler.id, "wipe_failed", order.code, now)


def grade(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    order_id: uuid.UUID,
    letter: DeviceGrade,
    now: datetime,
) -> None:
    """Grade a device; one that may hold data only after its wipe.

    Raises NotFound, Refused ``recycling.not_wiped``, ``state.illegal_move``.
    """
    order = addressed_to(session, recycler, order_id)
    holds_data = prices.version(session, order.price_table_id or "").table.holds_data
    if order.state is RecyclingState.paid and holds_data:
        raise Refused("recycling.not_wiped")
    custody.move(session, order, RecyclingState.graded, custody.recycler(staff_id), now, grade=letter.value)
    order.grade = letter
    session.flush()


def resell(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, order_id: uuid.UUID, now: datetime
) -> None:
    """Sell a graded device on, marked 旧货.

    Raises NotFound, Refused ``recycling.scrap``; ``recycling.recalled`` where its number is called back.
    """
    order = addressed_to(session, recycler, order_id)
    if order.grade is DeviceGrade.scrap:
        raise Refused("recycling.scrap")
    wiped = session.get(WipeCertificate, order.id)
    if wiped and is_recalled(session, wiped.serial_number):
        raise Refused("recycling.recalled", serial=wiped.serial_number)
    _trace(session, order, TraceKind.resold, now, mark="旧货")
    custody.move(session, order, RecyclingState.resold, custody.recycler(staff_id), now, mark="旧货")


def dismantle(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    order_id: uuid.UUID,
    manifest_number: str,
    now: datetime,
) -> None:
    """Hand a graded or dangerous device to a licensed dismantler, with its manifest.

    Raises NotFound, Refused ``recycling.manifest``, ``state.illegal_move``.
    """
    order = addressed_to(session, recycler, order_id)
    if not manifest_number.strip():
        raise Refused("recycling.manifest", field="manifest_number")
    by = custody.recycler(staff_id)
    _trace(session, order, TraceKind.dismantled, now, manifest=manifest_number.strip())
    custody.move(session, order, RecyclingState.dismantled, by, now, manifest=manifest_number.strip())


def ship_back(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    order_id: uuid.UUID,
    tracking_number: str,
    now: datetime,
) -> None:
    """Post a device home, freight paid by the recycler, by way of the county's hub, which knows the address.

    Raises NotFound, Refused ``recycling.tracking``, ``state.illegal_move``.
    """
    order = addressed_to(session, recycler, order_id)
    if not tracking_number.strip():
        raise Refused("recycling.tracking", field="tracking_number")
    order.return_tracking_number = tracking_number.strip()
    by = custody.recycler(staff_id)
    custody.move(
        session, order, RecyclingState.return_shipping, by, now, tracking_number=order.return_tracking_number
    )
    tell(session, order, "going_home", now, tracking_number=order.return_tracking_number)


def _trace(session: Session, order: RecyclingOrder, kind: TraceKind, now: datetime, **details: str) -> None:
    """What happened to the machine itself, where its number is known: not under which order."""
    wiped = session.get(WipeCertificate, order.id)
    if wiped is not None:
        record(session, wiped.serial_number, kind, now, details=details)
