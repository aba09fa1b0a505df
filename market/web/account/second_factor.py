"""The second factor: set up on a phone, renewed, and given before money leaves."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people import second_factor as people
from market.web.account import bp
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.qr import qr
from market.web.redirects import safe_next
from market.web.refusals import show
from market.web.seals import seal_for
from market.web.second_factor import ProofForm, give, guess_limit, proved_lately

Page = str | Response | tuple[str, int]


class CodeForm(ProofForm):
    """A code, and where to go on with it."""

    next = HiddenField()


class BeginForm(FlaskForm):
    """Whoever sets up the first one says who she is once more."""

    password = PasswordField(
        lazy_gettext("您的登录密码"), render_kw={"autocomplete": "current-password", "maxlength": 128}
    )
    next = HiddenField()


@bp.get("/second-factor")
@signed_in
def second_factor() -> str:
    """What there is, and what can be done with it."""
    return _page(CodeForm(formdata=None, next=request.args.get("next")))


@bp.post("/second-factor/begin")
@signed_in
@guess_limit
def begin_second_factor() -> Page:
    """A new secret, to be scanned."""
    form = BeginForm()
    who = current_user.account, current_user.session_id
    seal, now = seal_for(people.SEAL_PURPOSE), clock.now()
    try:
        people.begin(db.session(), *who, seal, now, form.password.data or "")
    except Refused as refused:
        db.session.rollback()
        if refused.field:
            g.guessed = True
            show(form, refused)
            return _page(CodeForm(formdata=None, next=form.next.data), form), 422
        flash(sentence(refused), "bad")
    db.session.commit()
    return redirect(url_for("account.second_factor", next=safe_next(form.next.data, "")), 303)


@bp.post("/second-factor/confirm")
@signed_in
@guess_limit
def confirm_second_factor() -> Page:
    """The first code off the new secret; the recovery codes are shown once."""
    form = CodeForm()
    if form.validate_on_submit():
        who = current_user.id, current_user.session_id
        seal, now = seal_for(people.SEAL_PURPOSE), clock.now()
        try:
            codes = people.confirm(db.session(), *who, form.code.data or "", seal, now)
        except Refused as refused:
            g.guessed = refused.code == "people.factor_code"
            show(form, refused)
        else:
            db.session.commit()
            return _codes(codes, form)
    return _page(form), 422


@bp.post("/second-factor/prove")
@signed_in
@guess_limit
def prove_second_factor() -> Page:
    """Give it, and go on."""
    form = CodeForm()
    if form.validate_on_submit() and give(form):
        db.session.commit()
        flash(_("已验证，15 分钟内有效"))
        return redirect(safe_next(form.next.data, url_for("account.second_factor")), 303)
    return _page(form), 422


@bp.post("/second-factor/recovery-codes")
@signed_in
def renew_recovery_codes() -> Page:
    """New recovery codes, shown once."""
    if not proved_lately():
        flash(sentence(Refused("people.proof_needed")), "bad")
        return redirect(url_for("account.second_factor"), 303)
    codes = people.renew_recovery_codes(db.session(), current_user.id, clock.now())
    db.session.commit()
    return _codes(codes, CodeForm(formdata=None))


def _codes(codes: list[str], form: CodeForm) -> str:
    return render_template(
        "account/recovery_codes.html", codes=codes, onward=safe_next(form.next.data, url_for("account.home"))
    )


def _page(form: CodeForm, begin_form: BeginForm | None = None) -> str:
    session = db.session()
    factor = people.in_force(session, current_user.id)
    # A secret that waits is shown only where it could come into force.
    proved = proved_lately()
    seen = factor is None or proved
    address = people.pending(session, current_user.account, seal_for(people.SEAL_PURPOSE)) if seen else None
    return render_template(
        "account/second_factor.html",
        form=form,
        begin_form=begin_form or BeginForm(formdata=None, next=form.next.data),
        factor=factor,
        codes_left=people.recovery_codes_left(session, current_user.id) if factor else 0,
        is_proved=proved,
        address=address,
        qr=qr(address, scale=5) if address else None,
        secret=address.partition("secret=")[2].partition("&")[0] if address else "",
    )
