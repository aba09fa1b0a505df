"""The invoice of delivered goods, for the claims of their lines."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.invoices.issue import issue_blue
from market.orders.models import ShopOrder
from market.subsidies import evidence


def prove_invoice(session: Session, shop_order_id: uuid.UUID, now: datetime) -> None:
    """Who the blue invoice is made out to, and for how much of each line (facts §1.3, §6.8). Once."""
    invoice = issue_blue(session, shop_order_id, now)
    if invoice is None:
        return
    part = session.get_one(ShopOrder, shop_order_id)
    for line in sorted(part.lines, key=lambda line: line.id):
        paper = {
            "title": invoice.title,
            "number": f"{invoice.year}-{invoice.number}",
            "amount_fen": line.paid_fen + line.subsidy_fen,
            "sha256": invoice.sha256,
        }
        evidence.gather(session, line.reference, {evidence.INVOICE: paper}, now)
