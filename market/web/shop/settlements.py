"""The shop's money: what waits, what is its own, what was paid, and where to."""

import uuid

from flask import Response as FlaskResponse
from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from market.kernel import clock
from market.kernel.db import db
from market.points.rules import RETURN_WINDOW_DAYS
from market.settlements import queries
from market.settlements.bank_account import SEAL_PURPOSE, change_bank_account
from market.settlements.carriage import carriage_of
from market.web.once import once
from market.web.seals import seal_for
from market.web.second_factor import guess_limit, has_factor, proved_lately
from market.web.settlement_sheet import STATES, what
from market.web.settlement_views import sheet_file, sheet_page
from market.web.shop import bp
from market.web.shop.forms import BankAccountForm
from market.web.shop.listings import Page
from market.web.shop.proof import done_with_proof


@bp.get("/settlements")
def settlements() -> Page:
    """Balances, sheets and the bank account."""
    return _list(BankAccountForm(formdata=None, obj=queries.bank_account(db.session(), g.shop.id)))


@bp.post("/settlements/account")
@guess_limit
@once("shop.bank_account")
def bank_account() -> Page:
    """Where to pay; the county confirms it."""
    form = BankAccountForm()

    def act() -> None:
        holder, bank, number = (field.data or "" for field in (form.holder, form.bank, form.number))
        typed = (g.shop.id, holder, bank, number)
        seal, now = seal_for(SEAL_PURPOSE), clock.now()
        change_bank_account(db.session(), *typed, current_user.id, seal, now)

    if done_with_proof(form, "bank_account", act):
        flash(_("已保存，县里核对后生效"))
        return redirect(url_for("shop.settlements"), 303)
    return _list(form), 422


@bp.get("/settlements/<uuid:sheet_id>")
def settlement(sheet_id: uuid.UUID) -> Page:
    """One sheet, row by row."""
    found = queries.shop_sheet(db.session(), g.shop.id, sheet_id) or abort(404)
    return sheet_page(found, "shop/settlement.html")


@bp.get("/settlements/<uuid:sheet_id>.pdf", defaults={"kind": "pdf"})
@bp.get("/settlements/<uuid:sheet_id>.xlsx", defaults={"kind": "xlsx"})
def settlement_file(sheet_id: uuid.UUID, kind: str) -> FlaskResponse:
    """The sheet to keep."""
    return sheet_file(queries.shop_sheet(db.session(), g.shop.id, sheet_id) or abort(404), kind)


def _list(form: BankAccountForm) -> str:
    session = db.session()
    return render_template(
        "shop/settlements.html",
        balance=queries.shop_balance(session, g.shop.id),
        waiting=queries.shop_waiting(session, g.shop.id),
        sheets=queries.shop_sheets(session, g.shop.id),
        carriages=carriage_of(session, g.shop.id),
        account=queries.bank_account(session, g.shop.id),
        form=form,
        has_factor=has_factor(),
        is_proved=proved_lately(),
        states=STATES,
        what=what,
        return_days=RETURN_WINDOW_DAYS,
    )
