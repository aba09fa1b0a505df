"""Stock, its movements, who it is promised to, and serial numbers."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class MovementKind(StrEnum):
    received = "received"
    adjusted = "adjusted"
    shipped = "shipped"
    returned = "returned"


class ReservationState(StrEnum):
    reserved = "reserved"
    allocated = "allocated"
    shipped = "shipped"
    released = "released"
    returned = "returned"


RESERVATION_STATES = States(
    "reservation",
    {
        ReservationState.reserved: {ReservationState.allocated, ReservationState.released},
        ReservationState.allocated: {ReservationState.shipped, ReservationState.released},
        ReservationState.shipped: {ReservationState.returned},
        ReservationState.released: set(),
        ReservationState.returned: set(),
    },
)


class SerialState(StrEnum):
    in_stock = "in_stock"
    sold = "sold"
    written_off = "written_off"


class Stock(Base):
    """Pieces of one listing in its shop; of a `frozen` one, which is called back, none may be promised."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("least(on_hand, reserved, allocated) >= 0", name="not_negative"),
        CheckConstraint("reserved + allocated <= on_hand", name="not_oversold"),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    allocated: Mapped[int] = mapped_column(default=0)
    frozen: Mapped[bool] = mapped_column(default=False)

    @property
    def left(self) -> int:
        """Pieces that can still be sold."""
        return 0 if self.frozen else self.on_hand - self.reserved - self.allocated


class Movement(Base):
    """A change of the pieces on hand: `quantity` came in, or went out where it is negative."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="not_zero"),
        CheckConstraint("kind <> 'received' OR quantity > 0", name="received_in"),
        CheckConstraint("kind <> 'shipped' OR quantity < 0", name="shipped_out"),
        CheckConstraint("kind <> 'returned' OR quantity > 0", name="returned_in"),
        CheckConstraint("(kind IN ('shipped', 'returned')) = (reference IS NOT NULL)", name="shipped_for"),
        Index("ix_stock_movements_listing_id_id", "listing_id", "id"),
    )

    id: Mapped[Id]
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock.listing_id"))
    kind: Mapped[MovementKind]
    quantity: Mapped[int]
    reason: Mapped[str | None]
    reference: Mapped[str | None]
    moved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    moved_at: Mapped[datetime]


class Reservation(Base):
    """What one reference (an order line) claims of a listing's stock."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_reservations_listing_id_state", "listing_id", "state"),
    )

    reference: Mapped[str] = mapped_column(primary_key=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock.listing_id"))
    quantity: Mapped[int]
    state: Mapped[ReservationState]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class SerialNumber(Base):
    """One piece of a product. A sold one names the reference it went to; `batch` is off its name plate."""

    __tablename__ = "serial_numbers"
    __table_args__ = (
        UniqueConstraint("product_id", "serial"),
        CheckConstraint("(state = 'sold') = (reference IS NOT NULL)", name="sold_for"),
        CheckConstraint("char_length(serial) BETWEEN 4 AND 40", name="serial_length"),
        CheckConstraint("char_length(batch) BETWEEN 1 AND 40", name="batch_length"),
        Index("ix_serial_numbers_listing_id", "listing_id"),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    serial: Mapped[str]
    batch: Mapped[str | None]
    state: Mapped[SerialState] = mapped_column(default=SerialState.in_stock)
    reference: Mapped[str | None]
    received_at: Mapped[datetime]
    sold_at: Mapped[datetime | None]


IMMUTABLE_FUNCTION = DDL("""
CREATE FUNCTION stock_movement_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a stock movement is never changed' USING ERRCODE = 'restrict_violation';
END $$
""")
IMMUTABLE_TRIGGER = DDL("""
CREATE TRIGGER stock_movement_is_immutable BEFORE UPDATE OR DELETE ON stock_movements
FOR EACH ROW EXECUTE FUNCTION stock_movement_is_immutable()
""")
AUDIT_VIEW = DDL("CREATE VIEW audit_stock AS SELECT listing_id, on_hand, reserved, allocated FROM stock")

for statement in (IMMUTABLE_FUNCTION, IMMUTABLE_TRIGGER):
    event.listen(Movement.__table__, "after_create", statement)
event.listen(
    Movement.__table__, "after_drop", DDL("DROP FUNCTION IF EXISTS stock_movement_is_immutable() CASCADE")
)
event.listen(Stock.__table__, "after_create", AUDIT_VIEW)
event.listen(Stock.__table__, "before_drop", DDL("DROP VIEW IF EXISTS audit_stock"))
