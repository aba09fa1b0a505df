"""Pack, and hand to the hub, by scan. Several at once: what is wrong with one label stops no other."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.queries import next_day
from market.inventory.freeze import sold_to
from market.inventory.models import SerialNumber, SerialState
from market.inventory.serials import sell_serials
from market.kernel.clock import at
from market.kernel.errors import Refused
from market.orders import queries
from market.orders.fulfill import confirm_shop_order, hand_over
from market.orders.models import Fulfillment, ShopOrder
from market.orders.recalled import none_frozen
from market.orders.scans import Scan
from market.places.models import County

UNBEGUN = (Fulfillment.placed, Fulfillment.confirmed)
OVER = (Fulfillment.declined, Fulfillment.canceled)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one label: done, or `refused`."""

    label: str
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """The shop orders that are carried on `day`; they are due at the hub before `cutoff`."""

    day: date
    cutoff: datetime
    orders: list[ShopOrder]


def loads(session: Session, shop_id: uuid.UUID, county: County) -> list[Load]:
    """What the shop has not handed over, by cut-off of its batch, the oldest first."""
    by_day: dict[date, list[ShopOrder]] = {}
    for order in queries.shop_orders(session, shop_id, UNBEGUN, limit=500):
        by_day.setdefault(order.order.promised_on, []).append(order)
    return [
        Load(day, at(day - timedelta(days=1), county.cutoff), orders)
        for day, orders in sorted(by_day.items())
    ]


def pack(session: Session, shop_id: uuid.UUID, scan: Scan, by_id: uuid.UUID, now: datetime) -> ShopOrder:
    """The goods of a confirmed order are in their package. The second time nothing happens.

    Raises Refused (field scans): ``order.label_unknown``, ``order.label_over``, ``order.not_confirmed``,
    ``order.serials_wanted`` where the shop keeps numbers of this model and not as many were read as pieces,
    ``order.recalled``, and as `sell_serials`.
    """
    found = _by_label(session, shop_id, scan.label)
    if found.state is Fulfillment.placed:
        raise Refused("order.not_confirmed", field="scans", number=found.number)
    if found.state is not Fulfillment.confirmed or (found.packed_at and not scan.serials):
        return found
    none_frozen(session, found)
    references = {line.listing_id: line.reference for line in found.lines}
    sell_serials(session, references, scan.serials, now)
    _all_numbered(session, found)
    found.packed_at, found.packed_by_id = found.packed_at or now, found.packed_by_id or by_id
    session.flush()
    return found


def hand_over_by_label(
    session: Session, shop_id: uuid.UUID, label: str, county: County, now: datetime
) -> ShopOrder:
    """A packed order goes to the hub, by its label. The second scan changes nothing.

    Raises Refused (field scans): as `pack`; ``order.not_packed``; ``order.label_other_day`` where its batch
    is not the next one, and the hub has no room for it yet.
    """
    found = _by_label(session, shop_id, label)
    if found.state not in UNBEGUN:
        return found
    if found.state is Fulfillment.placed:
        raise Refused("order.not_confirmed", field="scans", number=found.number)
    if found.packed_at is None:
        raise Refused("order.not_packed", field="scans", number=found.number)
    if found.order.promised_on > next_day(county, now):
        day = found.order.promised_on.isoformat()
        raise Refused("order.label_other_day", field="scans", number=found.number, day=day)
    return hand_over(session, shop_id, found.id, now)


def pack_all(
    session: Session, shop_id: uuid.UUID, scans: Sequence[Scan], by_id: uuid.UUID, now: datetime
) -> list[Outcome]:
    """Pack each, in the order of the labels so that two clerks never wait for each other crosswise."""
    return _each(session, scans, lambda scan: pack(session, shop_id, scan, by_id, now))


def hand_over_all(
    session: Session, shop_id: uuid.UUID, scans: Sequence[Scan], county: County, now: datetime
) -> list[Outcome]:
    """Hand over each, as `pack_all`."""
    return _each(session, scans, lambda scan: hand_over_by_label(session, shop_id, scan.label, county, now))


def confirm_all(session: Session, shop_id: uuid.UUID, labels: Sequence[str], now: datetime) -> list[Outcome]:
    """Confirm each that waits for it, as `pack_all`."""

    def confirm(scan: Scan) -> None:
        found = _by_label(session, shop_id, scan.label)
        if found.state is Fulfillment.placed:
            confirm_shop_order(session, shop_id, found.id, now)

    return _each(session, [Scan(label) for label in labels], confirm)


def _each(session: Session, scans: Sequence[Scan], act: Callable[[Scan], object]) -> list[Outcome]:
    return [_tried(session, scan, act) for scan in sorted(scans, key=lambda scan: scan.label)]


def _tried(session: Session, scan: Scan, act: Callable[[Scan], object]) -> Outcome:
    try:
        with session.begin_nested():
            act(scan)
    except Refused as refused:
        return Outcome(scan.label, refused)
    return Outcome(scan.label)


def _by_label(session: Session, shop_id: uuid.UUID, label: str) -> ShopOrder:
    """The shop's own order, locked. Another shop's label and no label at all look the same."""
    id_of = select(ShopOrder.id).where(ShopOrder.number == label, ShopOrder.shop_id == shop_id)
    known = session.scalar(id_of)
    found = queries.shop_order_of(session, shop_id, known, lock=True) if known else None
    if found is None:
        raise Refused("order.label_unknown", field="scans", label=label[:40])
    session.refresh(found)
    if found.state in OVER:
        raise Refused("order.label_over", field="scans", number=found.number)
    return found


def _all_numbered(session: Session, found: ShopOrder) -> None:
    for line in found.lines:
        read = len(sold_to(session, line.reference))
        kept = select(SerialNumber.id).where(
            SerialNumber.listing_id == line.listing_id, SerialNumber.state == SerialState.in_stock
        )
        if read != line.quantity and (read or session.scalar(kept.limit(1))):
            title = line.snapshot["title"]
            raise Refused(
                "order.serials_wanted", field="scans", number=found.number, title=title, pieces=line.quantity
            )
