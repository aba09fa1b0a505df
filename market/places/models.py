"""Tables of places: regions, the counties that run a market, and their stations."""

from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.places.rules import Position, PositionSource


class RegionLevel(StrEnum):
    province = "province"
    city = "city"
    county = "county"
    township = "township"
    village = "village"


class Region(Base):
    """An administrative division by its code in the national statistics; few have a known position."""

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint("starts_with(code, parent_code)", name="code_begins_with_parents"),
        CheckConstraint("num_nulls(lat, lon, position_source) IN (0, 3)", name="position_whole_or_none"),
        CheckConstraint("abs(lat) <= 90 AND abs(lon) <= 180", name="position_on_earth"),
        Index("ix_regions_parent_code", "parent_code", "code"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    level: Mapped[RegionLevel]
    name: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    position_source: Mapped[PositionSource | None]

    @property
    def position(self) -> Position | None:
        """Where it is, where anyone knows."""
        if self.lat is None or self.lon is None or self.position_source is None:
            return None
        return Position(self.lat, self.lon, self.position_source)


class County(Base):
    """A county that runs the market: its hub, its roads, and the local hour its day closes.

    An order in before `cutoff` goes out the next day, or after `closed_days` (ISO dates). `detour_factor` and
    `speed_kmh` are the county's own estimate of its roads.
    """

    __tablename__ = "counties"
    __table_args__ = (
        CheckConstraint("abs(hub_lat) <= 90 AND abs(hub_lon) <= 180", name="hub_on_earth"),
        CheckConstraint("detour_factor >= 1", name="detour_not_shorter_than_straight"),
        CheckConstraint("speed_kmh BETWEEN 1 AND 120", name="speed_is_a_roads"),
    )

    code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    name: Mapped[str]
    hub_name: Mapped[str]
    hub_lat: Mapped[float]
    hub_lon: Mapped[float]
    hub_position_source: Mapped[PositionSource]
    cutoff: Mapped[time]
    detour_factor: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    speed_kmh: Mapped[int]
    phone: Mapped[str]
    closed_days: Mapped[list[Any]] = mapped_column(default=list)

    @property
    def hub(self) -> Position:
        """Where every run begins and ends."""
        return Position(self.hub_lat, self.hub_lon, self.hub_position_source)


class CountyRoads(Base):
    """A county's roads, compiled from an OpenStreetMap extract: what was in it, and the net that came of it.

    `content` is `market.places.roads.graph.to_bytes`: in the database every process of every machine reads
    the same roads, a load replaces them in one transaction, and a backup has them. `extract_at` is None where
    the file does not say how old it is. Counts are of the net, except `apart_nodes` (on roads that are not
    part of it), `components` (parts of all roads whose nodes reach each other), `beyond_reach` (steps of road
    too far from the hub), `barriers` and `shut` (nodes) and `skipped` (ways by reason).
    """

    __tablename__ = "county_roads"
    __table_args__ = (CheckConstraint("nodes > 0", name="somewhere_to_drive"),)

    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"), primary_key=True)
    source: Mapped[str]
    extract_at: Mapped[datetime | None]
    loaded_at: Mapped[datetime]
    nodes: Mapped[int]
    arcs: Mapped[int]
    components: Mapped[int]
    apart_nodes: Mapped[int]
    beyond_reach: Mapped[int]
    barriers: Mapped[int]
    shut: Mapped[int]
    skipped: Mapped[dict[str, Any]]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Station(Base):
    """A village's parcel station: a shop or committee room whose keeper takes goods in."""

    __tablename__ = "stations"
    __table_args__ = (
        CheckConstraint("abs(lat) <= 90 AND abs(lon) <= 180", name="position_on_earth"),
        CheckConstraint(
            "starts_with(village_code, township_code) AND starts_with(township_code, county_code)",
            name="in_its_county",
        ),
        Index("ix_stations_county_code", "county_code"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    township_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    village_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    name: Mapped[str]
    keeper_name: Mapped[str]
    phone: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    position_source: Mapped[PositionSource]

    @property
    def position(self) -> Position:
        """Where a run stops for it."""
        return Position(self.lat, self.lon, self.position_source)
