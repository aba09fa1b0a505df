"""What the recycler does with a device: grade and resell it; or post it home."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.recalled import is_recalled
from market.kernel.errors import Refused
from market.recycling import custody
from market.recycling.codes import new_code
from market.recycling.custody_models import LEAST_WARRANTY_MONTHS, Resale
from market.recycling.destroy import is_destroyed
from market.recycling.held import held, refuse_offered, to_state
from market.recycling.models import DeviceGrade, Recycler
from market.recycling.parties import BUYER
from market.recycling.receive import addressed_to
from market.recycling.states import RecyclingState
from market.recycling.tell import tell
from market.recycling.wipe import needs_wipe

SECOND_HAND = "旧货"


def grade(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    device_id: uuid.UUID,
    letter: DeviceGrade,
    now: datetime,
    brand: str = "",
) -> None:
    """Grade a device, with the brand on it where that can be read; one that may hold data after its wipe.

    Raises NotFound, Refused ``recycling.not_wiped``, ``recycling.destroyed`` (field grade: what was destroyed
    is scrap), ``state.illegal_move``.
    """
    thing, device = held(session, recycler, device_id)
    if needs_wipe(session, thing):
        raise Refused("recycling.not_wiped")
    if letter is not DeviceGrade.scrap and is_destroyed(session, device_id):
        raise Refused("recycling.destroyed", field="grade")
    device.brand = brand.strip() or None
    by = custody.recycler(staff_id)
    to_state(session, thing, "graded", by, now, grade=letter.value, brand=device.brand)
    thing.grade = letter
    session.flush()


def resell(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    device_id: uuid.UUID,
    serial_number: str,
    price_fen: int,
    warranty_months: int,
    now: datetime,
) -> Resale:
    """Sell a graded device on, marked 旧货, for `price_fen` with so many months of warranty.

    Raises NotFound; Refused ``recycling.scrap``, ``recycling.serial``, ``recycling.serial_differs``,
    ``recycling.recalled`` (field serial_number), ``recycling.sale_price``, ``recycling.warranty``,
    ``recycling.offered_already``, ``state.illegal_move``.
    """
    thing, device = held(session, recycler, device_id)
    refuse_offered(session, device, now)
    serial = serial_number.strip()
    if thing.grade is DeviceGrade.scrap:
        raise Refused("recycling.scrap")
    _check_serial(session, serial, device.serial_number)
    if price_fen <= 0:
        raise Refused("recycling.sale_price", field="price_fen")
    if warranty_months < LEAST_WARRANTY_MONTHS:
        raise Refused("recycling.warranty", field="warranty_months", least=LEAST_WARRANTY_MONTHS)
    sale = {"number": new_code("E"), "price_fen": price_fen, "warranty_months": warranty_months}
    told = sale | {"mark": SECOND_HAND, "serial_number": serial}
    by = custody.recycler(staff_id)
    device.serial_number = serial
    to_state(session, thing, "resold", by, now, BUYER, **told)
    sold = Resale(
        device_id=thing.id,
        recycler_id=recycler.id,
        sold_by_id=staff_id,
        serial_number=serial,
        grade=thing.grade,
        weight_grams=device.weight_grams,
        sold_at=now,
        **sale,
    )
    session.add(sold)
    session.flush()
    return sold


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


def _check_serial(session: Session, serial: str, wiped_serial: str | None) -> None:
    """The serial is there, is the one that was wiped, and is not called back."""
    if not serial:
        raise Refused("recycling.serial", field="serial_number")
    if wiped_serial is not None and serial != wiped_serial:
        raise Refused("recycling.serial_differs", field="serial_number", serial=wiped_serial)
    if is_recalled(session, serial):
        raise Refused("recycling.recalled", field="serial_number")
