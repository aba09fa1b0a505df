"""Make the net out of an extract's pieces of road."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from market.places.roads.arcs import Arcs, best
from market.places.roads.extract import Extract, RoadsFileError
from market.places.roads.graph import RoadGraph
from market.places.roads.speeds import milliseconds, on_grade
from market.places.roads.sphere import great_circle
from market.places.roads.weights import weight
from market.places.rules import Position

# Roads farther from the hub are left out: an extract is often that of a whole province.
REACH_METERS = 200_000
# A place is brought to a node, so none may be far from the next along a straight road.
SPACING_METERS = 100
# Elevations over less than this, or grades above this, say more of the survey than of the road.
_STRETCH_METERS = 50
_STEEPEST = 0.3

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A net, the number of parts of the roads whose nodes reach each other, and what was beyond reach."""

    graph: RoadGraph
    components: int
    beyond_reach: int


def compile_net(extract: Extract, hub: Position) -> Compiled:
    """The net of the roads within `REACH_METERS` of the hub. Raises RoadsFileError where there are none."""
    near = great_circle(hub.lat, hub.lon, extract.lat, extract.lon) <= REACH_METERS
    along = np.flatnonzero(extract.piece[:-1] == extract.piece[1:])
    steps = along[near[along] & near[along + 1]]
    if not len(steps):
        raise RoadsFileError(
            f"no road for a van is within {REACH_METERS // 1000} km of the county's hub: is it this county's?"
        )
    lat, lon, arcs = _spaced(extract, steps)
    graph, components = _largest(lat, lon, best(arcs))
    return Compiled(graph, components, len(along) - len(steps))


def _spaced(extract: Extract, steps: Ints) -> tuple[Floats, Floats, Arcs]:
    """Nodes and arcs of these steps from row to row, long ones cut into equal parts."""
    _, firsts, node = np.unique(extract.refs, return_index=True, return_inverse=True)
    (lat_a, lat_b), (lon_a, lon_b) = ((axis[steps], axis[steps + 1]) for axis in (extract.lat, extract.lon))
    meters = great_circle(lat_a, lon_a, lat_b, lon_b)
    parts = np.maximum(np.ceil(meters / SPACING_METERS), 1).astype(np.int64)
    step = np.repeat(np.arange(len(steps)), parts)
    part = _counted(parts)
    # The nodes between the parts of a step follow those of the extract, a step's beside each other.
    between = len(firsts) + np.repeat(np.cumsum(parts - 1) - (parts - 1), parts) + part
    is_last = part == parts[step] - 1
    starts = np.where(part == 0, node[steps][step], between - 1)
    ends = np.where(is_last, node[steps + 1][step], between)
    inner, share = step[~is_last], ((part + 1) / parts[step])[~is_last]
    lat = np.concatenate((extract.lat[firsts], lat_a[inner] + share * (lat_b - lat_a)[inner]))
    lon = np.concatenate((extract.lon[firsts], lon_a[inner] + share * (lon_b - lon_a)[inner]))
    times, lengths = (_share(whole, parts, step, part) for whole in _measured(extract, steps, meters))
    return lat, lon, _directed(extract, steps[step], Arcs(starts, ends, weight(times, lengths)))


def _measured(extract: Extract, steps: Ints, meters: Floats) -> tuple[Ints, Ints]:
    """Milliseconds and decimeters of each step."""
    kmh = np.array([road.kmh for road in extract.roads])[extract.piece[steps]]
    times = milliseconds(meters, on_grade(kmh, _grades(extract)[steps]))
    return times, np.rint(meters * 10).astype(np.int64)


def _directed(extract: Extract, rows: Ints, arcs: Arcs) -> Arcs:
    """Arcs along the roads of these rows, in the directions that each may be driven."""
    along, against = (
        np.array([getattr(road, way) for road in extract.roads])[extract.piece[rows]]
        for way in ("forward", "backward")
    )
    return Arcs(
        np.concatenate((arcs.tails[along], arcs.heads[against])),
        np.concatenate((arcs.heads[along], arcs.tails[against])),
        np.concatenate((arcs.weights[along], arcs.weights[against])),
    )


def _share(whole: Ints, parts: Ints, step: Ints, part: Ints) -> Ints:
    """What each part has of its step's whole, so that the parts add up to it exactly."""
    shares: Ints = whole[step] * (part + 1) // parts[step] - whole[step] * part // parts[step]
    return shares


def _grades(extract: Extract) -> Floats:
    """The grade between each row and the next, as a share; NaN where neither tags nor elevations tell it."""
    told = np.array([road.grade for road in extract.roads])[extract.piece]
    meters = great_circle(extract.lat[:-1], extract.lon[:-1], extract.lat[1:], extract.lon[1:])
    along = np.concatenate(([0.0], np.cumsum(meters)))
    known = np.flatnonzero(~np.isnan(extract.elevation))
    starts, ends = known[:-1], known[1:]
    stretch, climb = along[ends] - along[starts], np.abs(np.diff(extract.elevation[known]))
    fit = (extract.piece[starts] == extract.piece[ends]) & (stretch >= _STRETCH_METERS)
    fit &= climb <= stretch * _STEEPEST
    measured = np.full(len(told), np.nan)
    lengths = (ends - starts)[fit]
    rows = np.repeat(starts[fit], lengths) + _counted(lengths)
    measured[rows] = np.repeat(climb[fit] / stretch[fit], lengths)
    return np.where(np.isnan(told), measured, told)


def _counted(lengths: Ints) -> Ints:
    """0, 1, … up to each length, one after the other."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _largest(lat: Floats, lon: Floats, arcs: Arcs) -> tuple[RoadGraph, int]:
    """The largest part whose nodes all reach each other, the rest apart; and how many parts there are."""
    size = len(lat)
    matrix = csr_array((np.ones(len(arcs.tails)), (arcs.tails, arcs.heads)), shape=(size, size))
    _, part = connected_components(matrix, directed=True, connection="strong")
    used = np.zeros(size, dtype=bool)
    used[arcs.tails] = used[arcs.heads] = True
    sizes = np.bincount(part[used])
    main = part == np.argmax(sizes)
    number = np.cumsum(main) - 1
    inside = main[arcs.tails] & main[arcs.heads]
    tails, apart = number[arcs.tails[inside]], used & ~main
    indptr = np.concatenate(([0], np.cumsum(np.bincount(tails, minlength=int(main.sum())))))
    graph = RoadGraph(
        lat[main], lon[main], indptr, number[arcs.heads[inside]], arcs.weights[inside], lat[apart], lon[apart]
    )
    return graph, int(np.count_nonzero(sizes))
