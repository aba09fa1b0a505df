"""Who is near whom."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from market.delivery.planner.engine.instance import Instance

BLOCK = 2_000


def by_place(instance: Instance) -> NDArray[np.int64]:
    """The stops in an order in which neighbors on the map are neighbors in memory."""
    if instance.matrix is not None:
        return np.arange(1, instance.stops + 1)
    return np.asarray(KDTree(instance.xy[1:], leafsize=8).indices, dtype=np.int64) + 1


def nearest(instance: Instance, count: int) -> NDArray[np.int64]:
    """For every stop the `count` nearest others, nearest first; row 0 is the hub's and means nothing."""
    count = min(count, instance.stops - 1)
    near = np.zeros((instance.stops + 1, count), dtype=np.int64)
    if not count:
        return near
    if instance.matrix is None:
        tree = KDTree(instance.xy[1:])
        for first in range(1, instance.stops + 1, BLOCK):
            rows = np.arange(first, min(first + BLOCK, instance.stops + 1))
            near[rows] = _without_itself(tree.query(instance.xy[rows], k=count + 1)[1] + 1, rows)
    else:
        for row in range(1, instance.stops + 1):
            both = np.minimum(instance.matrix[row, 1:], instance.matrix[1:, row])
            order = np.argsort(both, kind="stable") + 1
            near[row] = order[order != row][:count]
    return near


def _without_itself(found: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Stops at one spot may hide a stop from its own list: then its last is dropped instead."""
    itself = found == rows[:, None]
    itself[~itself.any(axis=1), -1] = True
    return found[~itself].reshape(len(rows), -1)
