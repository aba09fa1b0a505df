"""Invoices: numbers without a gap, documents as issued, nothing taken back twice, nothing forgotten."""

from collections.abc import Iterator

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session, aliased

from market.invoices import rules
from market.invoices.models import Invoice, InvoiceKind, InvoiceSeries
from market.kernel.outbox import OutboxRow, OutboxState
from market.orders.models import Fulfillment, OrderLine, ShopOrder


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each invoice or series that does not add up."""
    yield from _number_breaks(session)
    yield from _document_breaks(session)
    yield from _red_breaks(session)
    yield from _missing(session)


def _number_breaks(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(InvoiceSeries, func.count(Invoice.id), func.coalesce(func.max(Invoice.number), 0))
        .outerjoin(Invoice, (Invoice.shop_id == InvoiceSeries.shop_id) & (Invoice.year == InvoiceSeries.year))
        .group_by(InvoiceSeries.shop_id, InvoiceSeries.year)
    )
    for series, count, last in rows:
        if not series.last_number == count == last:
            whose = f"shop {series.shop_id} in {series.year}"
            yield f"invoices of {whose}: {count} numbers up to {last}, the series is at {series.last_number}"


def _document_breaks(session: Session) -> Iterator[str]:
    for invoice in session.scalars(select(Invoice)):
        document = invoice.document
        told = (document["money_fen"], document["subsidy_fen"], document["number"], document["title"])
        if rules.digest(document) != invoice.sha256 or told != (
            invoice.money_fen,
            invoice.subsidy_fen,
            invoice.number,
            invoice.title,
        ):
            yield f"invoice {invoice.year}-{invoice.number} of {invoice.shop_id} is not what was issued"


def _red_breaks(session: Session) -> Iterator[str]:
    red = aliased(Invoice)
    rows = session.execute(
        select(Invoice, func.sum(red.total_fen))
        .join(red, red.blue_id == Invoice.id)
        .group_by(Invoice.id)
        .having(func.sum(red.total_fen) + Invoice.total_fen < 0)
    )
    for blue, taken in rows:
        yield f"invoice {blue.year}-{blue.number}: {blue.total_fen} fen, red ones {taken} fen"


def _missing(session: Session) -> Iterator[str]:
    """Delivered goods without their blue invoice, but for those the worker has yet to do."""
    waiting = select(OutboxRow.payload["shop_order_id"].as_string()).where(
        OutboxRow.kind == "orders.shop_order_delivered", OutboxRow.state != OutboxState.done
    )
    due = func.sum(OrderLine.paid_fen + OrderLine.subsidy_fen)
    rows = session.execute(
        select(ShopOrder.number, due, func.coalesce(Invoice.total_fen, 0))
        .join(OrderLine, OrderLine.shop_order_id == ShopOrder.id)
        .outerjoin(Invoice, (Invoice.shop_order_id == ShopOrder.id) & (Invoice.kind == InvoiceKind.blue))
        .where(ShopOrder.state == Fulfillment.delivered, cast(ShopOrder.id, Text).not_in(waiting))
        .group_by(ShopOrder.id, Invoice.id)
        .having(due != func.coalesce(Invoice.total_fen, 0))
    )
    for number, wanted, invoiced in rows:
        yield f"{number}: goods of {wanted} fen were delivered, invoiced are {invoiced} fen"
