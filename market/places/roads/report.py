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
            f"Left out, as they cannot be reached there and back: {roads.apart_nodes} nodes"
            f" (parts: {roads.components - 1})."
        )
    if roads.skipped:
        kinds = ", ".join(f"{count} {_SKIPPED[why]}" for why, count in sorted(roads.skipped.items()))
        yield f"Ways left out: {kinds}."
    if roads.beyond_reach:
        yield f"Left out, as too far from the county's hub: {roads.beyond_reach} steps of road."
    if roads.barriers:
        yield f"Barriers on the roads: {roads.barriers}; shut for a van: {roads.shut}."
    yield f"Stations on the net: {loaded.stations - len(loaded.off_road)} of {loaded.stations}."
    for station, why, meters in loaded.off_road:
        reason = "beside a road that is cut off" if why is OffRoad.cut_off else "off the road"
        yield f"{station.name} is {reason}, {meters / 1000:.1f} km from the net."
    yield "Data © OpenStreetMap contributors, under the ODbL: https://www.openstreetmap.org/copyright"
