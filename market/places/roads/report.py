"""What loading a county's roads tells the person who did it. Pure."""

from collections.abc import Iterator
from typing import Any

from market.places.roads.load import Loaded
from market.places.roads.snap import OffRoad

_SKIPPED = {
    "closed": "closed to a van",
    "ferry": "of a ferry",
    "not_for_vans": "not for vans",
    "too_rough": "too rough for a van",
}


def figures(loaded: Loaded) -> dict[str, Any]:
    """The counts by name, for a program."""
    roads = loaded.roads
    return {
        "county": roads.county_code,
        "source": roads.source,
        "extract_at": roads.extract_at and roads.extract_at.isoformat(),
        "nodes": roads.nodes,
        "arcs": roads.arcs,
        "components": roads.components,
        "apart_nodes": roads.apart_nodes,
        "beyond_reach": roads.beyond_reach,
        "barriers": roads.barriers,
        "shut": roads.shut,
        "skipped": roads.skipped,
        "bytes": len(roads.content),
        "stations": loaded.stations,
        "stations_off_road": [
            {"name": station.name, "why": why.value, "meters": meters}
            for station, why, meters in loaded.off_road
        ],
    }


def sentences(loaded: Loaded) -> Iterator[str]:
    """The same for a person, a sentence a line."""
    roads = loaded.roads
    dated = f"data of {roads.extract_at:%Y-%m-%d}" if roads.extract_at else "undated data"
    yield f"Loaded {roads.source} ({dated}): {roads.nodes} nodes in reach of each other, {roads.arcs} arcs."
    if roads.apart_nodes:
        yield (
            f"{roads.apart_nodes} nodes in {roads.components - 1} other parts cannot be reached there and"
            " back; they are left out."
        )
    if roads.skipped:
        kinds = ", ".join(f"{count} {_SKIPPED[why]}" for why, count in sorted(roads.skipped.items()))
        yield f"Ways left out: {kinds}."
    if roads.beyond_reach:
        yield f"{roads.beyond_reach} steps of road are too far from the county's hub; they are left out."
    if roads.barriers:
        yield f"{roads.barriers} barriers, of which {roads.shut} shut the road for a van."
    yield f"{loaded.stations - len(loaded.off_road)} of {loaded.stations} stations are on the net."
    for station, why, meters in loaded.off_road:
        reason = "beside a road that is cut off" if why is OffRoad.cut_off else "off the road"
        yield f"{station.name} is {reason}, {meters / 1000:.1f} km from the net."
    yield "Data © OpenStreetMap contributors, under the ODbL: https://www.openstreetmap.org/copyright"
