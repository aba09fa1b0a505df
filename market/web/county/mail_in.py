"""Things sent in that are late or wait for the county: whose turn it is, lost parcels, transfers to make."""

import uuid
from collections.abc import Callable

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.seal import SealBroken
from market.people.data_access import record_access
from market.people.models import ViewerRole, ViewPurpose
from market.recycling import turns
from market.recycling.choose import SEAL_PURPOSE
from market.recycling.claim_lost import settle_claim
from market.recycling.models import RecyclingOrder
from market.recycling.pay_out import record_transfer
from market.recycling.payout_models import BankPayout
from market.recycling.payouts_due import lost_parcels, payouts_due
from market.recycling.queries import order_in_county
from market.web.county import bp
from market.web.once import once
from market.web.recycling_text import STATES, WHO
from market.web.refusals import show
from market.web.seals import seal_for
from market.web.told_apart import told_apart
from market.web.yuan_field import YuanField

Page = str | tuple[str, int] | Response


class TransferForm(FlaskForm):
    """The bank's word that it has paid."""

    bank_reference = StringField(
        lazy_gettext("银行回单号"), [Length(max=40)], render_kw={"maxlength": 40, "autocomplete": "off"}
    )


class ClaimForm(FlaskForm):
    """What the carrier has paid for a lost parcel."""

    carrier_fen = YuanField(
        lazy_gettext("快递公司赔了（元）"),
        [InputRequired(lazy_gettext("请填快递公司赔的金额，没有赔就填 0"))],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )


@bp.get("/mail-in")
def mail_in() -> str:
    """What is late and whose turn it is, what was lost, and whom the bank has to pay."""
    return _page({})


@bp.post("/mail-in/<uuid:order_id>/transfer")
@once("county.mail_in_transfer")
def transfer_mail_in(order_id: uuid.UUID) -> Page:
    """The bank has paid."""
    form = TransferForm()

    def act() -> str:
        slip = form.bank_reference.data or ""
        record_transfer(db.session(), g.county_code, current_user.id, order_id, slip, clock.now())
        return str(_("已记下，客户会收到通知"))

    return _try(form, order_id, act)


@bp.post("/mail-in/<uuid:order_id>/claim")
@once("county.mail_in_claim")
def claim_mail_in(order_id: uuid.UUID) -> Page:
    """The claim for a lost parcel is over."""
    form = ClaimForm()

    def act() -> str:
        paid_fen = form.carrier_fen.data
        settle_claim(db.session(), g.county_code, current_user.id, order_id, paid_fen, clock.now())
        return str(_("已照估价赔给客户"))

    return _try(form, order_id, act)


def _try(form: FlaskForm, order_id: uuid.UUID, act: Callable[[], str]) -> Page:
    order_in_county(db.session(), g.county_code, order_id)
    if form.validate_on_submit():
        try:
            flash(act())
            return redirect(url_for("county.mail_in"), 303)
        except Refused as refused:
            show(form, refused)
    return _page({order_id: form}), 422


def _page(tried: dict[uuid.UUID, FlaskForm]) -> str:
    session, now = db.session(), clock.now()
    page = render_template(
        "county/mail_in.html",
        late=turns.late(session, g.county_code, now),
        lost=[(order, _own(tried, order.id, ClaimForm)) for order in lost_parcels(session, g.county_code)],
        transfers=[
            (order, due, _number(order, due), _own(tried, order.id, TransferForm))
            for order, due in payouts_due(session, g.county_code)
        ],
        states=STATES,
        who=WHO,
        now=now,
    )
    session.commit()
    return page


def _number(order: RecyclingOrder, due: BankPayout) -> str:
    """The account number to pay to, and a note of who has seen it."""
    session = db.session()
    reference = f"recycling:{order.id}"
    who = (current_user.id, ViewerRole.county, ViewPurpose.recycling)
    record_access(session, order.account_id, *who, reference, clock.now())
    try:
        return seal_for(SEAL_PURPOSE).open(due.number_sealed)
    except SealBroken:
        return f"…{due.tail}"


def _own(tried: dict[uuid.UUID, FlaskForm], owner: uuid.UUID, kind: type[FlaskForm]) -> FlaskForm:
    sent = tried.get(owner)
    return told_apart(sent if isinstance(sent, kind) else kind(formdata=None), owner)
