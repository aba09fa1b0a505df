"""Take a shop owner's second factor off, where the phone and the recovery codes are lost."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.people.models import Account
from market.people.second_factor import in_force
from market.shops.models import Shop
from market.shops.queries import shop_in_county, staff
from market.shops.reset_factor import reset_factor
from market.web.county import bp
from market.web.once import once
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response


class ResetForm(FlaskForm):
    """Why."""

    reason = TextAreaField(
        lazy_gettext("原因"),
        [
            DataRequired(lazy_gettext("请写明原因，店家会看到")),
            Length(max=300, message=lazy_gettext("请写 300 个字以内")),
        ],
        description=lazy_gettext("例如：手机丢了，本人带营业执照和身份证到柜台"),
        render_kw={"rows": 2, "maxlength": 300},
    )


@bp.get("/shops/<uuid:shop_id>/factors/<uuid:account_id>")
def owner_factor(shop_id: uuid.UUID, account_id: uuid.UUID) -> str:
    """Whose, and since when."""
    return _page(*_own(shop_id, account_id), ResetForm(formdata=None))


@bp.post("/shops/<uuid:shop_id>/factors/<uuid:account_id>")
@once("county.reset_factor")
def reset_owner_factor(shop_id: uuid.UUID, account_id: uuid.UUID) -> Page:
    """Take it off."""
    shop, owner = _own(shop_id, account_id)
    form = ResetForm()

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, shop_id, account_id
        reset_factor(*own, form.reason.data or "", clock.now())

    if attempt(form, act):
        flash(_("已撤掉，请他重新开通"))
        return redirect(url_for("county.shop", shop_id=shop_id), 303)
    return _page(shop, owner, form), 422


def _own(shop_id: uuid.UUID, account_id: uuid.UUID) -> tuple[Shop, Account]:
    shop = shop_in_county(db.session(), g.county_code, shop_id) or abort(404)
    if account_id not in {it.account_id for it in staff(db.session(), shop.id)}:
        abort(404)
    if in_force(db.session(), account_id) is None:
        abort(404)
    return shop, db.session.get_one(Account, account_id)


def _page(shop: Shop, owner: Account, form: ResetForm) -> str:
    factor = in_force(db.session(), owner.id)
    return render_template("county/owner_factor.html", shop=shop, owner=owner, factor=factor, form=form)
