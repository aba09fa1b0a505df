"""Register, sign in, sign out."""

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_login import current_user
from werkzeug.wrappers import Response

from market.delivery.queries import courier_of
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people import sign_in as people
from market.people.register import register as open_account
from market.web import sessions
from market.web.account import bp
from market.web.account.forms import RegisterForm, SignInForm
from market.web.limits import by_phone, failed, limiter
from market.web.redirects import safe_next
from market.web.refusals import show

Page = str | Response | tuple[str, int]


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("10 per 15 minutes", key_func=by_phone, methods=["POST"], deduct_when=failed)
@limiter.limit("60 per 15 minutes", methods=["POST"], deduct_when=failed)
def sign_in() -> Page:
    """Sign in by phone and password; failures count against the number and against the address."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(_onward(request.args.get("next")))
    form = SignInForm(next=request.args.get("next"))
    if form.validate_on_submit():
        try:
            return _enter(form.phone.data, form.password.data, form.next.data)
        except Refused as refused:
            show(form, refused)
    return render_template("account/sign_in.html", form=form), 422 if form.errors else 200


@bp.route("/register", methods=["GET", "POST"])
@limiter.limit("30 per 15 minutes", methods=["POST"], deduct_when=failed)
@limiter.limit("300 per hour", methods=["POST"])
def register() -> Page:
    """Open an account and sign in to it."""
    form = RegisterForm(next=request.args.get("next"))
    if form.validate_on_submit():
        try:
            phone, name, password = form.phone.data, form.name.data, form.password.data
            open_account(db.session(), phone, name, password, clock.now(), locale=str(get_locale()))
            return _enter(phone, password, form.next.data)
        except Refused as refused:
            show(form, refused)
    return render_template("account/register.html", form=form), 422 if form.errors else 200


@bp.post("/sign-out")
def sign_out() -> Response:
    """Leave. Anybody may: a visitor who is not signed in is simply sent to the first page.

    A courier's phone forgets what it kept. Where it still has to send something it says so (``cache``), has
    cleared the names itself, and keeps its storage.
    """
    keeps_pages = current_user.is_authenticated and courier_of(db.session(), current_user.id) is not None
    sessions.forget()
    db.session.commit()
    answer = redirect(url_for("storefront.home"), 303)
    if keeps_pages:
        has_unsent = request.form.get("wipe") == "cache"
        answer.headers["Clear-Site-Data"] = '"cache"' if has_unsent else '"cache", "storage"'
    return answer


def _enter(phone: str, password: str, target: str | None) -> Response:
    new = people.sign_in(db.session(), phone, password, request.user_agent.string, clock.now())
    db.session.commit()
    sessions.remember(new)
    return redirect(_onward(target), 303)


def _onward(target: str | None) -> str:
    return safe_next(target, url_for("account.home"))
