"""What an order tells the claims of its lines: what was bought, what was left at the door, banked cash."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import Proof
from market.inventory.models import SerialNumber
from market.orders import queries
from market.orders.models import OrderLine, PaymentMethod, ShopOrder
from market.people.models import Account
from market.subsidies import evidence
from market.subsidies.about import About


def about(session: Session, line: OrderLine) -> About:
    """What the claim of `line` is about, out of the line's own snapshot."""
    part, snapshot = line.shop_order, line.snapshot
    address = part.order.address
    return About(
        shop_id=part.shop_id,
        shop_name=part.shop_name,
        order_number=part.number,
        listing_id=line.listing_id,
        product_id=uuid.UUID(snapshot["product_id"]),
        title=snapshot["title"],
        brand=snapshot["brand"],
        model=snapshot["model"],
        gtin=snapshot["gtin"],
        labels=tuple(label["record_number"] for label in snapshot["labels"]),
        quantity=line.quantity,
        price_fen=(line.list_fen - line.shop_promotion_fen - line.coupon_fen) // line.quantity,
        filed_price_fen=snapshot["list_price_fen"],
        money_fen=line.paid_fen,
        claimant=session.get_one(Account, part.order.account_id).name,
        ordered_at=part.order.placed_at,
        needs_install=snapshot["install_skill"] != "none",
        lat=address["lat"],
        lon=address["lon"],
    )


def signals(line: OrderLine) -> dict[str, str]:
    """What many claims of different people should not share."""
    address = line.shop_order.order.address
    return {"phone": address["phone"], "address": f"{address['region']}{address['detail']}"}


def cash_banked(session: Session, reference: str, now: datetime) -> None:
    """The buyer's cash for a shop order is in the bank: that is her payment slip. Once."""
    part = queries.by_reference(session, reference)
    if part is None:
        return
    slip = {"method": "cash", "amount_fen": part.payable_fen, "at": now.isoformat()}
    for line in sorted(part.lines, key=lambda line: line.id):
        evidence.gather(session, line.reference, {evidence.PAYMENT: slip}, now)


def cash_of(part: ShopOrder) -> int:
    """What the courier took in fen for a delivered shop order; a proof counts the whole stop's."""
    return part.payable_fen if part.order.payment_method is PaymentMethod.cash else 0


def of_delivery(
    session: Session, line: OrderLine, proof: Proof | None, done_at: datetime
) -> dict[str, dict[str, Any]]:
    """What the stop proves of `line`, by the kinds that programmes ask for (facts §1.4, §1.5)."""
    found: dict[str, dict[str, Any]] = {"delivered": {"at": done_at.isoformat()}}
    if line.snapshot["gtin"]:
        found[evidence.GTIN] = {"value": line.snapshot["gtin"]}
    if proof is None:
        return found
    claimant = session.get_one(Account, line.shop_order.order.account_id).name
    found["recipient"] = {"name": proof.recipient_name}
    if proof.recipient_name == claimant:
        found[evidence.RECIPIENT] = {"name": proof.recipient_name}
    if own := serials_of(session, line, proof.serial_numbers):
        found[evidence.SERIAL] = {"values": own}
    if proof.photo:
        digest = hashlib.sha256(proof.photo).hexdigest()
        found[evidence.PHOTO] = {"sha256": digest, "at": proof.taken_at.isoformat()}
    if proof.lat is not None:
        found[evidence.PLACE] = {"lat": proof.lat, "lon": proof.lon, "at": proof.taken_at.isoformat()}
    if proof.label_codes:
        found[evidence.LABEL] = {"values": labels_of(line.snapshot, proof.label_codes)}
    if proof.checklist:
        found[evidence.SIGN_OFF] = {"checks": proof.checklist}
    if proof.is_confirmed:
        found[evidence.CONFIRMATION] = {"name": proof.recipient_name, "at": proof.taken_at.isoformat()}
    return found


def labels_of(snapshot: Mapping[str, Any], codes: Sequence[str]) -> list[str]:
    """The codes that hold one of the line's own record numbers; all of them where none does."""
    records = [label["record_number"] for label in snapshot["labels"]]
    return [code for code in codes if any(record in code for record in records)] or list(codes)


def serials_of(session: Session, line: OrderLine, scanned: Sequence[str]) -> list[str]:
    """Which of the numbers scanned at the door are of `line`.

    Those that the shop packed for it; else those it has on its list for this model; else all, where it is
    the only line at the stop that could have them. A number that belongs elsewhere is not guessed.
    """
    pieces = session.scalars(select(SerialNumber).where(SerialNumber.serial.in_(scanned)))
    return scanned_of(line, scanned, pieces)


def scanned_of(line: OrderLine, scanned: Sequence[str], pieces: Iterable[SerialNumber]) -> list[str]:
    """As `serials_of`, of all pieces that have one of the numbers; others may be among them."""
    known = {row.serial: row for row in pieces}
    packed = [serial for serial in scanned if serial in known and known[serial].reference == line.reference]
    if packed:
        return packed
    listed = [serial for serial in scanned if serial in known and known[serial].listing_id == line.listing_id]
    strangers = [serial for serial in scanned if serial not in known]
    return listed or (strangers if len(line.shop_order.lines) == 1 else [])
