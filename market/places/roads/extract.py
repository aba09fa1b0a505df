"""Read the roads of an OpenStreetMap extract."""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray

from market.places.roads.tags import Road, Skipped, meters_above_sea, road, shuts


class RoadsFileError(Exception):
    """The file cannot be used; the message is the sentence to print."""


@dataclass(frozen=True, slots=True)
class Extract:
    """The pieces of road, end to end: row i is a node on piece `piece[i]`, which `roads` describes.

    `refs` are OpenStreetMap's node ids, `lat` and `lon` WGS-84 degrees, `elevation` meters or NaN. `skipped`
    counts ways by the reason, `barriers` and `shut` the barriers on these roads and those of them that shut.
    """

    refs: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    elevation: NDArray[np.float64]
    piece: NDArray[np.int64]
    roads: tuple[Road, ...]
    skipped: Counter[str]
    barriers: int
    shut: int
    extract_at: datetime | None


def read_extract(path: Path) -> Extract:
    """The roads of a file with its nodes before its ways, as extracts have them. Raises RoadsFileError."""
    rows = _Rows()
    try:
        with path.open("rb"):  # the reader's own words for a missing file name no reason
            pass
        file = osmium.FileProcessor(path).with_locations()
        file.with_filter(osmium.filter.KeyFilter("highway", "route", "barrier", "ele"))
        dated = file.header.get("osmosis_replication_timestamp")
        for thing in file:
            if isinstance(thing, osmium.osm.Node):
                rows.take_node(thing)
            elif isinstance(thing, osmium.osm.Way):
                rows.take_way(thing)
    except OSError as error:
        raise RoadsFileError(f"{path}: {error.strerror}.") from None
    except RuntimeError as error:
        raise RoadsFileError(f"{path} is not an OpenStreetMap extract that can be read: {error}.") from None
    return rows.extract(datetime.fromisoformat(dated) if dated else None)


@dataclass(slots=True)
class _Rows:
    """What has been read so far."""

    refs: "array[int]" = field(default_factory=lambda: array("q"))
    lat: "array[float]" = field(default_factory=lambda: array("d"))
    lon: "array[float]" = field(default_factory=lambda: array("d"))
    elevation: "array[float]" = field(default_factory=lambda: array("d"))
    piece: "array[int]" = field(default_factory=lambda: array("q"))
    roads: list[Road] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    barred: dict[int, bool] = field(default_factory=dict)  # by node, whether its barrier shuts
    met: set[int] = field(default_factory=set)
    heights: dict[int, float] = field(default_factory=dict)

    def take_node(self, node: osmium.osm.Node) -> None:
        tags = dict(node.tags)
        if "barrier" in tags:
            self.barred[node.id] = shuts(tags)
        if "ele" in tags:
            self.heights[node.id] = meters_above_sea(tags)

    def take_way(self, way: osmium.osm.Way) -> None:
        tags = dict(way.tags)
        if "highway" not in tags and tags.get("route") != "ferry":
            return
        found = road(tags)
        if isinstance(found, Skipped):
            self.skipped[found] += 1
            return
        for nodes in self._unbroken(way):
            for ref, lat, lon in nodes:
                self.refs.append(ref)
                self.lat.append(lat)
                self.lon.append(lon)
                self.elevation.append(self.heights.get(ref, np.nan))
                self.piece.append(len(self.roads))
            self.roads.append(found)

    def _unbroken(self, way: osmium.osm.Way) -> Iterator[list[tuple[int, float, float]]]:
        """The way in parts, broken where a node is shut or lies beyond the extract's edge."""
        part: list[tuple[int, float, float]] = []
        for node in way.nodes:
            if node.ref in self.barred:
                self.met.add(node.ref)
            if node.location.valid() and not self.barred.get(node.ref):
                part.append((node.ref, node.location.lat, node.location.lon))
                continue
            if len(part) > 1:
                yield part
            part = []
        if len(part) > 1:
            yield part

    def extract(self, extract_at: datetime | None) -> Extract:
        return Extract(
            np.array(self.refs, dtype=np.int64),
            np.array(self.lat, dtype=np.float64),
            np.array(self.lon, dtype=np.float64),
            np.array(self.elevation, dtype=np.float64),
            np.array(self.piece, dtype=np.int64),
            tuple(self.roads),
            self.skipped,
            len(self.met),
            sum(self.barred[ref] for ref in self.met),
            extract_at,
        )
