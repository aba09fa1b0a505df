"""The shops' money: sheets to approve, files for the bank, bank accounts to confirm."""

import uuid

from flask import Response as FlaskResponse
from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people.data_access import record_access
from market.people.models import ViewerRole, ViewPurpose
from market.settlements import pay, queries, rules
from market.settlements.bank_account import SEAL_PURPOSE, confirm_bank_account, known_number
from market.settlements.models import SheetState
from market.web.county import bp
from market.web.messages import sentence
from market.web.once import once
from market.web.readings import note_reading
from market.web.refusals import show
from market.web.seals import seal_for
from market.web.settlement_sheet import STATES
from market.web.settlement_views import sheet_file, sheet_page

Page = str | tuple[str, int] | Response


class ConfirmForm(FlaskForm):
    """What the bank calls the payment."""

    bank_reference = StringField(
        lazy_gettext("银行回单号"),
        [
            DataRequired(lazy_gettext("请填银行回单号")),
            Length(max=60, message=lazy_gettext("请写 60 个字以内")),
        ],
    )


@bp.get("/settlements")
def settlements() -> str:
    """What is to be checked, approved, paid and confirmed."""
    return _list()


@bp.post("/settlements/draw-up")
@once("county.draw_up")
def draw_up() -> Response:
    """Last week's sheets, if the clock has not made them yet."""
    now = clock.now()
    made = pay.draw_up(db.session(), g.county_code, rules.last_week(now), now)
    flash(_("上周共 %(n)s 张结算单", n=len(made)))
    return redirect(url_for("county.settlements"), 303)


@bp.get("/settlements/<uuid:sheet_id>")
def settlement(sheet_id: uuid.UUID) -> str:
    """One sheet, row by row."""
    found = queries.county_sheet(db.session(), g.county_code, sheet_id) or abort(404)
    return sheet_page(found, "county/settlement.html")


@bp.get("/settlements/<uuid:sheet_id>.pdf", defaults={"kind": "pdf"})
@bp.get("/settlements/<uuid:sheet_id>.xlsx", defaults={"kind": "xlsx"})
def settlement_file(sheet_id: uuid.UUID, kind: str) -> FlaskResponse:
    """The sheet to keep."""
    return sheet_file(queries.county_sheet(db.session(), g.county_code, sheet_id) or abort(404), kind)


@bp.post("/settlements/<uuid:sheet_id>/approve")
@once("county.approve_sheet")
def approve_sheet(sheet_id: uuid.UUID) -> Response:
    """The first or the second of two people agrees."""
    try:
        sheet = pay.approve(db.session(), g.county_code, current_user.id, sheet_id, clock.now())
        done = sheet.state is SheetState.payable
        flash(_("已批准，可以做付款文件") if done else _("已核对，请另一位同事批准"))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return redirect(url_for("county.settlement", sheet_id=sheet_id), 303)


@bp.post("/settlements/bank-files")
@once("county.bank_file")
def make_bank_file() -> Response:
    """Every approved sheet into one file."""
    seal, now = seal_for(SEAL_PURPOSE), clock.now()
    file = pay.make_bank_file(db.session(), g.county_code, current_user.id, seal, now)
    if file is None:
        flash(_("没有可以付的结算单。店铺的银行账户要先确认"), "bad")
    else:
        flash(_("付款文件 %(number)s 已做好，请下载交给银行", number=file.number))
    return redirect(url_for("county.settlements"), 303)


@bp.get("/settlements/bank-files/<uuid:file_id>.csv")
def bank_file(file_id: uuid.UUID) -> FlaskResponse:
    """What the bank is given, byte for byte; every shop in it reads who took it."""
    session = db.session()
    found = queries.bank_file(session, g.county_code, file_id) or abort(404)
    content = seal_for(SEAL_PURPOSE).open(found.content_sealed)
    name = f"bank-{found.county_code}-{found.number}"
    for account_id in queries.paid_by(session, found.id):
        who = (account_id, current_user.id, ViewerRole.county, ViewPurpose.settlement)
        record_access(session, *who, name, clock.now())
    session.commit()
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "private, no-store",
    }
    return FlaskResponse(content.encode(), mimetype="text/csv", headers=headers)


@bp.get("/settlements/accounts/<uuid:shop_id>")
def bank_number(shop_id: uuid.UUID) -> str:
    """A shop's whole account number, to hold beside its papers; who wrote it sees who looked."""
    account, shop = queries.account_in_county(db.session(), g.county_code, shop_id) or abort(404)
    number = known_number(account, seal_for(SEAL_PURPOSE))
    page = render_template("county/bank_number.html", account=account, shop=shop, number=number)
    note_reading(account.changed_by_id, ViewerRole.county, ViewPurpose.settlement, f"bank:{shop.id}")
    return page


@bp.post("/settlements/bank-files/<uuid:file_id>/confirm")
@once("county.confirm_bank_file")
def confirm_bank_file(file_id: uuid.UUID) -> Page:
    """The bank has paid."""
    form = ConfirmForm()
    if form.validate_on_submit():
        text = form.bank_reference.data or ""
        try:
            pay.confirm_bank_file(db.session(), g.county_code, current_user.id, file_id, text, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已记为付款"))
            return redirect(url_for("county.settlements"), 303)
    return _list({file_id: form}), 422


@bp.post("/settlements/accounts/<uuid:shop_id>/confirm")
@once("county.confirm_account")
def confirm_account(shop_id: uuid.UUID) -> Response:
    """The shop's bank papers have been seen."""
    try:
        confirm_bank_account(db.session(), g.county_code, current_user.id, shop_id, clock.now())
        flash(_("银行账户已确认"))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return redirect(url_for("county.settlements"), 303)


def _list(forms: dict[uuid.UUID, ConfirmForm] | None = None) -> str:
    session = db.session()

    def of(*states: SheetState) -> object:
        return queries.county_sheets(session, g.county_code, states)

    return render_template(
        "county/settlements.html",
        open_sheets=of(SheetState.drawn_up, SheetState.checked),
        payable=of(SheetState.payable),
        paid=of(SheetState.paid),
        files=queries.bank_files(session, g.county_code),
        accounts=queries.unconfirmed_accounts(session, g.county_code),
        confirm_form=lambda file_id: (forms or {}).get(file_id) or ConfirmForm(formdata=None),
        states=STATES,
    )
