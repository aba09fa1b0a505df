"""Invoices as each actor may see them: not yours is not found."""

import uuid
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from market.invoices.models import Invoice, InvoiceKind
from market.orders.models import Order, ShopOrder
from market.shops.models import Shop


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """What a shop invoiced in a month (``2026-11``): how many, and the fen of blue and of red ones."""

    shop_name: str
    month: str
    invoices: int
    blue_fen: int
    red_fen: int


def of_buyer(session: Session, account_id: uuid.UUID, invoice_id: uuid.UUID) -> Invoice | None:
    """One invoice of the buyer's orders."""
    return session.scalar(
        select(Invoice)
        .join(ShopOrder, ShopOrder.id == Invoice.shop_order_id)
        .join(Order, Order.id == ShopOrder.order_id)
        .where(Invoice.id == invoice_id, Order.account_id == account_id)
    )


def of_shop(session: Session, shop_id: uuid.UUID, limit: int = 200) -> list[Invoice]:
    """The shop's invoices, newest first."""
    found = select(Invoice).where(Invoice.shop_id == shop_id)
    return list(session.scalars(found.order_by(Invoice.year.desc(), Invoice.number.desc()).limit(limit)))


def shop_invoice(session: Session, shop_id: uuid.UUID, invoice_id: uuid.UUID) -> Invoice | None:
    """One invoice of the shop's."""
    return session.scalar(select(Invoice).where(Invoice.id == invoice_id, Invoice.shop_id == shop_id))


def county_months(session: Session, county_code: str) -> list[MonthTotal]:
    """What the county's shops invoiced, month by month, newest first."""
    month = func.to_char(func.timezone("Asia/Shanghai", Invoice.issued_at), "YYYY-MM")

    def of(kind: InvoiceKind) -> object:
        return func.sum(case((Invoice.kind == kind, Invoice.total_fen), else_=0))

    rows = session.execute(
        select(Shop.name, month, func.count(), of(InvoiceKind.blue), of(InvoiceKind.red))  # type: ignore[call-overload]
        .join(Invoice, Invoice.shop_id == Shop.id)
        .where(Shop.county_code == county_code)
        .group_by(Shop.name, month)
        .order_by(month.desc(), Shop.name)
    )
    return [MonthTotal(name, when, int(count), int(blue), int(red)) for name, when, count, blue, red in rows]
