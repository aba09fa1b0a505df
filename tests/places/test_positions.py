"""Positions: the map offset, distances and road times."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.places.rules import (
    EARTH_RADIUS_METERS,
    Position,
    PositionSource,
    distance_meters,
    gcj02_to_wgs84,
    road_meters,
    road_seconds,
    scattered,
    wgs84_to_gcj02,
)

ZIYANG = Position(32.5203, 108.5342)
HAOPING = Position(32.6620, 108.7020)

positions = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))
in_china = st.tuples(st.floats(18, 53), st.floats(74, 134))


@dataclass(frozen=True)
class Roads:
    detour_factor: Decimal = Decimal("1.60")
    speed_kmh: int = 30


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_the_offset_is_the_published_one(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-9)
    assert gcj02_to_wgs84(*gcj02) == pytest.approx(wgs84, abs=1e-8)


@given(in_china)
def test_taking_the_offset_away_gives_the_point_back_within_a_centimeter(point: tuple[float, float]) -> None:
    assert gcj02_to_wgs84(*wgs84_to_gcj02(*point)) == pytest.approx(point, abs=1e-7)


def test_abroad_has_no_offset() -> None:
    assert wgs84_to_gcj02(48.8584, 2.2945) == (48.8584, 2.2945)
    assert gcj02_to_wgs84(48.8584, 2.2945) == (48.8584, 2.2945)


def test_a_degree_of_latitude_is_111_kilometers() -> None:
    assert distance_meters(Position(32, 108), Position(33, 108)) == 111_195


def test_a_quarter_of_the_equator_and_the_antipodes() -> None:
    assert distance_meters(Position(0, 0), Position(0, 90)) == 10_007_557
    assert distance_meters(Position(0, 0), Position(0, 180)) == 20_015_114


@given(positions, positions)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_globe(a: Position, b: Position) -> None:
    assert distance_meters(a, b) == distance_meters(b, a)
    assert 0 <= distance_meters(a, b) <= 3.1416 * EARTH_RADIUS_METERS
    assert distance_meters(a, a) == 0


def test_a_mountain_road_is_longer_than_the_crow_flies_and_takes_its_time() -> None:
    assert distance_meters(ZIYANG, HAOPING) == 22_257
    assert road_meters(Roads(), ZIYANG, HAOPING) == 35_611
    assert road_seconds(Roads(), ZIYANG, HAOPING) == 4_273


def test_no_position_is_off_the_globe() -> None:
    with pytest.raises(ValueError, match="no place on earth"):
        Position(108.5342, 32.5203)


def test_only_an_estimate_must_be_called_one() -> None:
    assert ZIYANG.is_estimated
    assert not Position(32.5, 108.5, PositionSource.courier).is_estimated


@given(st.integers(1, 60))
def test_villages_are_spread_within_six_kilometers_and_apart(count: int) -> None:
    spots = [scattered(ZIYANG, index, count) for index in range(count)]
    assert len(set(spots)) == count
    assert all(distance_meters(ZIYANG, spot) <= 6_000 and spot.is_estimated for spot in spots)
