"""Reads of places. All of it is public."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound
from market.places.models import County, Region, RegionLevel, Station
from market.places.rules import Position, PositionSource

_CODE_LENGTHS = (2, 4, 6, 9, 12)  # province, city, county, township, village
_LINEAGE = (
    select(Region, County)
    .outerjoin(County, County.code == Region.code)
    .where(Region.code.in_(bindparam("codes", expanding=True)))
    .order_by(Region.code)
)
COUNTIES = select(County).order_by(County.code)
"""All counties that run the market, for `kernel.together`."""

# Rows of the statistics that only fill a level, and are not said in an address.
_FILLERS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")


def counties(session: Session) -> Sequence[County]:
    """The counties that run the market, by code."""
    return session.scalars(COUNTIES).all()


def county(session: Session, code: str) -> County | None:
    """The county with that code, or None where it runs no market."""
    return session.get(County, code)


def townships(session: Session, county_code: str) -> Sequence[Region]:
    """The towns, townships and streets of a county, by code."""
    return _parts(session, county_code)


def villages(session: Session, township_code: str) -> Sequence[Region]:
    """The villages and neighborhoods of a township, by code."""
    return _parts(session, township_code)


def _parts(session: Session, code: str) -> Sequence[Region]:
    return session.scalars(select(Region).where(Region.parent_code == code).order_by(Region.code)).all()


def region(session: Session, code: str) -> Region | None:
    """The region with that code."""
    return session.get(Region, code)


def lineage(session: Session, code: str) -> Sequence[Region]:
    """The region with that code after those it lies in, the province first; none where it is unknown."""
    return [region for region, _ in _lineage(session, code)]


def lineage_in_county(session: Session, code: str) -> tuple[Sequence[Region], County]:
    """The `lineage` of that code and the county in it that runs a market. Raises NotFound if none does."""
    found = _lineage(session, code)
    county = next((county for _, county in found if county), None)
    if county is None:
        raise NotFound
    return [region for region, _ in found], county


def _lineage(session: Session, code: str) -> Sequence[tuple[Region, County | None]]:
    codes = [code[:length] for length in _CODE_LENGTHS if length <= len(code)]
    return session.execute(_LINEAGE, {"codes": codes}).all()


def full_name(regions: Sequence[Region]) -> str:
    """A lineage as an address says it: ``陕西省安康市紫阳县焕古镇大连村``."""
    return "".join(dict.fromkeys(region.name for region in regions if region.name not in _FILLERS))


def rough_position(regions: Sequence[Region], county: County) -> Position:
    """Where a village nobody has placed is, roughly: at its township, else at its county's hub."""
    townships = (region.position for region in regions if region.level is RegionLevel.township)
    known = next(filter(None, townships), county.hub)
    return Position(known.lat, known.lon, PositionSource.estimated)


def region_path(session: Session, code: str) -> str:
    """The full name of the region with that code; empty where it is unknown."""
    return full_name(lineage(session, code))


def region_paths(session: Session, codes: Collection[str]) -> dict[str, str]:
    """The full name of each of those regions, by code, in one statement."""
    parts = {code[:length] for code in codes for length in _CODE_LENGTHS if length <= len(code)}
    found = session.scalars(select(Region).where(Region.code.in_(parts)).order_by(Region.code)).all()
    return full_names(found, codes)


def full_names(regions: Sequence[Region], codes: Collection[str]) -> dict[str, str]:
    """As `region_paths`, of the regions that those lie in, by code."""
    return {code: full_name([it for it in regions if code.startswith(it.code)]) for code in codes}


def stations(session: Session, county_code: str) -> Sequence[Station]:
    """A county's village stations, by township and name."""
    order = (Station.township_code, Station.village_code, Station.name)
    return session.scalars(select(Station).where(Station.county_code == county_code).order_by(*order)).all()


def station(session: Session, county_code: str, station_id: uuid.UUID) -> Station | None:
    """One station of the county; another county's is not found."""
    found = session.get(Station, station_id)
    return found if found and found.county_code == county_code else None
