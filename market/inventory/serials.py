"""Serial numbers: which piece is in the shop, and which went to whom."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.inventory.models import SerialNumber, SerialState
from market.kernel.errors import Refused
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


def sell_serials(
    session: Session, references: Mapping[uuid.UUID, str], serials: Sequence[str], now: datetime
) -> None:
    """The pieces with these numbers went to the reference of their listing. Once.

    Raises Refused (field serials): ``inventory.serial_unknown`` where none of the listings has the number,
    ``inventory.serial_sold`` where the piece went to somebody else.
    """
    pieces = session.scalars(
        select(SerialNumber)
        .where(SerialNumber.listing_id.in_(list(references)), SerialNumber.serial.in_(serials))
        .order_by(SerialNumber.id)
        .with_for_update()
    ).all()
    if missing := sorted(set(serials) - {piece.serial for piece in pieces}):
        raise Refused("inventory.serial_unknown", field="serials", serial=missing[0])
    for piece in pieces:
        _sell(piece, references[piece.listing_id], now)
    session.flush()


def _sell(piece: SerialNumber, reference: str, now: datetime) -> None:
    if piece.state is SerialState.in_stock:
        piece.state, piece.reference, piece.sold_at = SerialState.sold, reference, now
    elif piece.reference != reference:
        raise Refused("inventory.serial_sold", field="serials", serial=piece.serial)
