"""The county opens and edits its points."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.collection.events import PointEnds
from market.collection.kinds import kinds
from market.collection.models import CollectionPoint, PointRoom
from market.collection.rules import ends_at
from market.collection.states import PointKind, PointState
from market.collection.take_room import lock
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.people.models import Account
from market.places.models import Region
from market.places.rules import PositionSource
from market.recycling.photos import bare


@dataclass(frozen=True, slots=True)
class PointDraft:
    """What the county says of a point; `units` by kind, 0 or absent where it takes none."""

    kind: PointKind
    township_code: str
    name: str
    address: str
    lat: float
    lon: float
    position_source: PositionSource
    operator_name: str
    phone: str
    licence_number: str
    fire_cover: str
    opens_on: date
    closes_on: date
    capacity_cm3: int
    units: Mapping[str, int]


def open_point(
    session: Session,
    county_code: str,
    draft: PointDraft,
    keeper_phone: str,
    photo: bytes | None,
    now: datetime,
) -> CollectionPoint:
    """Open a point; its keeper, if it has one, is an account by its phone.

    Raises Refused ``collection.dates`` (closes_on), ``collection.township`` (township_code),
    ``collection.keeper`` (keeper_phone), ``collection.capacity`` (capacity_m3), ``photo.unreadable``.
    """
    _check(session, county_code, draft, now)
    fields = asdict(draft)
    units = fields.pop("units")
    point = CollectionPoint(
        county_code=county_code, state=PointState.open, load_cm3=0, created_at=now, **fields
    )
    point.keeper_id = _keeper(session, keeper_phone)
    if photo:
        point.jpeg, point.sha256 = bare(photo)
    point.room = [PointRoom(kind=kind, capacity_units=n, load_units=0) for kind, n in sorted(units.items())]
    session.add(point)
    session.flush()
    ring_when_over(session, point, now)
    return point


def edit_point(
    session: Session,
    county_code: str,
    point_id: uuid.UUID,
    draft: PointDraft,
    keeper_phone: str,
    photo: bytes | None,
    now: datetime,
) -> CollectionPoint:
    """Correct a point or prolong it. Room cannot become less than what is taken.

    Raises NotFound, Refused as `open_point`, and ``collection.above`` (capacity_m3).
    """
    point = lock_in_county(session, county_code, point_id)
    _check(session, county_code, draft, now)
    keeper_id = _keeper(session, keeper_phone)
    taken = {room.kind: room.load_units for room in point.room}
    if draft.capacity_cm3 < point.load_cm3 or any(draft.units.get(k, 0) < n for k, n in taken.items()):
        raise Refused("collection.above", field="capacity_m3")
    for name, value in asdict(draft).items():
        if name != "units":
            setattr(point, name, value)
    point.keeper_id = keeper_id
    if photo:
        point.jpeg, point.sha256 = bare(photo)
    _set_room(session, point, draft.units)
    ring_when_over(session, point, now)
    return point


def ring_when_over(session: Session, point: CollectionPoint, now: datetime) -> None:
    """Set the clock for the day on which the point is over."""
    key = f"{PointEnds.kind}:{point.id}:{point.closes_on.isoformat()}"
    emit(session, PointEnds(point.id), now, due_at=ends_at(point.closes_on), dedupe_key=key)


def _set_room(session: Session, point: CollectionPoint, units: Mapping[str, int]) -> None:
    known = {room.kind: room for room in point.room}
    for kind, most in sorted(units.items()):
        if kind in known:
            known[kind].capacity_units = most
        else:
            point.room.append(PointRoom(kind=kind, capacity_units=most, load_units=0))
    for kind in known.keys() - units.keys():
        known[kind].capacity_units = 0
    session.flush()


def _check(session: Session, county_code: str, draft: PointDraft, now: datetime) -> None:
    if draft.closes_on < max(draft.opens_on, local_date(now)):
        raise Refused("collection.dates", field="closes_on")
    township = session.get(Region, draft.township_code)
    if township is None or township.parent_code != county_code:
        raise Refused("collection.township", field="township_code")
    known = draft.units.keys() <= set(kinds(session))
    counts = list(draft.units.values())
    if draft.capacity_cm3 <= 0 or not known or min(counts, default=-1) < 0 or not any(counts):
        raise Refused("collection.capacity", field="capacity_m3")


def _keeper(session: Session, phone: str) -> uuid.UUID | None:
    if not phone.strip():
        return None
    found = session.scalar(select(Account.id).where(Account.phone == phone.strip()))
    if found is None:
        raise Refused("collection.keeper", field="keeper_phone")
    return found


def lock_in_county(session: Session, county_code: str, point_id: uuid.UUID) -> CollectionPoint:
    """A point of the county, locked and read anew. Raises NotFound."""
    known = session.get(CollectionPoint, point_id)
    if known is None or known.county_code != county_code:
        raise NotFound
    return lock(session, point_id)
