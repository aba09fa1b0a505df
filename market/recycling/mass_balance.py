"""Mass balance: received = resold + dismantled + returned + stock, by count and by gram, from the rows.

Each side has rows of its own: what came and went home is in custody, what was sold or handed to a dismantler
in its documents, and what is there in the devices. So a row that somebody changes shows.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from market.recycling.custody_models import CustodyEvent, Device, Handover, HandoverLine, Resale
from market.recycling.held import party_of
from market.recycling.models import Recycler, RecyclerKind
from market.recycling.parties import Role
from market.recycling.states import HandoverState

WAITING = ("courier", "post", "hub", "station", "point")
HOME = (Role.post.value, Role.hub.value, Role.consumer.value)


@dataclass(frozen=True, slots=True)
class Mass:
    """So many things of so many grams; `unweighed` of them have not been on a scale and count no grams."""

    count: int = 0
    grams: int = 0
    unweighed: int = 0

    def __add__(self, other: "Mass") -> "Mass":
        return Mass(self.count + other.count, self.grams + other.grams, self.unweighed + other.unweighed)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a recycler, or a county's together, received and what became of it."""

    received: Mass = field(default_factory=Mass)
    resold: Mass = field(default_factory=Mass)
    dismantled: Mass = field(default_factory=Mass)
    returned: Mass = field(default_factory=Mass)
    stock: Mass = field(default_factory=Mass)

    @property
    def accounted(self) -> Mass:
        """What is known to be somewhere."""
        return self.resold + self.dismantled + self.returned + self.stock

    @property
    def holds(self) -> bool:
        """Whether it is what was received, by count and by gram."""
        known, received = self.accounted, self.received
        return (known.count, known.grams) == (received.count, received.grams)


def total(balances: Iterable[Balance]) -> Balance:
    """Several recyclers' balances as one."""
    parts = list(balances)
    names = ("received", "resold", "dismantled", "returned", "stock")
    return Balance(*(sum((getattr(part, name) for part in parts), Mass()) for name in names))


def by_recycler(session: Session, county_code: str | None = None) -> Sequence[tuple[Recycler, Balance]]:
    """The balance of every recycler, of one county or of all, by name."""
    query = select(Recycler).where(Recycler.kind == RecyclerKind.collector).order_by(Recycler.name)
    if county_code is not None:
        query = query.where(Recycler.county_code == county_code)
    sides = {
        "received": _masses(session, _received()),
        "resold": _masses(session, _resold()),
        "dismantled": _masses(session, _dismantled()),
        "returned": _masses(session, _returned()),
        "stock": _masses(session, _stock()),
    }
    return [
        (
            recycler,
            Balance(**{name: side.get(str(party_of(recycler)), Mass()) for name, side in sides.items()}),
        )
        for recycler in session.scalars(query)
    ]


def balance_of(session: Session, recycler_id: uuid.UUID) -> Balance:
    """One recycler's."""
    return next((found for recycler, found in by_recycler(session) if recycler.id == recycler_id), Balance())


def on_the_way(session: Session, county_code: str) -> dict[Role, int]:
    """How many of the county's old things are with couriers, in the post, at places or at the hub."""
    role = func.split_part(Device.holder, ":", 1)
    rows = session.execute(
        select(role, func.count()).where(Device.county_code == county_code, role.in_(WAITING)).group_by(role)
    )
    return {Role(name): int(count) for name, count in rows}


def _of(party: str, sides: dict[str, dict[str, Mass]]) -> Balance:
    return Balance(**{name: side.get(party, Mass()) for name, side in sides.items()})


def _masses(session: Session, rows: Select[Any, Any]) -> dict[str, Mass]:
    """The sums of rows of (party, grams), by party."""
    each = rows.subquery()
    party, grams = each.c[0], each.c[1]
    weighed: ColumnElement[int] = func.coalesce(func.sum(grams), 0)
    found = session.execute(
        select(party, func.count(), weighed, func.count().filter(grams.is_(None))).group_by(party)
    )
    return {name: Mass(int(count), int(sum_grams), int(missing)) for name, count, sum_grams, missing in found}


def weighed() -> Select[Any, Any]:
    """What the scale said of each thing, as custody has it: the last word counts."""
    grams = cast(CustodyEvent.details["weight_grams"].astext, BigInteger)
    return (
        select(CustodyEvent.device_id, grams.label("grams"))
        .where(CustodyEvent.details.has_key("weight_grams"))
        .ext(distinct_on(CustodyEvent.device_id))
        .order_by(CustodyEvent.device_id, CustodyEvent.seq.desc())
    )


def _received() -> Select[Any, Any]:
    scale = weighed().subquery()
    holder = CustodyEvent.details["holder"].astext
    return (
        select(holder, scale.c.grams)
        .outerjoin(scale, scale.c.device_id == CustodyEvent.device_id)
        .where(holder.startswith("recycler:"))
    )


def _returned() -> Select[Any, Any]:
    scale = weighed().subquery()
    giver, holder = CustodyEvent.details["from"].astext, CustodyEvent.details["holder"].astext
    return (
        select(giver, scale.c.grams)
        .outerjoin(scale, scale.c.device_id == CustodyEvent.device_id)
        .where(giver.startswith("recycler:"), func.split_part(holder, ":", 1).in_(HOME))
    )


def _resold() -> Select[Any, Any]:
    return select(func.concat("recycler:", Resale.recycler_id), Resale.weight_grams)


def _dismantled() -> Select[Any, Any]:
    return (
        select(Handover.giver, HandoverLine.weight_grams)
        .join(HandoverLine, HandoverLine.handover_id == Handover.id)
        .where(Handover.state == HandoverState.taken, Handover.taker_role == Role.dismantler)
    )


def _stock() -> Select[Any, Any]:
    return select(Device.holder, Device.weight_grams).where(Device.holder.startswith("recycler:"))
