"""Places for tests: the real codes and names, without loading the whole country."""

from datetime import time
from decimal import Decimal

from sqlalchemy.orm import Session

from market.places.models import County, Region, RegionLevel, Station
from market.places.rules import Position, PositionSource

_LEVELS = {2: RegionLevel.province, 4: RegionLevel.city, 6: RegionLevel.county, 9: RegionLevel.township}
_NAMES = {
    "61": "陕西省",
    "6107": "汉中市",
    "6109": "安康市",
    "610728": "镇巴县",
    "610728101": "渔渡镇",
    "610728101200": "渔渡坝村",
    "610924": "紫阳县",
    "610924103": "焕古镇",
    "610924103204": "大连村",
    "610924101": "蒿坪镇",
    "610924101200": "蒿坪村",
}
_CENTERS = {"610924": (32.5203, 108.5342), "610728": (32.5367, 107.8952)}


def a_region(session: Session, code: str) -> Region:
    """The region with that code, and those it is part of."""
    found = session.get(Region, code)
    if found:
        return found
    parent = next((code[:n] for n in (9, 6, 4, 2) if n < len(code)), None)
    if parent:
        a_region(session, parent)
    name = _NAMES.get(code, code)
    level = _LEVELS.get(len(code), RegionLevel.village)
    region = Region(code=code, parent_code=parent, level=level, name=name)
    session.add(region)
    session.flush()
    return region


def a_county(session: Session, code: str = "610924") -> County:
    """A county that runs the market: 紫阳县, or 镇巴县 by its code 610728."""
    found = session.get(County, code)
    if found:
        return found
    region = a_region(session, code)
    lat, lon = _CENTERS[code]
    county = County(
        code=code, name=region.name, hub_name=f"{region.name}共配中心", hub_lat=lat, hub_lon=lon,
        hub_position_source=PositionSource.estimated, cutoff=time(18), detour_factor=Decimal("1.60"),
        speed_kmh=30, phone="09150000000",
    )  # fmt: skip
    session.add(county)
    session.flush()
    return county


def a_station(session: Session, village_code: str = "610924103204", name: str = "大连村服务站") -> Station:
    """A village's station, and its county."""
    county = a_county(session, village_code[:6])
    a_region(session, village_code)
    station = Station(
        county_code=county.code, township_code=village_code[:9], village_code=village_code, name=name,
        keeper_name="汪国强", phone="13900000000", lat=32.59, lon=108.46,
        position_source=PositionSource.estimated,
    )  # fmt: skip
    session.add(station)
    session.flush()
    return station


def a_village_position() -> Position:
    """A place in 紫阳县, some kilometers from its hub."""
    return Position(32.586, 108.455)
