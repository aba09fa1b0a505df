"""Old appliances that a person has to settle, and what buyers still owe of their credits."""

import uuid
from collections.abc import Callable

from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import prices, queries
from market.recycling.models import Decision, TradeIn
from market.recycling.pay_due import pay_at_desk
from market.recycling.settle_trade_in import decide, give_back
from market.recycling.states import FOR_A_PERSON
from market.web.county import bp
from market.web.once import once
from market.web.recycling_text import DECISIONS, DUE_REASONS, TRADE_INS_AT_WORK, reason
from market.web.refusals import show
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response
_choices = [(decision.value, words) for decision, words in DECISIONS.items()]


class DecideForm(FlaskForm):
    """Who bears what the buyer did not agree to, and why."""

    decision = RadioField(
        lazy_gettext("怎样处理"), [DataRequired(lazy_gettext("请选一个"))], choices=_choices
    )
    note = TextAreaField(
        lazy_gettext("理由"), [Length(max=300)], description=lazy_gettext("客户看得到"),
        render_kw={"maxlength": 300, "rows": 2},
    )  # fmt: skip


class DeskForm(FlaskForm):
    """The bank's slip for what was taken at the desk."""

    slip_number = StringField(
        lazy_gettext("存款单号"),
        description=lazy_gettext("收到的现金单独存银行，照存款单填"),
        render_kw={"maxlength": 40, "autocomplete": "off"},
    )


@bp.get("/trade-ins")
def trade_ins() -> str:
    """What waits for a decision or for its way home, and what is owed."""
    return _page({})


@bp.get("/trade-ins/<uuid:trade_in_id>/photo")
def trade_in_photo(trade_in_id: uuid.UUID) -> Response:
    """The photo of the assessment."""
    old = queries.trade_in_at(db.session(), g.county_code, trade_in_id)
    seen = queries.trade_in_assessment(db.session(), old.id)
    if seen is None or seen.jpeg is None:
        abort(404)
    return make_response(seen.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/trade-ins/<uuid:trade_in_id>/decide")
@once("county.trade_in_decide")
def decide_trade_in(trade_in_id: uuid.UUID) -> Page:
    """Settle what the buyer did not agree to."""
    form = DecideForm()

    def act() -> str:
        chosen, note = Decision(form.decision.data), form.note.data or ""
        decide(db.session(), g.county_code, current_user.id, trade_in_id, chosen, note, clock.now())
        return str(_("已决定，客户会收到通知"))

    queries.trade_in_at(db.session(), g.county_code, trade_in_id)
    return _try(form, trade_in_id, act)


@bp.post("/trade-ins/<uuid:trade_in_id>/give-back")
@once("county.trade_in_give_back")
def give_trade_in_back(trade_in_id: uuid.UUID) -> Response:
    """Its owner has it again."""
    give_back(db.session(), g.county_code, trade_in_id, clock.now(), current_user.id)
    flash(_("已记下，旧家电还给客户了"))
    return redirect(url_for("county.trade_ins"), 303)


@bp.post("/trade-ins/dues/<uuid:due_id>/pay")
@once("county.trade_in_due_pay")
def pay_trade_in_due(due_id: uuid.UUID) -> Page:
    """Cash at the desk, banked with its slip."""
    form = DeskForm()

    def act() -> str:
        slip = form.slip_number.data or ""
        pay_at_desk(db.session(), g.county_code, current_user.id, due_id, slip, clock.now())
        return str(_("已记下，这笔付清了"))

    return _try(form, due_id, act)


def _try(form: FlaskForm, owner: uuid.UUID, act: Callable[[], str]) -> Page:
    """Do it and come back, or show the page with what was typed and why not."""
    if form.validate_on_submit():
        try:
            flash(act())
            return redirect(url_for("county.trade_ins"), 303)
        except Refused as refused:
            show(form, refused)
    return _page({owner: form}), 422


def _page(tried: dict[uuid.UUID, FlaskForm]) -> str:
    session = db.session()
    unsettled = queries.unsettled_trade_ins(session, g.county_code)
    dues = queries.open_trade_in_dues(session, g.county_code)
    return render_template(
        "county/trade_ins.html",
        to_decide=[
            (*_found(it), _own(tried, it.id, DecideForm)) for it in unsettled if it.state in FOR_A_PERSON
        ],
        going_home=[it for it in unsettled if it.state not in FOR_A_PERSON],
        dues=[(due, old, _own(tried, due.id, DeskForm)) for due, old in dues],
        states=TRADE_INS_AT_WORK,
        due_reasons=DUE_REASONS,
    )


def _found(old: TradeIn) -> tuple[TradeIn, list[str], bool]:
    """A trade-in, the reasons of its re-offer, and whether there is a photo."""
    seen = queries.trade_in_assessment(db.session(), old.id)
    if seen is None:
        return old, [], False
    table = prices.version(db.session(), old.price_table_id).table
    return old, [reason(table, code, seen.age_years) for code in seen.reasons], seen.sha256 is not None


def _own(tried: dict[uuid.UUID, FlaskForm], owner: uuid.UUID, kind: type[FlaskForm]) -> FlaskForm:
    return told_apart(tried.get(owner) or kind(formdata=None), owner)
