"""Positions, the Chinese map offset, and how far and how long a road is. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

# The mean radius (2a + b) / 3 of the GRS 80 ellipsoid: Moritz, Geodetic Reference System 1980.
EARTH_RADIUS_METERS = 6_371_008.8

# The ellipsoid GCJ-02 computes its offset on: Krasovsky 1940, semi-major axis and eccentricity squared.
_KRASOVSKY_METERS = 6_378_245.0
_KRASOVSKY_E2 = 0.006_693_421_622_965_943


class PositionSource(StrEnum):
    """How a position is known, from the best to the worst."""

    surveyed = "surveyed"
    courier = "courier"
    estimated = "estimated"


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS-84 degrees and how it is known. Raises ValueError off the globe."""

    lat: float
    lon: float
    source: PositionSource = PositionSource.estimated

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"no place on earth: {self.lat}, {self.lon}")

    @property
    def is_estimated(self) -> bool:
        """Whether a page that shows it must say so."""
        return self.source is PositionSource.estimated


class Roads(Protocol):
    """What is known of a county's roads: how much longer than the crow flies, and how fast."""

    @property
    def detour_factor(self) -> Decimal: ...
    @property
    def speed_kmh(self) -> int: ...


def distance_meters(a: Position, b: Position) -> int:
    """The great circle from `a` to `b` by the haversine formula (Sinnott 1984), to the meter."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return round(2 * EARTH_RADIUS_METERS * math.asin(min(1.0, math.sqrt(chord))))


def road_meters(roads: Roads, a: Position, b: Position) -> int:
    """An estimate of the way by road: the great circle times the detour factor."""
    return round(distance_meters(a, b) * roads.detour_factor)


def road_seconds(roads: Roads, a: Position, b: Position) -> int:
    """An estimate of the time that way takes at the county's usual speed."""
    seconds = Decimal(road_meters(roads, a, b)) * 36 / (10 * roads.speed_kmh)
    return int(seconds.to_integral_value(ROUND_HALF_UP))


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """The WGS-84 point that Chinese map services show at GCJ-02 `lat`, `lon`, to within a centimeter.

    The offset has no published inverse, so it is found by fixed-point iteration: each round subtracts the
    error of the last guess. The offset's own formula is the one in "Restrictions on geographic data in
    China" (Wikipedia), as made public in 2013 by the project eviltransform.
    """
    guess = (lat, lon)
    for _ in range(6):
        shifted = wgs84_to_gcj02(*guess)
        guess = (guess[0] + lat - shifted[0], guess[1] + lon - shifted[1])
    return guess


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Where Chinese map services show the WGS-84 point; unchanged outside the box they shift."""
    if not (0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347):
        return lat, lon
    phi = math.radians(lat)
    curve = 1 - _KRASOVSKY_E2 * math.sin(phi) ** 2
    meridian = _KRASOVSKY_METERS * (1 - _KRASOVSKY_E2) / curve**1.5
    parallel = _KRASOVSKY_METERS / math.sqrt(curve) * math.cos(phi)
    north, east = _offset_meters(lon - 105, lat - 35)
    return lat + math.degrees(north / meridian), lon + math.degrees(east / parallel)


def _offset_meters(x: float, y: float) -> tuple[float, float]:
    """The northward and eastward shift at `x`, `y` degrees from 105°E 35°N."""
    root = math.sqrt(abs(x))
    ripple = 20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (ripple + _waves(y, ((20, 1), (40, 3), (160, 12), (320, 30)))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (ripple + _waves(x, ((20, 1), (40, 3), (150, 12), (300, 30)))) * 2 / 3
    return north, east


def _waves(degrees: float, waves: Sequence[tuple[int, int]]) -> float:
    """Sines of the given amplitudes (meters) and half periods (degrees), summed."""
    return sum(amplitude * math.sin(degrees * math.pi / half) for amplitude, half in waves)


def scattered(center: Position, index: int, count: int) -> Position:
    """An estimated place for the `index`-th of `count` villages of the township at `center`.

    Nothing better than the township is known, so they are spread evenly over a disc of 6 km around it,
    in a sunflower's pattern (Vogel 1979), the first nearest: the same villages land on the same spots.
    """
    radius_meters = 6_000 * math.sqrt((index + 0.5) / max(count, 1))
    bearing = index * math.pi * (3 - math.sqrt(5))
    north = math.degrees(radius_meters * math.cos(bearing) / EARTH_RADIUS_METERS)
    east = math.degrees(radius_meters * math.sin(bearing) / EARTH_RADIUS_METERS)
    return Position(
        round(center.lat + north, 5), round(center.lon + east / math.cos(math.radians(center.lat)), 5)
    )
