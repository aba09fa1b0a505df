"""A device's data is wiped, and that is verified and certified; or the verification finds data."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.errors import Refused
from market.recycling import custody, prices
from market.recycling.custody import Thing
from market.recycling.custody_models import WipeCertificate
from market.recycling.held import held, to_state
from market.recycling.models import DESTROYING, Recycler, RecyclingOrder, WipeMethod
from market.recycling.tell import tell, tell_trade_in

WIPE_STANDARD = "GB 46864-2025"


def certify_wipe(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    device_id: uuid.UUID,
    serial_number: str,
    method: WipeMethod,
    verification: str,
    now: datetime,
) -> None:
    """Record that a device's data is gone and that this was verified, and how.

    Raises NotFound, Refused ``recycling.witness`` (field method) for a method that destroys, which
    `destroy.py` records; ``recycling.serial``, ``recycling.verification``, ``state.illegal_move``.
    """
    if method in DESTROYING:
        raise Refused("recycling.witness", field="method")
    thing, device = held(session, recycler, device_id)
    serial, how = serial_number.strip(), verification.strip()
    if not serial:
        raise Refused("recycling.serial", field="serial_number")
    if not how:
        raise Refused("recycling.verification", field="verification")
    by = custody.recycler(staff_id)
    device.serial_number = serial
    proof = WipeCertificate(
        serial_number=serial, method=method, standard=WIPE_STANDARD, operator_id=staff_id, verification=how
    )
    certify(session, recycler, thing, proof, by, now)


def certify(
    session: Session, recycler: Recycler, thing: Thing, proof: WipeCertificate, by: str, now: datetime
) -> None:
    """Move a locked thing on with its certificate, and tell whose it was.

    Raises Refused(``state.illegal_move``).
    """
    told: dict[str, Any] = {
        "serial_number": proof.serial_number,
        "method": proof.method.value,
        "standard": proof.standard,
    }
    if proof.witness_id is not None:
        told["witnessed_by"] = str(proof.witness_id)
    to_state(session, thing, "wiped", by, now, **told)
    proof.device_id, proof.created_at = thing.id, now
    session.add(proof)
    session.flush()
    record_event(session, SubjectKind.recycler, recycler.id, "wipe_verified", thing.code, now)
    _tell(session, thing, now)


def report_failed_wipe(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, device_id: uuid.UUID, now: datetime
) -> None:
    """The verification found data: the device stays where it is, and the failure counts.

    Raises NotFound, Refused ``state.illegal_move`` where there is nothing to wipe.
    """
    thing, _ = held(session, recycler, device_id)
    if not needs_wipe(session, thing):
        raise Refused("state.illegal_move")
    custody.record(session, thing, custody.recycler(staff_id), now, wipe="failed")
    record_event(session, SubjectKind.recycler, recycler.id, "wipe_failed", thing.code, now)


def needs_wipe(session: Session, thing: Thing) -> bool:
    """Whether the recycler owns it and its category says that it may hold data, which nobody wiped yet."""
    if thing.state.value not in ("paid", "confirmed"):
        return False
    return prices.version(session, thing.price_table_id or "").table.holds_data


def _tell(session: Session, thing: Thing, now: datetime) -> None:
    if isinstance(thing, RecyclingOrder):
        tell(session, thing, "wiped", now)
    else:
        tell_trade_in(session, thing, "wiped", "once", now)
