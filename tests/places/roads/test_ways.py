"""Ways over the roads of tiny extracts, to the meter and second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from market.places.roads.by_road import ByRoad
from market.places.roads.compile import Compiled, compile_net
from market.places.roads.extract import RoadsFileError, read_extract
from market.places.roads.graph import RoadGraph, from_bytes, to_bytes
from market.places.roads.snap import OffRoad
from market.places.rules import Position
from tests.builders.extracts import HUB, north, write_extract

ROAD = {"highway": "tertiary"}  # 30 km/h: 12 seconds for a hundred meters
EAST = 0.002  # degrees: 188 m at this latitude


@dataclass(frozen=True)
class County:
    detour_factor: Decimal = Decimal("1.60")
    speed_kmh: int = 30


@pytest.fixture
def compiled(tmp_path: Path) -> "Compile":
    return Compile(tmp_path / "county.osm.pbf")


@dataclass(frozen=True)
class Compile:
    path: Path

    def __call__(
        self,
        nodes: Mapping[int, tuple[float, float]],
        ways: Sequence[tuple[Sequence[int], Mapping[str, str]]],
        node_tags: Mapping[int, Mapping[str, str]] | None = None,
    ) -> Compiled:
        return compile_net(read_extract(write_extract(self.path, nodes, ways, node_tags)), Position(*HUB))


def there_and_back(graph: RoadGraph, a: tuple[float, float], b: tuple[float, float]) -> list[tuple[int, int]]:
    """Meters and seconds from `a` to `b` and from `b` to `a`."""
    roads, both = ByRoad(graph, County(), [Position(*a), Position(*b)]), np.arange(2)
    meters, seconds = roads.block(both, both)
    assert meters[[0, 1], [0, 1]].tolist() == seconds[[0, 1], [0, 1]].tolist() == [0, 0]
    return [(int(meters[0, 1]), int(seconds[0, 1])), (int(meters[1, 0]), int(seconds[1, 0]))]


def test_a_straight_road_is_as_long_as_it_is_and_takes_its_class_s_time(compiled: Compile) -> None:
    net = compiled({1: HUB, 2: north(1_000)}, [((1, 2), ROAD)])
    assert there_and_back(net.graph, HUB, north(1_000)) == [(1_000, 120), (1_000, 120)]
    assert len(net.graph.lat) == 11  # a node at least every hundred meters


def test_a_place_beside_the_middle_of_a_long_road_is_brought_to_the_middle(compiled: Compile) -> None:
    net = compiled({1: HUB, 2: north(1_000)}, [((1, 2), ROAD)])
    assert there_and_back(net.graph, HUB, north(300)) == [(300, 36), (300, 36)]


def test_a_limit_is_driven_at_four_fifths(compiled: Compile) -> None:
    net = compiled({1: HUB, 2: north(1_000)}, [((1, 2), {**ROAD, "maxspeed": "50"})])
    assert there_and_back(net.graph, HUB, north(1_000)) == [(1_000, 90), (1_000, 90)]


def test_a_one_way_pair_leads_there_by_the_one_and_back_by_the_other(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(500), 3: north(500, EAST), 4: north(0, EAST)}
    net = compiled(nodes, [((1, 2), {**ROAD, "oneway": "yes"}), ((1, 4, 3, 2), {**ROAD, "oneway": "-1"})])
    assert there_and_back(net.graph, HUB, north(500)) == [(500, 60), (875, 106)]


def test_a_roundabout_is_driven_one_way_round(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(50, EAST / 4), 3: north(100), 4: north(50, -EAST / 4), 5: north(300)}
    ring = ((1, 2, 3, 4, 1), {**ROAD, "junction": "roundabout"})
    net = compiled(nodes, [ring, ((3, 5), ROAD)])
    assert there_and_back(net.graph, nodes[2], nodes[3]) == [(69, 9), (206, 25)]


def test_a_faster_road_is_taken_although_it_is_longer_and_its_meters_are_told(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(1_000), 3: north(0, EAST), 4: north(1_000, EAST)}
    net = compiled(nodes, [((1, 2), {"highway": "track"}), ((1, 3, 4, 2), {"highway": "secondary"})])
    assert there_and_back(net.graph, HUB, north(1_000)) == [(1_375, 124), (1_375, 124)]


def test_a_climb_told_by_elevations_or_by_the_road_slows_it(compiled: Compile) -> None:
    nodes, road = {1: HUB, 2: north(500), 3: north(1_000)}, {"highway": "secondary"}  # 40 km/h
    flat = compiled(nodes, [((1, 2, 3), road)])
    assert there_and_back(flat.graph, HUB, north(1_000)) == [(1_000, 90), (1_000, 90)]
    told = compiled(nodes, [((1, 2, 3), {**road, "incline": "-8%"})])
    assert there_and_back(told.graph, HUB, north(1_000)) == [(1_000, 120), (1_000, 120)]
    climbs = compiled(nodes, [((1, 2, 3), road)], {1: {"ele": "400"}, 3: {"ele": "479.9"}})
    assert there_and_back(climbs.graph, HUB, north(1_000)) == [(1_000, 120), (1_000, 120)]
    wild = compiled(nodes, [((1, 2, 3), road)], {1: {"ele": "400"}, 3: {"ele": "980"}})
    assert there_and_back(wild.graph, HUB, north(1_000)) == [(1_000, 90), (1_000, 90)]


def test_an_island_is_left_out_and_a_place_on_it_is_told_with_its_gap(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(1_000), 3: north(1_600), 4: north(1_900)}
    net = compiled(nodes, [((1, 2), ROAD), ((3, 4), ROAD)])
    assert (net.components, len(net.graph.lat), len(net.graph.apart_lat)) == (2, 11, 4)
    roads = ByRoad(net.graph, County(), [Position(*HUB), Position(*north(1_700))])
    assert roads.off_road == {1: OffRoad.cut_off}
    # 1,000 m of road, and a gap of 700 m as the county estimates it: 1.6 times as long, at 30 km/h.
    assert there_and_back(net.graph, HUB, north(1_700)) == [(2_120, 255), (2_120, 255)]


def test_a_dead_end_that_leads_one_way_only_is_not_part_of_the_net(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(1_000), 3: north(1_100), 4: north(1_200)}
    net = compiled(nodes, [((1, 2), ROAD), ((2, 3, 4), {**ROAD, "oneway": "yes"})])
    assert (net.components, len(net.graph.apart_lat)) == (3, 2)


def test_a_place_far_off_every_road_is_told_and_not_refused(compiled: Compile) -> None:
    net = compiled({1: HUB, 2: north(1_000)}, [((1, 2), ROAD)])
    roads = ByRoad(net.graph, County(), [Position(*HUB), Position(*north(4_000)), Position(*north(1_900))])
    assert roads.off_road == {1: OffRoad.far}
    assert np.rint(roads.gaps).tolist() == [0, 3_000, 900]
    assert there_and_back(net.graph, HUB, north(4_000)) == [(5_800, 696), (5_800, 696)]


def test_neighbors_off_the_road_go_straight_to_each_other(compiled: Compile) -> None:
    net = compiled({1: HUB, 2: north(1_000)}, [((1, 2), ROAD)])
    assert there_and_back(net.graph, north(3_000), north(3_100)) == [(160, 20), (160, 20)]


def test_a_bollard_parts_a_road_and_a_gate_does_not(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(500), 3: north(600), 4: north(700)}
    ways = [((1, 2, 3, 4), ROAD)]
    assert len(compiled(nodes, ways, {3: {"barrier": "gate"}}).graph.lat) == 8
    shut = compiled({**nodes, 5: north(800)}, [((1, 2, 3, 4, 5), ROAD)], {3: {"barrier": "bollard"}})
    assert (len(shut.graph.lat), len(shut.graph.apart_lat)) == (6, 2)


def test_a_way_that_leaves_the_extract_ends_at_its_edge(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(100), 4: north(300), 5: north(400)}
    net = compiled(nodes, [((1, 2, 3, 4, 5), ROAD), ((1, 2), ROAD)])
    assert (len(net.graph.lat), len(net.graph.heads)) == (2, 2)


def test_roads_beyond_reach_are_left_out_and_counted(compiled: Compile) -> None:
    nodes = {1: HUB, 2: north(100), 3: north(300_000), 4: north(300_100), 5: north(300_200)}
    net = compiled(nodes, [((1, 2), ROAD), ((3, 4, 5), ROAD)])
    assert (len(net.graph.lat), net.beyond_reach) == (2, 2)


def test_what_is_left_out_is_counted_by_the_reason(tmp_path: Path) -> None:
    ways = [
        ((1, 2), ROAD), ((1, 2), {"route": "ferry"}), ((1, 2), {"highway": "path"}),
        ((1, 2), {"highway": "steps"}), ((1, 2), {**ROAD, "access": "private"}),
        ((1, 2), {"highway": "track", "tracktype": "grade4"}), ((1, 2), {"building": "yes"}),
    ]  # fmt: skip
    tags = {1: {"barrier": "gate"}, 2: {"barrier": "bollard"}, 3: {"barrier": "block"}}
    nodes = {1: HUB, 2: north(100), 3: north(200)}  # the last on no road
    read = read_extract(write_extract(tmp_path / "a.osm.pbf", nodes, ways, tags))
    assert read.skipped == {"ferry": 1, "not_for_vans": 2, "closed": 1, "too_rough": 1}
    assert (read.barriers, read.shut) == (2, 1)
    assert read.extract_at is not None
    assert read.extract_at.isoformat() == "2026-10-01T00:00:00+00:00"


def test_a_file_that_is_no_extract_or_has_no_road_is_refused_in_a_sentence(
    tmp_path: Path, compiled: Compile
) -> None:
    torn = tmp_path / "torn.osm.pbf"
    torn.write_bytes(b"not an extract")
    with pytest.raises(RoadsFileError, match=r"torn\.osm\.pbf is not an OpenStreetMap extract"):
        read_extract(torn)
    with pytest.raises(RoadsFileError, match="No such file or directory"):
        read_extract(tmp_path / "none.osm.pbf")
    with pytest.raises(RoadsFileError, match="no road for a van is within 200 km"):
        compiled({1: HUB, 2: north(100)}, [((1, 2), {"highway": "path"})])


def test_the_net_is_the_same_after_it_was_kept(compiled: Compile) -> None:
    graph = compiled(
        {1: HUB, 2: north(1_000), 3: north(5_000), 4: north(5_100)}, [((1, 2), ROAD), ((3, 4), ROAD)]
    ).graph
    again = from_bytes(to_bytes(graph))
    np.testing.assert_allclose(again.lat, graph.lat, atol=5.1e-8)
    np.testing.assert_allclose(again.apart_lon, graph.apart_lon, atol=5.1e-8)
    for name in ("indptr", "heads", "weights"):
        np.testing.assert_array_equal(getattr(again, name), getattr(graph, name))
    with pytest.raises(ValueError, match="pickled"):
        from_bytes(b"something else")
