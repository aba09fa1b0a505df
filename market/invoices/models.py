"""Invoices and the series their numbers come from."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id


class InvoiceKind(StrEnum):
    blue = "blue"
    red = "red"


class InvoiceSeries(Base):
    """The last number that a shop has used in a year; its row is locked while one is taken."""

    __tablename__ = "invoice_series"

    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class Invoice(Base):
    """A document as it was issued. `document` holds what is printed, `sha256` proves that it still is."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("shop_id", "year", "number"),
        CheckConstraint("total_fen = money_fen + subsidy_fen", name="total"),
        CheckConstraint("(kind = 'red') = (blue_id IS NOT NULL)", name="red_names_its_blue"),
        CheckConstraint("(kind = 'blue' AND total_fen > 0) OR (kind = 'red' AND total_fen < 0)", name="sign"),
        CheckConstraint("tax_number ~ '^[0-9]{8,20}$'", name="tax_number"),
        Index("ix_invoices_shop_order_id", "shop_order_id"),
        Index("ix_invoices_blue_id", "blue_id"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[InvoiceKind]
    blue_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoices.id"))
    shop_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shop_orders.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    document: Mapped[dict[str, Any]]
    money_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    total_fen: Mapped[int]
    issued_at: Mapped[datetime]
    sha256: Mapped[str]
    tax_number: Mapped[str | None] = mapped_column(unique=True)


# Whatever code is at work: an issued invoice stays as it was, but for the tax authority's number.
KEEP_FUNCTION = DDL("""
CREATE FUNCTION invoice_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'tax_number' <> to_jsonb(OLD) - 'tax_number' THEN
    RAISE EXCEPTION 'an invoice is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
""")
KEEP_TRIGGER = DDL("""
CREATE TRIGGER invoice_is_kept BEFORE UPDATE OR DELETE ON invoices
FOR EACH ROW EXECUTE FUNCTION invoice_is_kept()
""")
for statement in (KEEP_FUNCTION, KEEP_TRIGGER):
    event.listen(Invoice.__table__, "after_create", statement)
event.listen(Invoice.__table__, "after_drop", DDL("DROP FUNCTION IF EXISTS invoice_is_kept() CASCADE"))
