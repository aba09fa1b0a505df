"""What a delivery adds to the trace of each machine: that it arrived, was installed, and was subsidized."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.trace import TraceKind, record
from market.delivery.models import Proof
from market.delivery.queries import proof_of
from market.inventory.models import SerialNumber
from market.inventory.queries import pieces_known
from market.orders.models import OrderLine, ShopOrder
from market.orders.prove import scanned_of


def known_serials(session: Session, line: OrderLine, proof: Proof | None) -> list[str]:
    """The numbers of the line's pieces: those the shop packed, and those scanned at the door."""
    scanned = proof.serial_numbers if proof else []
    return serials_among(pieces_known(session, [line.reference], scanned), line, proof)


def serials_among(pieces: Sequence[SerialNumber], line: OrderLine, proof: Proof | None) -> list[str]:
    """As `known_serials`, of `pieces_known` of the line and its proof; other lines' may be among them."""
    packed = [piece.serial for piece in pieces if piece.reference == line.reference]
    scanned = scanned_of(line, proof.serial_numbers, pieces) if proof else []
    return list(dict.fromkeys([*packed, *scanned]))[: line.quantity]


def trace_delivered(session: Session, shop_order_id: uuid.UUID, now: datetime) -> None:
    """Write it down for every piece whose number is known. Once."""
    shop_order = session.get_one(ShopOrder, shop_order_id)
    proof = proof_of(session, shop_order.reference)
    at = proof.taken_at if proof else now
    for line in shop_order.lines:
        product_id = uuid.UUID(line.snapshot["product_id"])
        for serial in sorted(known_serials(session, line, proof)):
            for kind, details in _happened(shop_order, line, proof):
                record(session, serial, kind, at, product_id=product_id, details=details)


def _happened(
    shop_order: ShopOrder, line: OrderLine, proof: Proof | None
) -> Iterator[tuple[TraceKind, dict[str, str]]]:
    yield TraceKind.delivered, {"shop": shop_order.shop_name}
    if proof and proof.checklist:
        yield TraceKind.installed, {}
    if line.subsidy_programme_id and line.subsidy_fen:
        yield TraceKind.subsidized, {"programme": line.subsidy_programme_id}
