"""Bring places to the net. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from market.places.roads.graph import RoadGraph
from market.places.roads.sphere import chord_meters, on_unit_sphere
from market.places.rules import Position

# A gap beyond this is told to people: the map lacks a road there, or the place is wrong.
OFF_ROAD_METERS = 2_000
# So is a shorter one where a nearer road leads nowhere: a river may lie between.
CUT_OFF_METERS = 200


class OffRoad(StrEnum):
    """Why a place is not on the net."""

    far = "far"
    cut_off = "cut_off"


@dataclass(frozen=True, slots=True)
class Snapped:
    """For each place ``(n,)`` the nearest node of the net and the gap in meters; and those off the net."""

    nodes: NDArray[np.int64]
    gaps: NDArray[np.float64]
    off_road: dict[int, OffRoad]


def snap(graph: RoadGraph, positions: Sequence[Position]) -> Snapped:
    """The nearest node of the net for each position, and which positions are not on it."""
    from scipy.spatial import cKDTree  # loads for seconds

    lat = np.array([position.lat for position in positions])
    lon = np.array([position.lon for position in positions])
    points = on_unit_sphere(lat, lon)
    chords, nodes = cKDTree(on_unit_sphere(graph.lat, graph.lon)).query(points)
    gaps = chord_meters(chords)
    apart = np.full(len(positions), np.inf)
    if len(graph.apart_lat):
        apart = chord_meters(cKDTree(on_unit_sphere(graph.apart_lat, graph.apart_lon)).query(points)[0])
    cut_off = (gaps > CUT_OFF_METERS) & (apart < np.minimum(gaps, OFF_ROAD_METERS))
    off_road = {int(place): OffRoad.far for place in np.flatnonzero(gaps > OFF_ROAD_METERS)}
    off_road |= {int(place): OffRoad.cut_off for place in np.flatnonzero(cut_off)}
    return Snapped(nodes, gaps, off_road)
