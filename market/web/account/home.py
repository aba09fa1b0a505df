"""The account's first page, and changes to the person's own name, language and password."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.together import Together
from market.people.profile import change_password, change_profile
from market.points.queries import BALANCE, balance_of
from market.web.account import bp
from market.web.account.forms import PasswordForm, ProfileForm
from market.web.guards import signed_in
from market.web.limits import by_account, failed, limiter
from market.web.refusals import show
from market.web.roles import ROLES, doors_of

_HOME = Together(BALANCE, *ROLES)


@bp.get("", strict_slashes=False)
@signed_in
def home() -> str:
    """Where everything of the person's is, and the doors of those who work here."""
    account = current_user.account
    points, *roles = _HOME.read(db.session(), account_id=account.id, now=clock.now())
    return render_template(
        "account/home.html",
        account=account,
        doors=doors_of(*roles),
        is_courier=bool(roles[1]),
        points=balance_of(points),
    )


@bp.route("/profile", methods=["GET", "POST"])
@signed_in
def profile() -> str | Response | tuple[str, int]:
    """Change name and language."""
    account = current_user.account
    form = ProfileForm(obj=account)
    if form.validate_on_submit():
        change_profile(account, form.name.data, form.locale.data)
        db.session.commit()
        flash(_("已保存"))
        return redirect(url_for("account.home"), 303)
    return render_template("account/profile.html", form=form), 422 if form.errors else 200


@bp.route("/password", methods=["GET", "POST"])
@signed_in
@limiter.limit("10 per 15 minutes", key_func=by_account, methods=["POST"], deduct_when=failed)
def password() -> str | Response | tuple[str, int]:
    """Change the password; every other browser is signed out."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            _change_password(form)
            return redirect(url_for("account.home"), 303)
        except Refused as refused:
            show(form, refused)
    return render_template("account/password.html", form=form), 422 if form.errors else 200


def _change_password(form: PasswordForm) -> None:
    current, new = form.current.data, form.password.data
    change_password(
        db.session(), current_user.account, current, new, clock.now(), keep=current_user.session_id
    )
    db.session.commit()
    flash(_("密码已更换，其他设备都已退出登录"))
