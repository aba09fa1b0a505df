"""Old things that are carried to the station: the keeper scans the label and signs."""

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.recycling.fetch_from_station import take_in_at_station
from market.web.once import once
from market.web.refusals import attempt
from market.web.station import bp
from market.web.station.counter import LabelForm, page


@bp.post("/old-things")
@once("station.take_in_old")
def take_in_old() -> str | tuple[str, int] | Response:
    """It stands here from now on."""
    form = LabelForm()
    code = (form.code.data or "").strip().upper()

    def act() -> None:
        take_in_at_station(db.session(), g.station, code, current_user.id, clock.now())

    if attempt(form, act):
        flash(_("已签收 %(code)s，请放好，等车来拉", code=code))
        return redirect(url_for("station.home"), 303)
    return page(label_form=form), 422
