"""The counter: hand goods out, or send back what nobody wants."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Regexp

from market.delivery import kept
from market.delivery.queries import kept_at
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders.queries import buyer_of
from market.people.models import ViewerRole, ViewPurpose
from market.recycling.carried import standing_at
from market.recycling.parties import Party, Role
from market.web.once import keep_refused, once
from market.web.readings import note_reading
from market.web.refusals import show
from market.web.station import bp
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response


class CodeForm(FlaskForm):
    """What whoever fetches the goods says."""

    code = StringField(
        lazy_gettext("取货码"),
        [
            InputRequired(lazy_gettext("请填取货码")),
            Regexp(r"\s*[0-9]{6}\s*$", message=lazy_gettext("取货码是 6 位数字")),
        ],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 8},
    )


class LabelForm(FlaskForm):
    """What is written on an old thing."""

    code = StringField(
        lazy_gettext("扫码或输入旧货上的编号"),
        [InputRequired(lazy_gettext("请填编号，例如 H-7K3M-9QXD"))],
        render_kw={"autocapitalize": "characters", "autocomplete": "off", "maxlength": 40},
    )


@bp.get("", strict_slashes=False)
def home() -> str:
    """What stands here, the longest first."""
    for number in sorted({it.job.order_number for it in kept_at(db.session(), g.station.id)}):
        if buyer := buyer_of(db.session(), number):
            note_reading(buyer, ViewerRole.station, ViewPurpose.delivery, number)
    return page()


@bp.post("/<uuid:job_id>/hand-out")
@once("station.hand_out")
def hand_out(job_id: uuid.UUID) -> Page:
    """Somebody says the code of these goods."""
    form = CodeForm()
    if form.validate_on_submit():
        if kept.hand_out(db.session(), g.station.id, job_id, form.code.data, clock.now()):
            flash(_("已交给取货人"))
            return redirect(url_for("station.home"), 303)
        keep_refused()
        show(form, Refused("delivery.pickup_code", field="code"))
    return page(job_id, form), 422


@bp.post("/<uuid:job_id>/send-back")
@once("station.send_back")
def send_back(job_id: uuid.UUID) -> Response:
    """The buyer does not want these goods; the next truck takes them along."""
    kept.send_back(db.session(), g.station.id, job_id, clock.now())
    flash(_("已记下，下一趟车来拉回去；买家付过的会退回"))
    return redirect(url_for("station.home"), 303)


def page(
    tried: uuid.UUID | None = None, form: CodeForm | None = None, label_form: FlaskForm | None = None
) -> str:
    """The counter, with the form that was refused as it was typed."""
    standing = kept_at(db.session(), g.station.id)
    forms = {it.job_id: form if it.job_id == tried and form else CodeForm(formdata=None) for it in standing}
    return render_template(
        "station/home.html",
        standing=[(it, told_apart(forms[it.job_id], it.job_id)) for it in standing],
        old_things=standing_at(db.session(), Party(Role.station, str(g.station.id))),
        label_form=label_form or LabelForm(formdata=None),
        now=clock.now(),
    )
