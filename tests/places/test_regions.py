"""Regions: the whole country by code, loaded again without harm."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.places import queries
from market.places.load import load_regions
from market.places.models import Region, RegionLevel
from market.places.rules import Position, PositionSource, distance_meters
from tests.builders.places import a_county, a_region, a_station

COUNTED = {"province": 34, "city": 342, "county": 2_978, "township": 41_352, "village": 388}


def by_level(session: Session) -> dict[str, int]:
    counted = session.execute(select(Region.level, func.count()).group_by(Region.level))
    return {level.value: count for level, count in counted}


def test_the_whole_country_is_loaded_with_its_levels_and_progress(session: Session) -> None:
    heard: list[tuple[int, int]] = []
    assert load_regions(session, lambda done, total: heard.append((done, total))) == 45_094
    assert by_level(session) == COUNTED
    assert heard[0] == (5_000, 45_094)
    assert heard[-1] == (45_094, 45_094)


def test_loading_again_changes_no_row_and_keeps_a_better_position(session: Session) -> None:
    load_regions(session)
    surveyed = {"lat": 32.5861, "lon": 108.4552, "position_source": PositionSource.surveyed}
    session.execute(update(Region).where(Region.code == "610924103").values(**surveyed))
    load_regions(session)
    assert by_level(session) == COUNTED
    session.expire_all()
    town = queries.region(session, "610924103")
    assert town is not None
    assert town.position == Position(32.5861, 108.4552, PositionSource.surveyed)


def test_both_demo_counties_have_their_real_towns_and_villages_near_them(session: Session) -> None:
    load_regions(session)
    for code, towns, villages in (("610924", 17, 207), ("610728", 20, 181)):
        in_county = queries.townships(session, code)
        assert len(in_county) == towns
        found = [(town, village) for town in in_county for village in queries.villages(session, town.code)]
        assert len(found) == villages
        for town, village in found:
            assert town.position is not None
            assert village.position is not None
            assert village.position.is_estimated
            assert distance_meters(town.position, village.position) <= 6_000


def test_a_path_reads_as_an_address_does(session: Session) -> None:
    load_regions(session)
    assert queries.region_path(session, "610924103204") == "陕西省安康市紫阳县焕古镇大连村"
    assert queries.region_path(session, "110101001") == "北京市东城区东华门街道"
    assert queries.region_path(session, "441900003") == "广东省东莞市东城街道"
    assert queries.region_path(session, "429004") == "湖北省仙桃市"
    assert queries.region_path(session, "990000") == ""


def test_a_station_is_found_only_in_its_own_county(session: Session) -> None:
    station = a_station(session)
    a_county(session, "610728")
    assert queries.stations(session, "610924") == [station]
    assert queries.station(session, "610924", station.id) is station
    assert queries.station(session, "610728", station.id) is None
    assert [county.name for county in queries.counties(session)] == ["镇巴县", "紫阳县"]


def test_a_region_under_a_foreign_parent_is_refused_by_the_database(session: Session) -> None:
    a_region(session, "610924")
    session.add(Region(code="610728", parent_code="610924", level=RegionLevel.county, name="镇巴县"))
    with pytest.raises(IntegrityError, match="ck_regions_code_begins_with_parents"):
        session.flush()
