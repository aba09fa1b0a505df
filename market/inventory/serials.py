"""Serial numbers: which piece is in the shop, and which went to whom."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recall_rule import normalized
from market.catalog.recalled import is_recalled
from market.catalog.trace import TraceKind, record
from market.inventory.models import SerialNumber, SerialState
from market.kernel.errors import Refused
from market.kernel.ids import new_id


def add_serials(
    session: Session, listing: Listing, serials: Sequence[str], now: datetime, batch: str | None = None
) -> None:
    """Note the serial numbers of pieces that came in, of one `batch` where it is known.

    Raises Refused (field serials): ``inventory.serial_known`` where the product has that number already,
    ``inventory.serial_recalled`` where the piece is called back.
    """
    batch = normalized(batch or "") or None
    _none_recalled(session, listing.product_id, serials, batch)
    for serial in serials:
        added = session.execute(
            insert(SerialNumber)
            .values(
                id=new_id(),
                product_id=listing.product_id,
                listing_id=listing.id,
                serial=serial,
                batch=batch,
                state=SerialState.in_stock,
                received_at=now,
            )
            .on_conflict_do_nothing(index_elements=["product_id", "serial"])
            .returning(SerialNumber.id)
        ).first()
        if added is None:
            raise Refused("inventory.serial_known", field="serials", serial=serial)
        _trace(session, listing, serial, TraceKind.received, now)


def sell_serials(
    session: Session, references: Mapping[uuid.UUID, str], serials: Sequence[str], now: datetime
) -> None:
    """The pieces with these numbers went to the reference of their listing. Once.

    Raises Refused (field serials): ``inventory.serial_unknown`` where none of the listings has the number,
    ``inventory.serial_sold`` where the piece went to somebody else, ``inventory.serial_recalled`` where it is
    called back.
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
        _none_recalled(session, piece.product_id, [piece.serial], piece.batch)
        _sell(piece, references[piece.listing_id], now)
    session.flush()
    for piece in sorted(pieces, key=lambda piece: piece.serial):
        _trace(session, session.get_one(Listing, piece.listing_id), piece.serial, TraceKind.sold, now)


def _none_recalled(
    session: Session, product_id: uuid.UUID, serials: Sequence[str], batch: str | None
) -> None:
    for serial in serials:
        if is_recalled(session, serial, product_id=product_id, batch=batch):
            raise Refused("inventory.serial_recalled", field="serials", serial=serial)


def _trace(session: Session, listing: Listing, serial: str, kind: TraceKind, now: datetime) -> None:
    record(session, serial, kind, now, product_id=listing.product_id, details={"shop": listing.shop.name})


def _sell(piece: SerialNumber, reference: str, now: datetime) -> None:
    if piece.state is SerialState.in_stock:
        piece.state, piece.reference, piece.sold_at = SerialState.sold, reference, now
    elif piece.reference != reference:
        raise Refused("inventory.serial_sold", field="serials", serial=piece.serial)
