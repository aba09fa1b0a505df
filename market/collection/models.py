"""Tables of collection."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.collection.rules import Load
from market.collection.states import ItemState, PointKind, PointState, TransferState, Why
from market.kernel.db import Base, Id
from market.places.rules import Position, PositionSource


class CollectionPoint(Base):
    """Where people bring old things, from `opens_on` to `closes_on` both included.

    `licence_number` is that of whoever runs it; `fire_cover` says what stands against fire. `load_cm3` is of
    all that is booked or there. `alarmed_at` is since when it is nearly full.
    """

    __tablename__ = "collection_points"
    __table_args__ = (
        CheckConstraint("load_cm3 BETWEEN 0 AND capacity_cm3", name="never_above_full"),
        CheckConstraint("opens_on <= closes_on", name="dates"),
        CheckConstraint("abs(lat) <= 90 AND abs(lon) <= 180", name="position_on_earth"),
        CheckConstraint("(jpeg IS NULL) = (sha256 IS NULL)", name="photo_whole"),
        CheckConstraint("octet_length(jpeg) <= 1000000", name="size"),
        CheckConstraint("(state = 'open') = (closed_reason IS NULL)", name="closed_for_a_reason"),
        Index("ix_collection_points_county_code_state", "county_code", "state"),
        Index("ix_collection_points_keeper_id", "keeper_id"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    township_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    kind: Mapped[PointKind]
    state: Mapped[PointState]
    closed_reason: Mapped[str | None]
    name: Mapped[str]
    address: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    position_source: Mapped[PositionSource]
    operator_name: Mapped[str]
    phone: Mapped[str]
    licence_number: Mapped[str]
    fire_cover: Mapped[str]
    keeper_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    capacity_cm3: Mapped[int]
    load_cm3: Mapped[int]
    alarmed_at: Mapped[datetime | None]
    jpeg: Mapped[bytes | None] = mapped_column(deferred=True)
    sha256: Mapped[str | None]
    created_at: Mapped[datetime]

    room: Mapped[list["PointRoom"]] = relationship(order_by="PointRoom.kind", lazy="selectin")

    @property
    def position(self) -> Position:
        """Where a run stops for it."""
        return Position(self.lat, self.lon, self.position_source)

    @property
    def volume(self) -> Load:
        """How much of its volume is taken."""
        return Load(self.load_cm3, self.capacity_cm3)


class PointRoom(Base):
    """How many units of a kind a point takes, and how many of those are booked or there."""

    __tablename__ = "point_rooms"
    __table_args__ = (CheckConstraint("load_units BETWEEN 0 AND capacity_units", name="never_above_full"),)

    point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("collection_points.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    capacity_units: Mapped[int]
    load_units: Mapped[int]

    @property
    def units(self) -> Load:
        """How many of its units are taken."""
        return Load(self.load_units, self.capacity_units)


class Transfer(Base):
    """What one job carries from a point to the hub, and for which recycler: the manifest of its items.

    The recycler counts and weighs it on arrival and signs. Where that differs from the manifest (`differs`),
    the county finds out why, and says so in `explained`.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("units > 0 AND least(weight_grams, volume_cm3) > 0", name="measures"),
        CheckConstraint(
            "(state IN ('collected', 'signed')) = (collected_at IS NOT NULL)", name="collected_at"
        ),
        CheckConstraint(
            "num_nonnulls(found_units, found_grams, signed_by_id, signed_at, differs)"
            " = CASE WHEN state = 'signed' THEN 5 ELSE 0 END",
            name="signed_whole",
        ),
        CheckConstraint("found_units >= 0 AND found_grams >= 0", name="found"),
        CheckConstraint("num_nonnulls(explained, explained_by_id, explained_at) IN (0, 3)", name="explained"),
        Index("ix_transfers_point_id", "point_id"),
        Index("ix_transfers_recycler_id", "recycler_id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("collection_points.id"))
    recycler_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recyclers.id"))
    state: Mapped[TransferState]
    why: Mapped[Why]
    units: Mapped[int]
    weight_grams: Mapped[int]
    volume_cm3: Mapped[int]
    planned_at: Mapped[datetime]
    collected_at: Mapped[datetime | None]
    found_units: Mapped[int | None]
    found_grams: Mapped[int | None]
    differs: Mapped[bool | None]
    signed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    signed_at: Mapped[datetime | None]
    explained: Mapped[str | None]
    explained_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    explained_at: Mapped[datetime | None]

    items: Mapped[list["PointItem"]] = relationship(order_by="PointItem.id", back_populates="transfer")
    point: Mapped[CollectionPoint] = relationship()


class PointItem(Base):
    """One thing booked for a point or there. `brought_code` is the label it came with, where it had one.

    `account_id` is whose booking it is; nobody's where it was just brought. Measures are those typical of its
    kind.
    """

    __tablename__ = "point_items"
    __table_args__ = (
        CheckConstraint("least(volume_cm3, weight_grams, longest_side_mm) > 0", name="measures"),
        CheckConstraint("people IN (1, 2)", name="people"),
        CheckConstraint("(state IN ('booked', 'lapsed')) = (held_at IS NULL)", name="held_at"),
        CheckConstraint(
            "(state IN ('awaiting_truck', 'gone')) = (transfer_id IS NOT NULL)", name="on_a_transfer"
        ),
        Index("ix_point_items_point_id_state", "point_id", "state"),
        Index("ix_point_items_account_id", "account_id"),
        Index("ix_point_items_transfer_id", "transfer_id"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    brought_code: Mapped[str | None] = mapped_column(unique=True)
    point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("collection_points.id"))
    kind: Mapped[str]
    state: Mapped[ItemState]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    weight_grams: Mapped[int]
    volume_cm3: Mapped[int]
    longest_side_mm: Mapped[int]
    people: Mapped[int]
    expires_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    received_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    transfer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("transfers.id"))
    created_at: Mapped[datetime]

    transfer: Mapped[Transfer | None] = relationship(back_populates="items")
