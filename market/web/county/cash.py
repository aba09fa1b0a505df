"""Cash at the hub: count what couriers hand in, bank it with a slip, look at what differed."""

import uuid
from collections.abc import Callable

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from market.cash import queries
from market.cash.deposit import make_deposit
from market.cash.hand_in import receive_hand_in
from market.cash.resolve_break import resolve_break
from market.delivery.queries import couriers
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.photo import small_jpeg
from market.web.county import bp
from market.web.county.forms import BreakForm, DepositForm, ReceiveForm
from market.web.once import keep_refused, once
from market.web.refusals import show
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response
Tried = dict[uuid.UUID, FlaskForm]


@bp.get("/cash")
def cash() -> str:
    """Hand-ins at the counter, cash to bank, differences, and who holds how much."""
    return _page()


@bp.post("/cash/hand-ins/<uuid:hand_in_id>/receive")
@once("county.receive_cash")
def receive_cash(hand_in_id: uuid.UUID) -> Page:
    """The code is right and the cash is counted."""
    if queries.hand_in_of(db.session(), g.county_code, hand_in_id) is None:
        abort(404)
    form = ReceiveForm()

    def act() -> str:
        args = form.code.data, form.counted_fen.data, current_user.id, clock.now()
        try:
            receive_hand_in(db.session(), g.county_code, hand_in_id, *args)
        except Refused:
            keep_refused()  # a wrong try counts
            raise
        return str(_("已点收，存进银行后登记存款单"))

    return _try(form, act, {hand_in_id: form})


@bp.post("/cash/deposits")
@once("county.bank_cash")
def bank_cash() -> Page:
    """Received cash is in the bank, with its slip."""
    form = _of_county(DepositForm())

    def act() -> str:
        upload = form.slip_photo.data
        make_deposit(
            db.session(),
            g.county_code,
            [uuid.UUID(one) for one in form.hand_ins.data],
            form.amount_fen.data,
            form.slip_number.data,
            current_user.id,
            clock.now(),
            small_jpeg(upload.read()) if upload else None,
        )
        return str(_("存款已登记"))

    return _try(form, act, deposit_form=form)


@bp.post("/cash/breaks/<uuid:break_id>/resolve")
@once("county.resolve_break")
def resolve_cash_break(break_id: uuid.UUID) -> Page:
    """Somebody says why the cash differed."""
    if queries.break_of(db.session(), g.county_code, break_id) is None:
        abort(404)
    form = BreakForm()

    def act() -> str:
        args = form.note.data, form.write_off.data, current_user.id, clock.now()
        resolve_break(db.session(), g.county_code, break_id, *args)
        return str(_("差额已说明"))

    return _try(form, act, {break_id: form})


def _try(
    form: FlaskForm,
    act: Callable[[], str],
    tried: Tried | None = None,
    deposit_form: DepositForm | None = None,
) -> Page:
    """Do it and come back, or show the page with what was typed and why not."""
    if form.validate_on_submit():
        try:
            flash(act())
            return redirect(url_for("county.cash"), 303)
        except Refused as refused:
            show(form, refused)
    return _page(tried, deposit_form), 422


def _page(tried: Tried | None = None, deposit_form: DepositForm | None = None) -> str:
    session, county, tried = db.session(), g.county_code, tried or {}
    hand_ins, breaks = queries.open_hand_ins(session, county), queries.open_breaks(session, county)
    return render_template(
        "county/cash.html",
        hand_ins=[(it, _own(tried, it.id, ReceiveForm)) for it in hand_ins],
        to_bank=queries.hand_ins_to_bank(session, county),
        deposit_form=deposit_form or _of_county(DepositForm(formdata=None)),
        breaks=[(it, _own(tried, it.id, BreakForm)) for it in breaks],
        deposits=queries.deposits(session, county),
        held=[(it, queries.courier_cash_held(session, it.id)) for it in couriers(session, county)],
    )


def _own(tried: Tried, owner: uuid.UUID, kind: type[FlaskForm]) -> FlaskForm:
    return told_apart(tried.get(owner) or kind(formdata=None), owner)


def _of_county(form: DepositForm) -> DepositForm:
    return form.of(queries.hand_ins_to_bank(db.session(), g.county_code))
