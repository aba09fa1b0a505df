"""One whole number for both the time and the length of a way. Pure.

The upper bits are milliseconds and the lower 24 decimeters, so that sums of weights are sums of both, and the
least weight is the fastest way and among equally fast ones the shortest. Dijkstra then needs neither the ways
themselves nor a second pass for their meters. A float64, which scipy computes with, holds such a sum exactly
while a way is below 149 hours and 1,677 km: more than `compile.REACH_METERS` lets into a county's roads.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.int64]

_BITS = 24


def weight(milliseconds: Any, decimeters: Any) -> Weights:
    """The weights of ways of these times and lengths, whole numbers."""
    weights: Weights = (np.asarray(milliseconds, dtype=np.int64) << _BITS) + decimeters
    return weights


def seconds(weights: Weights) -> NDArray[np.int64]:
    """The time, rounded up: so a + b is never below c where it was not in milliseconds."""
    whole: NDArray[np.int64] = -(-(weights >> _BITS) // 1000)
    return whole


def meters(weights: Weights) -> NDArray[np.int64]:
    """The length to the nearest meter, halves up."""
    whole: NDArray[np.int64] = ((weights & ((1 << _BITS) - 1)) + 5) // 10
    return whole
