"""Load a county's roads from an OpenStreetMap extract."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.places.models import County, CountyRoads, Station
from market.places.queries import stations
from market.places.roads.compile import compile_net
from market.places.roads.extract import RoadsFileError, read_extract
from market.places.roads.graph import to_bytes
from market.places.roads.snap import OFF_ROAD_METERS, OffRoad, snap


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded, and the county's stations that are not on the net: why, and the meters to it."""

    roads: CountyRoads
    stations: int
    off_road: tuple[tuple[Station, OffRoad, int], ...]


def load_roads(session: Session, county: County, path: Path, now: datetime) -> Loaded:
    """Replace the county's roads by those of the file. Raises RoadsFileError, with nothing changed."""
    extract = read_extract(path)
    compiled = compile_net(extract, county.hub)
    graph = compiled.graph
    villages = stations(session, county.code)
    snapped = snap(graph, [county.hub, *(station.position for station in villages)])
    if snapped.gaps[0] > OFF_ROAD_METERS:
        raise RoadsFileError(
            f"the nearest road of the net is {snapped.gaps[0] / 1000:.1f} km from the county's hub, where "
            "every run begins: is the extract the county's, and the hub in its place?"
        )
    values = {
        "source": path.name,
        "extract_at": extract.extract_at,
        "loaded_at": now,
        "nodes": len(graph.lat),
        "arcs": len(graph.heads),
        "components": compiled.components,
        "apart_nodes": len(graph.apart_lat),
        "beyond_reach": compiled.beyond_reach,
        "barriers": extract.barriers,
        "shut": extract.shut,
        "skipped": dict(extract.skipped),
        "content": to_bytes(graph),
    }
    statement = insert(CountyRoads).values(county_code=county.code, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["county_code"], set_=values))
    roads = session.get_one(CountyRoads, county.code, populate_existing=True)
    off = ((villages[place - 1], why, round(snapped.gaps[place])) for place, why in snapped.off_road.items())
    return Loaded(roads, len(villages), tuple(off))
