"""OpenStreetMap extracts for tests, written as the real ones are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import osmium
from osmium.osm.mutable import Node, Way

# Along a meridian a degree of latitude is the same everywhere: this is a hundred meters of it, less two
# millimeters, so that a file's centimeters do not tip a time that is rounded up.
HUNDRED_METERS = 99.998 / 111_195.0797
HUB = (32.5203, 108.5342)


def north(meters: float, east: float = 0.0) -> tuple[float, float]:
    """A point that far north of the county's hub, and `east` degrees off its meridian."""
    return HUB[0] + meters / 100 * HUNDRED_METERS, HUB[1] + east


def write_extract(
    path: Path,
    nodes: Mapping[int, tuple[float, float]],
    ways: Sequence[tuple[Sequence[int], Mapping[str, str]]],
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
    dated: str | None = "2026-10-01T00:00:00Z",
) -> Path:
    """A ``.osm.pbf`` file with nodes by id at ``(lat, lon)``, and ways over them with their tags."""
    header = osmium.io.Header()
    if dated:
        header.set("osmosis_replication_timestamp", dated)
    writer = osmium.SimpleWriter(str(path), header=header, overwrite=True)
    for number, (lat, lon) in sorted(nodes.items()):
        tags: Any = dict((node_tags or {}).get(number, {}))
        writer.add_node(Node(id=number, location=(lon, lat), tags=tags, version=1))
    for number, (refs, way_tags) in enumerate(ways, 1):
        writer.add_way(Way(id=number, nodes=list(refs), tags=dict(way_tags), version=1))
    writer.close()
    return path
