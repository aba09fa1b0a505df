"""Take up an invitation to work for a shop."""

from flask import redirect, render_template, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Regexp

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.shops.people import join as join_shop
from market.web.guards import signed_in
from market.web.joining import bp
from market.web.limits import failed, limiter
from market.web.once import keep_refused, once
from market.web.refusals import show

Page = str | Response | tuple[str, int]


class JoinForm(FlaskForm):
    """The code that the owner passed on."""

    code = StringField(
        _("邀请码"),
        [Regexp(r"^\s*\d{6}\s*$", message=_("邀请码是 6 位数字，店主那里有"))],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 6},
    )


@bp.get("/join")
@signed_in
def join() -> str:
    """The form."""
    return render_template("joining/join.html", form=JoinForm(formdata=None))


@bp.post("/join", endpoint="join_with_code")
@limiter.limit("30 per 15 minutes", deduct_when=failed)
@signed_in
@once("joining.join")
def join_with_code() -> Page:
    """Join; a wrong code stays on count."""
    form = JoinForm()
    if form.validate_on_submit():
        try:
            join_shop(db.session(), current_user.account, form.code.data or "", clock.now())
        except Refused as refused:
            if refused.code == "shops.wrong_code":
                keep_refused()
            show(form, refused)
        else:
            return redirect(url_for("shop.home"), 303)
    return render_template("joining/join.html", form=form), 422
