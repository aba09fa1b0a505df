"""The shop at fairs and on vans: what it brings, and that it is there."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired

from market.catalog.queries import listings_of_shop
from market.fairs import queries
from market.fairs.take_part import arrive, bring
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import parse_id
from market.web.fair_text import FAIRS
from market.web.messages import sentence
from market.web.once import once
from market.web.refusals import attempt
from market.web.shop import bp
from market.web.text import local_name

Page = str | tuple[str, int] | Response
_LISTED = 500


class BringForm(FlaskForm):
    """What is set aside for a fair."""

    listing_id = SelectField(_("哪件商品"), validate_choice=False)
    pieces = IntegerField(
        _("一共带几件"),
        [InputRequired(_("请填数字"))],
        description=_("已经卖掉的也算；填 0 就是不带了"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


@bp.get("/fairs")
def fairs() -> str:
    """The county's fairs, the latest first."""
    found = queries.fairs_in_county(db.session(), g.shop.county_code)
    return render_template("shop/fairs.html", fairs=found, states=FAIRS)


@bp.get("/fairs/<uuid:fair_id>")
def fair(fair_id: uuid.UUID) -> str:
    """One fair with what the shop has set aside for it."""
    return _page(fair_id, BringForm(formdata=None))


@bp.post("/fairs/<uuid:fair_id>")
@once("shop.bring")
def bring_goods(fair_id: uuid.UUID) -> Page:
    """Set so many pieces aside."""
    form = BringForm()

    def act() -> None:
        listing_id = parse_id(form.listing_id.data or "")
        if listing_id is None:
            raise NotFound
        bring(db.session(), g.shop, fair_id, listing_id, form.pieces.data, clock.now())

    if attempt(form, act):
        flash(gettext("已留好，只在这一场卖；散场没卖完的自动放回库存"))
        return redirect(url_for(".fair", fair_id=fair_id), 303)
    db.session.rollback()
    return _page(fair_id, form), 422


@bp.post("/fairs/<uuid:fair_id>/arrive")
@once("shop.arrive")
def arrive_at_fair(fair_id: uuid.UUID) -> Response:
    """The shop is there."""
    try:
        arrive(db.session(), g.shop, fair_id, clock.now())
        flash(gettext("已签到"))
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused), "bad")
    return redirect(url_for(".fair", fair_id=fair_id), 303)


def _page(fair_id: uuid.UUID, form: BringForm) -> str:
    found = queries.fair_of_county(db.session(), g.shop.county_code, fair_id)
    form.listing_id.choices = [
        (str(it.id), f"{local_name(it.product)} {it.variant}".strip())
        for it in listings_of_shop(db.session(), g.shop.id, limit=_LISTED)
    ]
    return render_template(
        "shop/fair.html",
        fair=found,
        states=FAIRS,
        goods=queries.goods_of(db.session(), fair_id, g.shop.id),
        mine=next((row for row in found.shops if row.shop_id == g.shop.id), None),
        is_over=clock.now() >= found.ends_at or found.state != "planned",
        form=form,
    )
