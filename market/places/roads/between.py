"""The roads to go by between some places of a county."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from market.places.models import County, CountyRoads
from market.places.roads.estimate import Estimate
from market.places.roads.graph import from_bytes
from market.places.roads.snap import OffRoad
from market.places.rules import Position

if TYPE_CHECKING:
    from market.places.roads.by_road import ByRoad

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RoadsBetween:
    """Roads between places: those `loaded` for the county, or where that is None the estimate."""

    ways: "ByRoad | Estimate"
    loaded: CountyRoads | None

    def block(self, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
        """Meters and seconds, each ``(len(rows), len(columns))``, between the places at these indices."""
        return self.ways.block(rows, columns)

    @property
    def off_road(self) -> dict[int, tuple[OffRoad, int]]:
        """The places that are not on the net: why, and the meters to it."""
        if isinstance(self.ways, Estimate):
            return {}
        return {place: (why, round(self.ways.gaps[place])) for place, why in self.ways.off_road.items()}


def roads_between(session: Session, county: County, positions: Sequence[Position]) -> RoadsBetween:
    """The county's roads between `positions` where they are loaded, else the estimate of them."""
    loaded = session.get(CountyRoads, county.code)
    if loaded is None:
        return RoadsBetween(Estimate(county, positions), None)
    from market.places.roads.by_road import ByRoad  # loads for seconds, where there are roads at all

    return RoadsBetween(ByRoad(from_bytes(loaded.content), county, positions), loaded)
