"""A copy of one's own data, to read and to take along, and the end of the account."""

import json

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.privacy.erase import erase
from market.privacy.export import copy_of
from market.privacy.under_way import hindrances
from market.web import privacy_text, sessions
from market.web.account import bp
from market.web.account.forms import CloseForm
from market.web.guards import signed_in
from market.web.limits import by_account, failed, limiter
from market.web.messages import REFUSALS
from market.web.refusals import attempt


@bp.get("/data")
@signed_in
def own_data() -> str:
    """All that the market keeps about the person, in words."""
    found = copy_of(db.session(), current_user.id, clock.now())
    return render_template("account/own_data.html", holdings=privacy_text.told(found["holdings"]))


@bp.get("/data.json")
@signed_in
@limiter.limit("10 per hour", key_func=by_account)
def own_data_file() -> Response:
    """The same, whole, for another machine: UTF-8 JSON, moments in UTC, money in fen."""
    found = copy_of(db.session(), current_user.id, clock.now())
    text = json.dumps(found, ensure_ascii=False, indent=1, default=_plain)
    answer = current_app.response_class(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="lvxiang-data.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/close", methods=["GET", "POST"])
@signed_in
@limiter.limit("10 per 15 minutes", key_func=by_account, methods=["POST"], deduct_when=failed)
def close() -> str | Response | tuple[str, int]:
    """End the account, once nothing is under way any more."""
    form = CloseForm()
    if attempt(form, lambda: _close(form)):
        flash(_("账号已注销，资料已删除"))
        return redirect(url_for("storefront.home"), 303)
    codes = dict.fromkeys(hindrances(db.session(), current_user.id))
    page = render_template("account/close.html", form=form, hindrances=[REFUSALS[code] for code in codes])
    return page, 422 if form.errors else 200


def _close(form: CloseForm) -> None:
    erase(db.session(), current_user.account, form.password.data, clock.now())
    sessions.drop_cookie()
    db.session.commit()


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
