"""A thing that no longer starts cannot be wiped by software: its memory is destroyed before a witness.

One member of staff destroys and says how and by which standard; another, who saw it, signs. From then on
it is scrap: it goes to a dismantler and is never sold on (facts §3.1).
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.recycling import custody
from market.recycling.custody_models import Destruction, WipeCertificate
from market.recycling.held import held
from market.recycling.models import DESTROYING, Recycler, WipeMethod
from market.recycling.wipe import certify, needs_wipe

STANDARD_CHARS = range(4, 61)


def destroy(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    device_id: uuid.UUID,
    serial_number: str,
    method: WipeMethod,
    standard: str,
    found: str,
    now: datetime,
) -> None:
    """Record that `staff_id` destroyed a device's memory; what was `found` afterwards in words.

    A serial number that nobody can read may be empty: the device's code then stands for it. Recorded again
    before the witness has signed, the later words count.

    Raises NotFound; Refused ``recycling.method``, ``recycling.standard``, ``recycling.verification`` (fields
    method, standard, found), ``state.illegal_move`` where nothing is to be wiped.
    """
    thing, device = held(session, recycler, device_id)
    if not needs_wipe(session, thing):
        raise Refused("state.illegal_move")
    if method not in DESTROYING:
        raise Refused("recycling.method", field="method")
    if len(standard.strip()) not in STANDARD_CHARS:
        raise Refused("recycling.standard", field="standard")
    if not found.strip():
        raise Refused("recycling.verification", field="found")
    waiting = session.get(Destruction, device_id) or Destruction(device_id=device_id)
    waiting.serial_number = serial_number.strip() or device.code
    waiting.method, waiting.standard, waiting.found = method, standard.strip(), found.strip()
    waiting.operator_id, waiting.created_at = staff_id, now
    session.add(waiting)
    custody.record(session, thing, custody.recycler(staff_id), now, wipe="destroyed", method=method.value)


def witness(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, device_id: uuid.UUID, now: datetime
) -> None:
    """A second member of staff saw it: the certificate is written.

    Raises NotFound where nothing was destroyed, Refused(``recycling.second_person``) for who did it.
    """
    thing, device = held(session, recycler, device_id)
    waiting = session.get(Destruction, device_id, with_for_update=True, populate_existing=True)
    if waiting is None:
        raise NotFound
    if waiting.operator_id == staff_id:
        raise Refused("recycling.second_person")
    if waiting.serial_number != device.code:
        device.serial_number = waiting.serial_number
    proof = WipeCertificate(
        serial_number=waiting.serial_number,
        method=waiting.method,
        standard=waiting.standard,
        operator_id=waiting.operator_id,
        verification=waiting.found,
        witness_id=staff_id,
    )
    session.delete(waiting)
    certify(session, recycler, thing, proof, custody.recycler(staff_id), now)


def is_destroyed(session: Session, device_id: uuid.UUID) -> bool:
    """Whether its certificate says that its memory was destroyed."""
    proof = session.get(WipeCertificate, device_id)
    return proof is not None and proof.method in DESTROYING


def awaiting_witness(session: Session, device_id: uuid.UUID) -> Destruction | None:
    """What was destroyed and has no second signature yet."""
    return session.get(Destruction, device_id)
