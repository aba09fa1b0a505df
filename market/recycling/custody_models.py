"""Tables of custody: the things that came back, who held them, and the documents of their end."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.recycling.models import DeviceGrade, DeviceKind, WipeMethod
from market.recycling.parties import Role
from market.recycling.states import HandoverState

LEAST_WARRANTY_MONTHS = 3


class Device(Base):
    """A thing that came back, under the id and code of its recycling order or trade-in.

    `holder` is a party; `handover_id` the last hand-over it was put into; `weight_grams` the scale's word.
    Brand and serial number are what the recycler read off it, null where nothing could be read.
    """

    __tablename__ = "devices"
    __table_args__ = (
        CheckConstraint("weight_grams > 0", name="weight"),
        Index("ix_devices_holder", "holder"),
        Index("ix_devices_county_code", "county_code"),
    )

    id: Mapped[Id]
    kind: Mapped[DeviceKind]
    code: Mapped[str] = mapped_column(unique=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    holder: Mapped[str]
    handover_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("handovers.id"))
    weight_grams: Mapped[int | None]
    brand: Mapped[str | None]
    serial_number: Mapped[str | None]
    created_at: Mapped[datetime]


class CustodyEvent(Base):
    """One move of a device, who made it, and the hash that chains it to the move before.

    `state` is that of its order or trade-in. Where it changed hands, `details` has ``from`` and ``holder``.
    """

    __tablename__ = "custody_events"
    __table_args__ = (CheckConstraint("seq >= 0", name="seq"),)

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    by: Mapped[str]
    details: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]
    hash: Mapped[str]


class Handover(Base):
    """A document: things that one party gives and another takes, signed by both ends.

    The giver shows `code`, once; who takes types or scans it. One to a dismantler is a transfer manifest
    (转移联单) and has a `number`. What was taken is never changed again.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint("(state = 'taken') = (taken_at IS NOT NULL)", name="taken_at"),
        CheckConstraint("(state = 'taken') <= (num_nonnulls(taker, taken_by_id) = 2)", name="signed"),
        CheckConstraint("(taker_role = 'dismantler') = (number IS NOT NULL)", name="manifest"),
        CheckConstraint("offered_at < valid_until", name="validity"),
        Index("ix_handovers_giver", "giver"),
        Index("ix_handovers_taker", "taker"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    number: Mapped[str | None] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    giver: Mapped[str]
    taker_role: Mapped[Role]
    taker: Mapped[str | None]
    state: Mapped[HandoverState] = mapped_column(default=HandoverState.open)
    offered_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    offered_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    taken_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    taken_at: Mapped[datetime | None]


class HandoverLine(Base):
    """One thing of a hand-over, as heavy as it was known to be then."""

    __tablename__ = "handover_lines"
    __table_args__ = (Index("ix_handover_lines_device_id", "device_id"),)

    handover_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("handovers.id"), primary_key=True)
    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    weight_grams: Mapped[int | None]


class WipeCertificate(Base):
    """Proof that a device's data is gone, written once the verification has passed (GB 46864-2025).

    A destroyed memory has a witness, who is another person than the operator.
    """

    __tablename__ = "wipe_certificates"
    __table_args__ = (
        CheckConstraint(
            "(method IN ('shredded', 'drilled')) = (witness_id IS NOT NULL)",
            name="destroyed_before_a_witness",
        ),
        CheckConstraint("witness_id <> operator_id", name="witness_is_another"),
    )

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    serial_number: Mapped[str]
    method: Mapped[WipeMethod]
    standard: Mapped[str]
    operator_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    verification: Mapped[str]
    witness_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class Destruction(Base):
    """One person destroyed a device's memory; a second one, who saw it, has still to sign.

    The certificate is written when that happens, and this row then is gone.
    """

    __tablename__ = "destructions"
    __table_args__ = (CheckConstraint("method IN ('shredded', 'drilled')", name="destroys"),)

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    serial_number: Mapped[str]
    method: Mapped[WipeMethod]
    standard: Mapped[str]
    operator_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    found: Mapped[str]
    created_at: Mapped[datetime]


class Resale(Base):
    """A document: a device sold on as 旧货, by whom, for how much and with what warranty.

    旧电器电子产品流通管理办法: marked 旧货, at least three months of warranty (facts §3.1).
    """

    __tablename__ = "resales"
    __table_args__ = (
        CheckConstraint("price_fen > 0 AND weight_grams > 0", name="amounts"),
        CheckConstraint(f"warranty_months >= {LEAST_WARRANTY_MONTHS}", name="warranty"),
        CheckConstraint("grade <> 'scrap'", name="not_scrap"),
        Index("ix_resales_recycler_id", "recycler_id"),
    )

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    recycler_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recyclers.id"))
    sold_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    serial_number: Mapped[str]
    grade: Mapped[DeviceGrade]
    price_fen: Mapped[int]
    warranty_months: Mapped[int]
    weight_grams: Mapped[int]
    sold_at: Mapped[datetime]


event.listen(
    CustodyEvent.__table__,
    "after_create",
    DDL(
        """
        CREATE OR REPLACE FUNCTION custody_keep_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'custody is kept as written' USING ERRCODE = 'restrict_violation'; END $$;
        CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON custody_events
        FOR EACH ROW EXECUTE FUNCTION custody_keep_as_written();
        """
    ),
)
