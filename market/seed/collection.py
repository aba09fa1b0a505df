"""Collection points of the county with something on them, and a report to answer."""

from datetime import timedelta

from sqlalchemy import exists, select

from market.collection.bring import take_in
from market.collection.keep_point import PointDraft, open_point
from market.collection.kinds import kinds
from market.collection.models import CollectionPoint
from market.collection.states import PointKind
from market.kernel.clock import local_date
from market.oversight.cases import file_case
from market.oversight.models import ReportedCase
from market.oversight.states import CaseKind
from market.places import queries as places
from market.places.models import Station
from market.recycling.rules import BATTERY
from market.seed.world import World

_POINTS = 3
_OPEN_DAYS = 120
_CAPACITY_CM3 = 6_000_000
_UNITS = {"phone": 60, BATTERY: 20, "rice_cooker": 20, "tv": 8, "fridge": 4, "washer": 4}
# What is on them at first: the first point is beyond its alarm.
_BROUGHT = ((BATTERY, 16), ("phone", 9)), (("tv", 3), ("rice_cooker", 4)), ()


def open_points(world: World) -> None:
    """A few points beside stations, each kept by somebody who can sign in."""
    if world.session.scalar(select(exists().where(CollectionPoint.county_code == world.plan.code))):
        return
    found = places.stations(world.session, world.plan.code)[:_POINTS]
    for number, station in enumerate(found, 1):
        point = _open(world, number, station)
        keeper = world.account("station", number)
        for kind, units in _BROUGHT[number - 1]:
            for _ in range(units):
                take_in(world.session, point, keeper.id, kind, "", world.now)


def report_something(world: World) -> None:
    """One report for the county to take up."""
    if world.session.scalar(select(exists().where(ReportedCase.county_code == world.plan.code))):
        return
    words = "有人在河边拆旧电视，碎玻璃和电线扔了一地。"
    file_case(world.session, world.plan.code, None, CaseKind.pollution, "河堤路桥下", words, [], world.now)


def _open(world: World, number: int, station: Station) -> CollectionPoint:
    today = local_date(world.now)
    known = set(kinds(world.session))
    draft = PointDraft(
        kind=PointKind.yard if number == _POINTS else PointKind.temporary,
        township_code=station.township_code,
        name=f"{station.name}旁收集点",
        address=places.region_path(world.session, station.village_code),
        lat=station.lat,
        lon=station.lon,
        position_source=station.position_source,
        operator_name=station.name,
        phone=station.phone,
        licence_number=f"{world.plan.code}-SJ-{number:03d}",
        fire_cover="干粉灭火器 4 具，沙箱 1 个",
        opens_on=today - timedelta(days=30),
        closes_on=today + timedelta(days=_OPEN_DAYS),
        capacity_cm3=_CAPACITY_CM3,
        units={kind: most for kind, most in _UNITS.items() if kind in known},
    )
    keeper = world.account("station", number)
    return open_point(world.session, world.plan.code, draft, keeper.phone, None, world.now)
