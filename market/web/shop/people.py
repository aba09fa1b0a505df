"""Who works here: invite with a code, take off."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people.models import Account
from market.shops import people as staffing
from market.shops.models import ShopRole
from market.shops.queries import staff
from market.web.messages import sentence
from market.web.once import once
from market.web.second_factor import ProofForm, guess_limit, has_factor, proved_lately
from market.web.shop import bp
from market.web.shop.listings import Page
from market.web.shop.proof import done_with_proof
from market.web.shop_text import ROLES


class InviteForm(ProofForm):
    """Whom, and as what; another owner takes the owner's second factor."""

    phone = StringField(
        lazy_gettext("他的手机号"),
        [DataRequired(lazy_gettext("请填手机号"))],
        render_kw={"type": "tel", "autocomplete": "off"},
    )
    role = RadioField(
        lazy_gettext("做什么"),
        choices=[(role.value, ROLES[role]) for role in (ShopRole.clerk, ShopRole.driver, ShopRole.owner)],
        default=ShopRole.clerk.value,
        description=lazy_gettext("店员不碰退款和收款账户；送货人只看得到要交的货"),
    )


@bp.get("/people")
def people() -> str:
    """Everybody with the role."""
    return _page(InviteForm(formdata=None))


@bp.post("/people")
@guess_limit
@once("shop.invite")
def invite() -> Page:
    """Ask somebody to come; the code is shown once."""
    form = InviteForm()
    made: list[staffing.Invited] = []

    def act() -> None:
        who = form.phone.data or "", ShopRole(form.role.data)
        made.append(staffing.invite(db.session(), g.shop.id, current_user.id, *who, clock.now()))

    endpoint = "invite_owner" if form.role.data == ShopRole.owner.value else "invite"
    if done_with_proof(form, endpoint, act):
        flash(_("邀请码 %(code)s，只显示这一次。请他用这个手机号登录，三天内到这里填：", code=made[0].code))
        flash(url_for("joining.join", _external=True), "info")
        return redirect(url_for(".people"), 303)
    return _page(form), 422


@bp.post("/people/<uuid:account_id>/remove")
@once("shop.remove_staff")
def remove_staff(account_id: uuid.UUID) -> Response:
    """Take somebody off."""
    try:
        staffing.remove(db.session(), g.shop.id, current_user.id, account_id, clock.now())
    except Refused as refused:
        flash(sentence(refused), "bad")
    else:
        flash(_("已移除，马上不能再进店铺"))
    still_here = any(it.account_id == current_user.id for it in staff(db.session(), g.shop.id))
    return redirect(url_for(".people" if still_here else "account.home"), 303)


def _page(form: InviteForm) -> str:
    session = db.session()
    members = [(session.get_one(Account, it.account_id), it.role) for it in staff(session, g.shop.id)]
    proof = {"has_factor": has_factor(), "is_proved": proved_lately()}
    return render_template("shop/people.html", members=members, roles=ROLES, form=form, **proof)
