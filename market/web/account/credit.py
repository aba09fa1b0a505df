"""A buyer's own credit: what it says, why, how to appeal, and the switch."""

import uuid

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.credit.buyers import choose, is_off
from market.credit.models import SubjectKind
from market.kernel import clock
from market.kernel.db import db
from market.web import ratings
from market.web.account import bp
from market.web.county_choice import visitor_county
from market.web.guards import signed_in
from market.web.once import once


@bp.get("/credit")
@signed_in
def rating() -> str:
    """Her credit, and what it is for."""
    off = is_off(db.session(), current_user.id)
    return ratings.own("account", SubjectKind.buyer, current_user.id, is_off=off)


@bp.post("/credit")
@signed_in
@once("account.choose_credit")
def choose_credit() -> Response:
    """Switch it off or on."""
    off = bool(request.form.get("is_off"))
    choose(db.session(), current_user.id, off, clock.now())
    flash(_("信用已关掉") if off else _("信用已打开"))
    return redirect(url_for("account.rating"), 303)


@bp.get("/credit/<uuid:event_id>")
@signed_in
def appeal(event_id: uuid.UUID) -> ratings.Page:
    """One change of it, and the form of an appeal."""
    return _appeal(event_id, is_sent=False)


@bp.post("/credit/<uuid:event_id>")
@signed_in
@once("account.appeal")
def send_appeal(event_id: uuid.UUID) -> ratings.Page:
    """Say what is wrong with it."""
    return _appeal(event_id, is_sent=True)


def _appeal(event_id: uuid.UUID, *, is_sent: bool) -> ratings.Page:
    # Whose operators decide: those of the county where she lives.
    buyer, home = SubjectKind.buyer, visitor_county().code
    return ratings.appeal_page("account", buyer, current_user.id, home, event_id, is_sent=is_sent)
