"""The buyer's invoices, to look at and to print."""

import uuid

from flask import abort, render_template
from flask_login import current_user

from market.invoices.queries import of_buyer
from market.invoices.rules import in_capitals
from market.kernel.db import db
from market.web.guards import signed_in
from market.web.storefront import bp
from market.web.storefront.orders import own_order


@bp.get("/orders/<uuid:order_id>/invoices/<uuid:invoice_id>")
@signed_in
def invoice(order_id: uuid.UUID, invoice_id: uuid.UUID) -> str:
    """One invoice on one sheet of paper."""
    found = of_buyer(db.session(), current_user.id, invoice_id) or abort(404)
    order = own_order(order_id)
    return render_template("storefront/invoice.html", invoice=found, order=order, capitals=in_capitals)
