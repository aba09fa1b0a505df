"""Loading a county's roads: whole or not at all."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.cli import places
from market.places.models import CountyRoads
from market.places.roads.between import roads_between
from market.places.roads.extract import RoadsFileError
from market.places.roads.load import load_roads
from market.places.roads.snap import OffRoad
from market.places.rules import Position
from tests.builders.extracts import HUB, north, write_extract
from tests.builders.places import a_county, a_station

ROAD = {"highway": "tertiary"}
BOTH = np.arange(2)


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A kilometer of road north of the hub, a piece of road apart, and a footpath."""
    nodes = {1: HUB, 2: north(1_000), 3: north(1_600), 4: north(1_900)}
    ways = [((1, 2), ROAD), ((3, 4), ROAD), ((2, 3), {"highway": "path"})]
    return write_extract(tmp_path / "ziyang.osm.pbf", nodes, ways, {2: {"barrier": "gate"}})


def test_a_countys_roads_are_kept_with_what_was_in_the_file(
    session: Session, extract: Path, now: datetime
) -> None:
    loaded = load_roads(session, a_county(session), extract, now).roads
    assert (loaded.source, loaded.loaded_at) == ("ziyang.osm.pbf", now)
    assert loaded.extract_at == datetime(2026, 10, 1, tzinfo=UTC)
    assert (loaded.nodes, loaded.arcs, loaded.components, loaded.apart_nodes) == (11, 20, 2, 4)
    assert (loaded.barriers, loaded.shut, loaded.skipped) == (1, 0, {"not_for_vans": 1})


def test_ways_are_by_road_once_loaded_and_the_estimate_before(
    session: Session, extract: Path, now: datetime
) -> None:
    county = a_county(session)
    pair = [Position(*HUB), Position(*north(1_000))]
    estimate = roads_between(session, county, pair)
    assert estimate.loaded is None
    assert [block[0, 1] for block in estimate.block(BOTH, BOTH)] == [1_600, 192]
    loaded = load_roads(session, county, extract, now)
    by_road = roads_between(session, county, pair)
    assert by_road.loaded is loaded.roads
    assert [block[0, 1] for block in by_road.block(BOTH, BOTH)] == [1_000, 120]


def test_another_countys_roads_are_not_used(session: Session, extract: Path, now: datetime) -> None:
    load_roads(session, a_county(session), extract, now)
    other = roads_between(session, a_county(session, "610728"), [Position(*HUB), Position(*north(1_000))])
    assert other.loaded is None


def test_loading_again_replaces_the_roads_whole(
    session: Session, extract: Path, tmp_path: Path, now: datetime
) -> None:
    county = a_county(session)
    load_roads(session, county, extract, now)
    newer = write_extract(tmp_path / "newer.osm.pbf", {1: HUB, 2: north(200)}, [((1, 2), ROAD)], dated=None)
    load_roads(session, county, newer, now)
    loaded = session.scalars(select(CountyRoads)).one()
    assert (loaded.source, loaded.extract_at, loaded.nodes) == ("newer.osm.pbf", None, 3)


def test_another_countys_extract_is_refused_and_the_roads_stay(
    session: Session, extract: Path, tmp_path: Path, now: datetime
) -> None:
    county = a_county(session)
    load_roads(session, county, extract, now)
    far = write_extract(tmp_path / "far.osm.pbf", {1: north(50_000), 2: north(51_000)}, [((1, 2), ROAD)])
    with pytest.raises(RoadsFileError, match=r"nearest road of the net is 50\.0 km from the county's hub"):
        load_roads(session, county, far, now)
    assert session.scalars(select(CountyRoads.source)).one() == "ziyang.osm.pbf"


def test_the_stations_off_the_net_are_told(session: Session, extract: Path, now: datetime) -> None:
    station = a_station(session)  # 32.59, 108.46: across the mountains
    loaded = load_roads(session, a_county(session), extract, now)
    assert (loaded.stations, loaded.off_road) == (1, ((station, OffRoad.far, 9_691),))


def test_the_command_says_what_it_loaded(app: Flask, session: Session, extract: Path) -> None:
    a_station(session)
    told = app.test_cli_runner().invoke(places, ["roads", str(extract), "--county", "610924"])
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "Loaded ziyang.osm.pbf (data of 2026-10-01): 11 nodes in reach of each other, 20 arcs.",
        "Left out, as they cannot be reached there and back: 4 nodes (parts: 1).",
        "Ways left out: 1 not for vans.",
        "Barriers on the roads: 1; shut for a van: 0.",
        "Stations on the net: 0 of 1.",
        "大连村服务站 is off the road, 9.7 km from the net.",
        "Data © OpenStreetMap contributors, under the ODbL: https://www.openstreetmap.org/copyright",
    ]
    figures = app.test_cli_runner().invoke(places, ["roads", str(extract), "--county", "610924", "--json"])
    assert figures.exit_code == 0
    assert '"nodes": 11' in figures.output


def test_a_bad_file_or_county_is_one_sentence_and_changes_nothing(
    app: Flask, session: Session, extract: Path, tmp_path: Path
) -> None:
    a_county(session)
    torn = tmp_path / "torn.osm.pbf"
    torn.write_bytes(extract.read_bytes()[:100])
    for file, county, sentence in (
        (torn, "610924", "torn.osm.pbf is not an OpenStreetMap extract that can be read"),
        (
            tmp_path / "none.osm.pbf",
            "610924",
            "none.osm.pbf: No such file or directory. Nothing was",
        ),
        (extract, "110101", "'110101' is no county that runs the market."),
    ):
        told = app.test_cli_runner().invoke(places, ["roads", str(file), "--county", county])
        assert told.exit_code == 1
        assert sentence in told.output
        assert len(told.output.splitlines()) == 1
    assert session.scalar(select(func.count()).select_from(CountyRoads)) == 0
