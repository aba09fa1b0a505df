"""The arcs of a net. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.places.roads.weights import Weights

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arcs from node `tails` to node `heads`, ``(arcs,)`` each."""

    tails: Ints
    heads: Ints
    weights: Weights


def best(arcs: Arcs) -> Arcs:
    """By tail, then head: of several arcs from node to node the one of least weight, none to its own."""
    order = np.lexsort((arcs.weights, arcs.heads, arcs.tails))
    tails, heads, weights = arcs.tails[order], arcs.heads[order], arcs.weights[order]
    first = tails != heads
    first[1:] &= (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
    return Arcs(tails[first], heads[first], weights[first])
