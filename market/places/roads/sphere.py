"""The great circle for arrays of points. Pure.

The same haversine formula and radius as `market.places.rules.distance_meters`, without its rounding.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.places.rules import EARTH_RADIUS_METERS

Floats = NDArray[np.float64]


def great_circle(lat_a: Any, lon_a: Any, lat_b: Any, lon_b: Any) -> Floats:
    """Meters between points in WGS-84 degrees; the arrays broadcast against each other."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lat, half_lon = (phi_b - phi_a) / 2, np.radians(lon_b - lon_a) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lon) ** 2
    meters: Floats = 2 * EARTH_RADIUS_METERS * np.arcsin(np.minimum(1.0, np.sqrt(chord)))
    return meters


def on_unit_sphere(lat: Floats, lon: Floats) -> Floats:
    """Points ``(n, 3)`` whose straight distances order as great circles do."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=1)


def chord_meters(chord: Floats) -> Floats:
    """The great circle over a chord of the unit sphere, in meters."""
    meters: Floats = 2 * EARTH_RADIUS_METERS * np.arcsin(np.minimum(1.0, chord / 2))
    return meters
