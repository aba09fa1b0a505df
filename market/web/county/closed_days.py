"""The days on which the hub is closed."""

from datetime import date

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import InputRequired

from market.delivery.closed_days import close_day, closed_on, open_day
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.places.models import County
from market.web.county import bp
from market.web.once import once
from market.web.refusals import show


class CloseDayForm(FlaskForm):
    """A day on which nothing goes out."""

    day = DateField(lazy_gettext("哪一天"), [InputRequired(lazy_gettext("请选一天"))])


@bp.get("/batches/closed-days")
def closed_days() -> str:
    """The closed days to come, and a form for one more."""
    return _page(CloseDayForm(formdata=None))


@bp.post("/batches/closed-days")
@once("county.close_day")
def close_a_day() -> tuple[str, int] | Response:
    """The hub is closed on a day."""
    form = CloseDayForm()
    if form.validate_on_submit():
        try:
            close_day(db.session(), g.county_code, form.day.data, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("记下了，那天不送货"))
            return redirect(url_for("county.closed_days"), 303)
    return _page(form), 422


@bp.post("/batches/closed-days/open")
@once("county.open_day")
def open_a_day() -> Response:
    """The hub is open on that day after all."""
    day = request.form.get("day", type=date.fromisoformat) or abort(404)
    open_day(db.session(), g.county_code, day)
    flash(_("改好了"))
    return redirect(url_for("county.closed_days"), 303)


def _page(form: CloseDayForm) -> str:
    today = clock.local_date(clock.now())
    closed = closed_on(db.session().get_one(County, g.county_code))
    coming = [day for day in sorted(closed) if day > today]
    return render_template("county/closed_days.html", closed=coming, form=form)
