"""A point as its keeper has it: scan or type what was booked, or take in what was just brought."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Optional

from market.collection import bring, queries
from market.collection.models import CollectionPoint
from market.kernel import clock
from market.kernel.db import db
from market.web.collection_text import POINT_STATES, bars, kind_names
from market.web.keeper import bp
from market.web.once import once
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response
_CODE = {"autocapitalize": "characters", "autocomplete": "off", "maxlength": 40}


class DropForm(FlaskForm):
    """The code of a booking."""

    code = StringField(
        lazy_gettext("扫码或输入预约编号"),
        [DataRequired(lazy_gettext("请填编号，例如 P-7K3M-9QXD"))],
        render_kw={**_CODE, "placeholder": "P-7K3M-9QXD"},
    )


class BroughtForm(FlaskForm):
    """What somebody just brought."""

    kind = SelectField(lazy_gettext("是什么"))
    brought_code = StringField(
        lazy_gettext("东西上贴的编号"),
        [Optional()],
        description=lazy_gettext("寄件单或旧家电单上的，没有就空着"),
        render_kw=_CODE,
    )


@bp.get("", strict_slashes=False)
def home() -> str | Response:
    """The points one keeps; straight to the only one."""
    found = queries.kept_by(db.session(), current_user.id)
    if len(found) == 1:
        return redirect(url_for("keeper.point", point_id=found[0].id), 303)
    return render_template("keeper/home.html", points=found, states=POINT_STATES)


@bp.get("/<uuid:point_id>")
def point(point_id: uuid.UUID) -> str:
    """One point."""
    return _page(_own(point_id))


@bp.post("/<uuid:point_id>/drop-off")
@once("keeper.drop_off")
def drop_off(point_id: uuid.UUID) -> Page:
    """What was booked is here."""
    found, form = _own(point_id), DropForm()

    def act() -> None:
        bring.drop_off(db.session(), found, current_user.id, form.code.data or "", clock.now())

    if attempt(form, act):
        flash(_("已收下 %(code)s", code=(form.code.data or "").strip().upper()))
        return redirect(url_for("keeper.point", point_id=point_id), 303)
    return _page(found, drop_form=form), 422


@bp.post("/<uuid:point_id>/take-in")
@once("keeper.take_in")
def take_in(point_id: uuid.UUID) -> Page:
    """Something without a booking is here."""
    found, form, taken = _own(point_id), _with_kinds(BroughtForm(), _own(point_id)), []

    def act() -> None:
        what = form.kind.data or "", form.brought_code.data or ""
        taken.append(bring.take_in(db.session(), found, current_user.id, *what, clock.now()))

    if attempt(form, act):
        flash(_("已收下，请在东西上写编号 %(code)s", code=taken[0].code))
        return redirect(url_for("keeper.point", point_id=point_id), 303)
    return _page(found, brought_form=form), 422


def _own(point_id: uuid.UUID) -> CollectionPoint:
    return queries.point_kept_by(db.session(), current_user.id, point_id)


def _with_kinds(form: BroughtForm, found: CollectionPoint) -> BroughtForm:
    names = kind_names(db.session())
    form.kind.choices = [
        (room.kind, names.get(room.kind, room.kind)) for room in found.room if room.capacity_units
    ]
    return form


def _page(
    found: CollectionPoint, drop_form: DropForm | None = None, brought_form: BroughtForm | None = None
) -> str:
    session = db.session()
    names = kind_names(session)
    return render_template(
        "keeper/point.html",
        point=found,
        bars=bars(found, names),
        items=queries.items_at(session, found.id),
        names=names,
        states=POINT_STATES,
        drop_form=drop_form or DropForm(formdata=None),
        brought_form=_with_kinds(brought_form or BroughtForm(formdata=None), found),
    )
