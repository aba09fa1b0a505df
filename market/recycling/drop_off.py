"""Where a thing may be carried to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.places import queries as places
from market.recycling import prices
from market.recycling.models import RecyclingOrder
from market.recycling.queries import recyclers_for
from market.recycling.ways import station_takes


@dataclass(frozen=True, slots=True)
class DropOffPlace:
    """A place that takes the thing in; `key` is ``station:`` or ``recycler:`` and its id."""

    key: str
    name: str
    address: str
    phone: str


def drop_off_places(session: Session, order: RecyclingOrder) -> Sequence[DropOffPlace]:
    """The places that take `order`'s thing with its dangers, village stations before recyclers' yards."""
    people = prices.in_force(session, order.category_code, order.created_at).table.typical.people
    yards = [
        DropOffPlace(f"recycler:{yard.id}", yard.name, yard.address, yard.phone)
        for yard in recyclers_for(session, order.county_code, order.category_code, order.created_at)
    ]
    if not station_takes(people, order.hazards):
        return yards
    towns = {town.code: town.name for town in places.townships(session, order.county_code)}
    stations = [
        DropOffPlace(f"station:{it.id}", it.name, towns.get(it.township_code, ""), it.phone)
        for it in places.stations(session, order.county_code)
    ]
    return [*stations, *yards]


def drop_off_of(session: Session, order: RecyclingOrder) -> DropOffPlace | None:
    """The place she chose, while it takes the thing."""
    return next((place for place in drop_off_places(session, order) if place.key == order.drop_off), None)


def check_place(session: Session, order: RecyclingOrder, key: str) -> None:
    """Raises Refused(``recycling.drop_off``, field drop_off) where `key` does not take the thing."""
    if key not in {place.key for place in drop_off_places(session, order)}:
        raise Refused("recycling.drop_off", field="drop_off")
