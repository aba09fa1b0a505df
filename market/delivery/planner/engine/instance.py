"""What the engine is given, in plain arrays: row 0 is the hub, rows 1 to n are the stops."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

REQUIRED = 10**12  # the prize of a stop that must not be left out


@dataclass(frozen=True, slots=True)
class Kind:
    """Vehicles that are alike: what one holds, costs, and costs for a unit of way."""

    room: int
    fixed: int = 0
    unit: int = 1


@dataclass(frozen=True, slots=True)
class Instance:
    """Ways are the distance of `xy`, cut after `half` is added, or `matrix` where that is given.

    In an `ordered` instance a stop delivers or collects, deliveries come first, and no route only collects.
    """

    xy: NDArray[np.float64]
    demand: NDArray[np.int64]
    kinds: tuple[Kind, ...]
    vehicles: int
    half: float = 0.5
    collect: NDArray[np.int64] | None = None
    service: NDArray[np.int64] | None = None
    opens: NDArray[np.int64] | None = None
    closes: NDArray[np.int64] | None = None
    prize: NDArray[np.int64] | None = None
    matrix: NDArray[np.int64] | None = None
    ordered: bool = False

    @property
    def stops(self) -> int:
        """How many there are."""
        return len(self.demand) - 1

    def ways(self, here: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.int64]:
        """The way from each of `here` to its counterpart in `there`."""
        if self.matrix is not None:
            return self.matrix[here, there]
        apart = self.xy[here] - self.xy[there]
        straight = np.sqrt(apart[:, 0] * apart[:, 0] + apart[:, 1] * apart[:, 1])
        return (straight + self.half).astype(np.int64)

    def length(self, route: Sequence[int]) -> int:
        """The way from the hub through all of `route` and back."""
        rows = np.array([0, *route, 0])
        return int(self.ways(rows[:-1], rows[1:]).sum())

    def cheapest_kind(self, route: Sequence[int]) -> Kind:
        """The kind of vehicle that drives `route` at the least cost. ValueError where none holds it."""
        load, length = int(self.demand[list(route)].sum()), self.length(route)
        able = [kind for kind in self.kinds if kind.room >= load]
        return min(able, key=lambda kind: kind.fixed + kind.unit * length)
