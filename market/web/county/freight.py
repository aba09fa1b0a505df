"""Campaigns that pay the freight of what is sent in: open one, see what is left, pay the carrier's bill."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.money import format_yuan
from market.recycling.freight_campaign import campaigns, open_campaign, parcels_of, pay_bill
from market.web.county import bp
from market.web.once import once
from market.web.refusals import show
from market.web.told_apart import told_apart
from market.web.yuan_field import YuanField

Page = tuple[str, int] | Response
_filled = InputRequired(lazy_gettext("请填写这一项"))


class CampaignForm(FlaskForm):
    """For how long, how much, and how many parcels a person."""

    name = StringField(lazy_gettext("名称"), [_filled, Length(max=40)], render_kw={"maxlength": 40})
    first_day = DateField(lazy_gettext("第一天"), [InputRequired(lazy_gettext("请选一天"))])
    last_day = DateField(lazy_gettext("最后一天"), [InputRequired(lazy_gettext("请选一天"))])
    budget_fen = YuanField(lazy_gettext("一共出多少（元）"), [_filled], render_kw={"inputmode": "decimal"})
    per_person = IntegerField(
        lazy_gettext("每人最多几件"), [_filled], render_kw={"inputmode": "numeric", "min": 1}
    )


class BillForm(FlaskForm):
    """The bank's slip for the carrier's bill."""

    slip_number = StringField(
        lazy_gettext("银行回单号"), [Length(max=40)], render_kw={"maxlength": 40, "autocomplete": "off"}
    )


@bp.get("/freight")
def freight_campaigns() -> str:
    """The county's campaigns and what each has left."""
    form = CampaignForm(formdata=None)
    form.first_day.data = clock.local_date(clock.now())
    return _page(form, {})


@bp.post("/freight")
@once("county.open_campaign")
def open_freight_campaign() -> Page:
    """Open one."""
    form = CampaignForm()
    if form.validate_on_submit():
        try:
            _open(form)
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("活动开好了，期间开的寄件单由县里出运费"))
            return redirect(url_for("county.freight_campaigns"), 303)
    return _page(form, {}), 422


@bp.post("/freight/<uuid:campaign_id>/bill")
@once("county.freight_bill")
def pay_freight_bill(campaign_id: uuid.UUID) -> Page:
    """The carrier is paid."""
    form = BillForm()
    if form.validate_on_submit():
        try:
            slip = form.slip_number.data or ""
            paid_fen = pay_bill(db.session(), g.county_code, campaign_id, slip, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已记下，付了运费 ¥%(yuan)s", yuan=format_yuan(paid_fen)))
            return redirect(url_for("county.freight_campaigns"), 303)
    return _page(CampaignForm(formdata=None), {campaign_id: form}), 422


def _open(form: CampaignForm) -> None:
    open_campaign(
        db.session(),
        g.county_code,
        current_user.id,
        form.name.data,
        form.first_day.data,
        form.last_day.data,
        form.budget_fen.data,
        form.per_person.data,
        clock.now(),
    )


def _page(form: CampaignForm, tried: dict[uuid.UUID, BillForm]) -> str:
    found = campaigns(db.session(), g.county_code)
    bills = {
        one.id: told_apart(tried.get(one.id) or BillForm(formdata=None), one.id)
        for one in found
        if one.committed_fen
    }
    return render_template(
        "county/freight.html",
        campaigns=found,
        parcels=parcels_of(db.session(), [one.id for one in found]),
        bills=bills,
        form=form,
        now=clock.now(),
    )
