"""Issue invoices: blue with the delivery, red with what is taken back; and add the tax authority's number."""

import re
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.invoices import rules
from market.invoices.models import Invoice, InvoiceKind, InvoiceSeries
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.orders.models import OrderLine, ShopOrder
from market.people.models import Account

_TAX_NUMBER = re.compile(r"[0-9]{8,20}")


def issue_blue(session: Session, shop_order_id: uuid.UUID, now: datetime) -> Invoice | None:
    """The delivered shop order's invoice. The same one the second time; None where the goods cost nothing."""
    shop_order = session.get_one(ShopOrder, shop_order_id)
    money = sum(line.paid_fen for line in shop_order.lines)
    subsidy = sum(line.subsidy_fen for line in shop_order.lines)
    if money + subsidy == 0:
        return None
    lines = [_line(line) for line in shop_order.lines if line.paid_fen + line.subsidy_fen]
    return _issue(
        session, shop_order, InvoiceKind.blue, None, shop_order.reference, lines, money, subsidy, now
    )


def issue_red(
    session: Session,
    shop_order_id: uuid.UUID,
    money_fen: int,
    subsidy_fen: int,
    reference: str,
    now: datetime,
) -> Invoice | None:
    """Take `money_fen` and `subsidy_fen` of the delivered goods back. Once per `reference`.

    None where there is nothing to take back. Raises Refused(``invoice.too_much``) beyond what was invoiced.
    """
    blue = issue_blue(session, shop_order_id, now) if money_fen + subsidy_fen else None
    if blue is None:
        return None
    # The blue one's row keeps two red ones apart.
    session.scalars(select(Invoice.id).where(Invoice.id == blue.id).with_for_update()).one()
    known = session.scalar(select(Invoice).where(Invoice.reference == reference))
    if known is not None:
        return known
    taken = session.scalar(
        select(func.coalesce(func.sum(Invoice.total_fen), 0)).where(Invoice.blue_id == blue.id)
    )
    left = blue.total_fen + int(taken or 0)
    if money_fen + subsidy_fen > left:
        raise Refused("invoice.too_much", left_fen=left)
    shop_order = session.get_one(ShopOrder, shop_order_id)
    lines = [{"what": f"{blue.year}-{blue.number}", "money_fen": -money_fen, "subsidy_fen": -subsidy_fen}]
    return _issue(
        session, shop_order, InvoiceKind.red, blue.id, reference, lines, -money_fen, -subsidy_fen, now
    )


def add_tax_number(session: Session, shop_id: uuid.UUID, invoice_id: uuid.UUID, number: str) -> Invoice:
    """The shop writes down under which number the tax authority has the invoice.

    Raises NotFound where it is another shop's; Refused(``invoice.tax_number`` | ``invoice.tax_number_taken``,
    field tax_number).
    """
    invoice = session.scalars(
        select(Invoice).where(Invoice.id == invoice_id, Invoice.shop_id == shop_id).with_for_update()
    ).one_or_none()
    if invoice is None:
        raise NotFound
    digits = re.sub(r"\s", "", number)
    if not _TAX_NUMBER.fullmatch(digits):
        raise Refused("invoice.tax_number", field="tax_number")
    if session.scalar(select(Invoice.id).where(Invoice.tax_number == digits, Invoice.id != invoice_id)):
        raise Refused("invoice.tax_number_taken", field="tax_number")
    invoice.tax_number = digits
    session.flush()
    return invoice


def _issue(
    session: Session,
    shop_order: ShopOrder,
    kind: InvoiceKind,
    blue_id: uuid.UUID | None,
    reference: str,
    lines: list[dict[str, Any]],
    money_fen: int,
    subsidy_fen: int,
    now: datetime,
) -> Invoice:
    known = session.scalar(select(Invoice).where(Invoice.reference == reference))
    if known is not None:
        return known
    year = local_date(now).year
    number = _take_number(session, shop_order.shop_id, year)
    # Whoever waited for the number may have waited for this very invoice.
    known = session.scalar(select(Invoice).where(Invoice.reference == reference))
    if known is not None:
        _give_number_back(session, shop_order.shop_id, year)
        return known
    title = session.get_one(Account, shop_order.order.account_id).name
    document = {
        "shop": shop_order.shop_name,
        "order": shop_order.number,
        "title": title,
        "kind": kind.value,
        "blue": str(blue_id) if blue_id else None,
        "year": year,
        "number": number,
        "lines": lines,
        "money_fen": money_fen,
        "subsidy_fen": subsidy_fen,
        "issued_on": local_date(now).isoformat(),
    }
    invoice = Invoice(
        id=new_id(),
        shop_id=shop_order.shop_id,
        year=year,
        number=number,
        kind=kind,
        blue_id=blue_id,
        shop_order_id=shop_order.id,
        reference=reference,
        title=title,
        document=document,
        money_fen=money_fen,
        subsidy_fen=subsidy_fen,
        total_fen=money_fen + subsidy_fen,
        issued_at=now,
        sha256=rules.digest(document),
    )
    session.add(invoice)
    session.flush()
    return invoice


def _take_number(session: Session, shop_id: uuid.UUID, year: int) -> int:
    return session.execute(
        insert(InvoiceSeries)
        .values(shop_id=shop_id, year=year, last_number=1)
        .on_conflict_do_update(
            index_elements=["shop_id", "year"], set_={"last_number": InvoiceSeries.last_number + 1}
        )
        .returning(InvoiceSeries.last_number)
    ).scalar_one()


def _give_number_back(session: Session, shop_id: uuid.UUID, year: int) -> None:
    row = session.get_one(InvoiceSeries, (shop_id, year), populate_existing=True)
    row.last_number -= 1
    session.flush()


def _line(line: OrderLine) -> dict[str, Any]:
    snapshot = line.snapshot
    return {
        "what": f"{snapshot['title']} {snapshot['brand']} {snapshot['model']}",
        "quantity": line.quantity,
        "money_fen": line.paid_fen,
        "subsidy_fen": line.subsidy_fen,
    }
