"""The ways between places over the net. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from market.places.roads import weights
from market.places.roads.arcs import Arcs
from market.places.roads.contract import contract
from market.places.roads.graph import RoadGraph
from market.places.roads.snap import snap
from market.places.roads.sphere import great_circle
from market.places.rules import Position, Roads

BLOCK_BYTES = 64_000_000  # what one call of Dijkstra may answer with

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class ByRoad:
    """The fastest ways between `positions`, asked for in blocks.

    A place is brought to the nearest node of the net, and its gap counts as the county's estimate of a road
    from there. Places at the same node may go straight to each other. `off_road` and `gaps` tell which places
    (indices) are not on the net, and how many meters each is from it; `nodes` how many Dijkstra looks at.
    """

    def __init__(self, graph: RoadGraph, county: Roads, positions: Sequence[Position]) -> None:
        self._county = county
        self._lat = np.array([position.lat for position in positions])
        self._lon = np.array([position.lon for position in positions])
        snapped = snap(graph, positions)
        self.gaps, self.off_road = snapped.gaps, snapped.off_road
        self._legs = self._estimated(snapped.gaps)
        keep = np.zeros(len(graph.lat), dtype=bool)
        keep[snapped.nodes] = True
        fewer = contract(Arcs(graph.tails, graph.heads, graph.weights), keep)
        keep[fewer.tails] = True
        number = np.cumsum(keep) - 1
        self._nodes = number[snapped.nodes]
        ends = (number[fewer.tails], number[fewer.heads])
        self.nodes = int(keep.sum())
        self._matrix = csr_array((fewer.weights.astype(np.float64), ends), shape=(self.nodes, self.nodes))
        self._reversed = csr_array(self._matrix.T)

    def block(self, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
        """Meters and seconds, each ``(len(rows), len(columns))``, between the positions at these places."""
        starts, row = np.unique(self._nodes[rows], return_inverse=True)
        ends, column = np.unique(self._nodes[columns], return_inverse=True)
        if len(starts) <= len(ends):
            over = _fastest(self._matrix, starts, ends)
        else:
            over = _fastest(self._reversed, ends, starts).T
        ways = over[row[:, None], column] + self._legs[rows, None] + self._legs[columns]
        straight_row, straight_column = np.nonzero(starts[row][:, None] == ends[column])
        a, b = rows[straight_row], columns[straight_column]
        straight = self._estimated(great_circle(self._lat[a], self._lon[a], self._lat[b], self._lon[b]))
        ways[straight_row, straight_column] = np.minimum(ways[straight_row, straight_column], straight)
        return weights.meters(ways), weights.seconds(ways)

    def _estimated(self, straight: Floats) -> Ints:
        """The weights of the county's estimate of a road over these meters of the great circle."""
        meters = straight * float(self._county.detour_factor)
        milliseconds = np.ceil(meters * 3600 / self._county.speed_kmh)
        return weights.weight(milliseconds.astype(np.int64), np.rint(meters * 10).astype(np.int64))


def _fastest(matrix: csr_array, sources: Ints, targets: Ints) -> Ints:
    """The least weights from node to node, some sources at a time."""
    found = np.empty((len(sources), len(targets)), dtype=np.int64)
    at_once = max(1, BLOCK_BYTES // (8 * matrix.shape[0]))
    for first in range(0, len(sources), at_once):
        part = slice(first, first + at_once)
        found[part] = dijkstra(matrix, indices=sources[part])[:, targets]
    return found
