"""The net of a county's roads, and how it is kept. Pure."""

import io
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from market.places.roads.weights import Weights

FORMAT = 1
_DEGREE = 10_000_000  # OpenStreetMap's own precision, a centimeter


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """Nodes that all reach each other, and the arcs between them as a compressed sparse row matrix.

    `lat`, `lon` are ``(nodes,)`` in WGS-84 degrees. The arcs out of node i are ``indptr[i]`` to
    ``indptr[i + 1]``: they lead to the node `heads` and have the `weights` of `market.places.roads.weights`.
    `apart_lat`, `apart_lon` are the nodes of roads that are not part of the net.
    """

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    indptr: NDArray[np.int64]
    heads: NDArray[np.int64]
    weights: Weights
    apart_lat: NDArray[np.float64]
    apart_lon: NDArray[np.float64]

    @property
    def tails(self) -> NDArray[np.int64]:
        """The node each arc comes from, ``(arcs,)``."""
        return np.repeat(np.arange(len(self.lat)), np.diff(self.indptr))


def to_bytes(graph: RoadGraph) -> bytes:
    """The graph as a compressed ``.npz``; positions to OpenStreetMap's own precision."""
    arrays = {field.name: getattr(graph, field.name) for field in fields(graph)}
    for name, array in arrays.items():
        if array.dtype == np.float64:
            arrays[name] = np.rint(array * _DEGREE).astype(np.int32)
    packed = io.BytesIO()
    np.savez_compressed(packed, format=np.array(FORMAT), **arrays)
    return packed.getvalue()


def from_bytes(content: bytes) -> RoadGraph:
    """The graph that `to_bytes` made into these. Raises ValueError where they are something else."""
    with np.load(io.BytesIO(content), allow_pickle=False) as packed:
        if packed["format"] != FORMAT:
            raise ValueError(f"the roads are of format {packed['format']}, not {FORMAT}")
        arrays = {field.name: packed[field.name] for field in fields(RoadGraph)}
    for name in ("lat", "lon", "apart_lat", "apart_lon"):
        arrays[name] = arrays[name] / _DEGREE
    return RoadGraph(**arrays)
