"""Roads where nobody has given any: the great circle times the county's detour factor, at its speed. Pure."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from market.places.roads.sphere import great_circle
from market.places.rules import Position, Roads

Ints = NDArray[np.int64]


class Estimate:
    """The estimated ways between `positions`: to the meter and second `road_meters` and `road_seconds`."""

    def __init__(self, county: Roads, positions: Sequence[Position]) -> None:
        self._detour, self._kmh = Decimal(county.detour_factor).as_integer_ratio(), county.speed_kmh
        self._lat = np.array([position.lat for position in positions])
        self._lon = np.array([position.lon for position in positions])

    def block(self, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
        """Meters and seconds, each ``(len(rows), len(columns))``, between the positions at these places."""
        straight = great_circle(
            self._lat[rows, None], self._lon[rows, None], self._lat[columns], self._lon[columns]
        )
        meters = _times(np.rint(straight).astype(np.int64), *self._detour)
        return meters, (meters * 72 + 10 * self._kmh) // (20 * self._kmh)


def _times(whole: Ints, numerator: int, denominator: int) -> Ints:
    """The product with a fraction, to the nearest whole number, halves to the even one."""
    quotient, rest = np.divmod(whole * numerator, denominator)
    up = (2 * rest > denominator) | ((2 * rest == denominator) & (quotient % 2 == 1))
    rounded: Ints = quotient + up
    return rounded
