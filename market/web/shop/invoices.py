"""The shop's invoices: what was issued, and the tax authority's numbers for them."""

import csv
import io
import uuid
from collections.abc import Sequence

from flask import Response as FlaskResponse
from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from market.invoices import queries
from market.invoices.issue import add_tax_number
from market.invoices.models import Invoice
from market.invoices.rules import in_capitals
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.money import format_yuan
from market.orders.queries import order_numbers
from market.people.models import ViewerRole, ViewPurpose
from market.web.once import once
from market.web.readings import note_orders_read
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.listings import Page

COLUMNS = (
    _("编号"), _("种类"), _("订单"), _("抬头"), _("买家付的钱"), _("国家补贴"), _("合计"), _("税务发票号码"),
)  # fmt: skip


class TaxNumberForm(FlaskForm):
    """Under which number the tax authority has it."""

    tax_number = StringField(
        _("税务发票号码"),
        [DataRequired(_("请填税务发票号码"))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


@bp.get("/invoices")
def invoices() -> str:
    """All of them, newest first."""
    found = queries.of_shop(db.session(), g.shop.id)
    page = render_template("shop/invoices.html", invoices=found)
    _note_read(found)
    return page


@bp.get("/invoices.csv")
def invoices_csv() -> FlaskResponse:
    """The list for a spreadsheet."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow([str(name) for name in COLUMNS])
    found = queries.of_shop(db.session(), g.shop.id, limit=10_000)
    for it in found:
        fen = (it.money_fen, it.subsidy_fen, it.total_fen)
        amounts = [("-" if it < 0 else "") + format_yuan(abs(it)).replace(",", "") for it in fen]
        kind = gettext("红字") if it.kind == "red" else gettext("蓝字")
        tax_number = f"\t{it.tax_number}" if it.tax_number else ""
        number = f"{it.year}-{it.number}"
        rows.writerow((number, kind, it.document["order"], it.title, *amounts, tax_number))
    _note_read(found)
    headers = {"Content-Disposition": 'attachment; filename="invoices.csv"', "Cache-Control": "no-store"}
    return FlaskResponse("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


@bp.get("/invoices/<uuid:invoice_id>")
def invoice(invoice_id: uuid.UUID) -> Page:
    """One invoice, and the form for its number."""
    return _page(invoice_id, TaxNumberForm(formdata=None))


@bp.post("/invoices/<uuid:invoice_id>")
@once("shop.tax_number")
def tax_number(invoice_id: uuid.UUID) -> Page:
    """Write the number down."""
    form = TaxNumberForm()
    if form.validate_on_submit():
        try:
            add_tax_number(db.session(), g.shop.id, invoice_id, form.tax_number.data or "")
        except Refused as refused:
            show(form, refused)
        else:
            flash(gettext("已记下"))
            return redirect(url_for("shop.invoice", invoice_id=invoice_id), 303)
    return _page(invoice_id, form), 422


def _page(invoice_id: uuid.UUID, form: TaxNumberForm) -> str:
    found = queries.shop_invoice(db.session(), g.shop.id, invoice_id) or abort(404)
    page = render_template("shop/invoice.html", invoice=found, form=form, capitals=in_capitals)
    _note_read([found])
    return page


def _note_read(invoices: Sequence[Invoice]) -> None:
    """An invoice says its buyer's name: she sees who read it."""
    numbers = order_numbers(db.session(), [it.shop_order_id for it in invoices])
    note_orders_read(numbers, ViewerRole.shop, ViewPurpose.order)
