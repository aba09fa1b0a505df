"""Serial numbers: which piece is in the shop, and which went to whom."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.inventory.models import SerialNumber, SerialState
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id


def add_serials(session: Session, listing: Listing, serials: Sequence[str], now: datetime) -> None:
    """Note the serial numbers of pieces that came in.

    Raises Refused(``inventory.serial_known``, field serials) where the product has that number already.
    """
    for serial in serials:
        added = session.execute(
            insert(SerialNumber)
            .values(
                id=new_id(),
                product_id=listing.product_id,
                listing_id=listing.id,
                serial=serial,
                state=SerialState.in_stock,
                received_at=now,
            )
            .on_conflict_do_nothing(index_elements=["product_id", "serial"])
            .returning(SerialNumber.id)
        ).first()
        if added is None:
            raise Refused("inventory.serial_known", field="serials", serial=serial)


def sell_serial(
    session: Session, product_id: uuid.UUID, serial: str, reference: str, now: datetime
) -> SerialNumber:
    """The piece went to `reference`. Once. Raises NotFound; Refused(``inventory.serial_sold``)."""
    found = session.scalar(
        select(SerialNumber)
        .where(SerialNumber.product_id == product_id, SerialNumber.serial == serial)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    if found.state is SerialState.sold and found.reference != reference:
        raise Refused("inventory.serial_sold", field="serial", serial=serial)
    if found.state is SerialState.in_stock:
        found.state, found.reference, found.sold_at = SerialState.sold, reference, now
        session.flush()
    return found
