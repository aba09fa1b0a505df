"""My right to subsidies: the checked name, and a coupon for each kind in two taps."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired

from market.catalog.queries import CATEGORIES
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.together import Together
from market.subsidies import coupons, lottery, queries, real_name
from market.subsidies.coupon_models import Coupon, CouponPool
from market.subsidies.models import Pot, ProgrammeRow, Quota
from market.web.county_choice import visitor_county
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.once import once
from market.web.refusals import show
from market.web.seals import seal_for
from market.web.storefront import bp
from market.web.text import local_name, local_time

Page = str | tuple[str, int] | Response
_PAGE = Together(real_name.OWN, CATEGORIES, lottery.ROUNDS_WITH_TICKETS, queries.POOLS, *queries.FOR_HER)
# Where a claim may lead back to; anything else leads to the page of claims.
_BACK = {"cart": "storefront.cart", "checkout": "storefront.review_order"}


class NameForm(FlaskForm):
    """The name and number of an ID card, and the consent to use them."""

    name = StringField(
        lazy_gettext("姓名"),
        [DataRequired(lazy_gettext("请写身份证上的姓名"))],
        render_kw={"autocomplete": "name"},
    )
    number = StringField(
        lazy_gettext("身份证号码"),
        [DataRequired(lazy_gettext("请填 18 位身份证号码"))],
        description=lazy_gettext("加密保存，只用来核对一人一份补贴，谁也看不到整个号码"),
        render_kw={"autocomplete": "off", "maxlength": 30},
    )
    agrees = BooleanField(lazy_gettext("我同意平台为核对补贴资格使用我的姓名和身份证号码，随时可以撤回"))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of one programme that asks for coupons: hers, or how many there are still."""

    programme: ProgrammeRow
    category: str
    name: str
    coupon: Coupon | None
    pool: CouponPool | None
    used: int
    limit: int

    @property
    def left(self) -> int:
        return self.pool.total - self.pool.taken if self.pool else 0


@bp.get("/subsidies")
@signed_in
def subsidies() -> str:
    """Her name, her coupons, and what she may still claim."""
    return _page()


@bp.post("/subsidies/name")
@signed_in
@once("subsidies.name")
def check_name() -> Page:
    """Have the name and number checked."""
    form = NameForm()
    if form.validate_on_submit():
        try:
            real_name.check_name(
                db.session(),
                current_user.account,
                form.name.data or "",
                form.number.data or "",
                form.agrees.data,
                seal_for(real_name.SEAL_PURPOSE),
                clock.now(),
            )
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("实名已核验"))
            return redirect(url_for("storefront.subsidies"), 303)
    return _page(form), 422


@bp.post("/subsidies/name/forget")
@signed_in
@once("subsidies.forget_name")
def forget_name() -> Response:
    """Take the consent back."""
    real_name.forget_name(db.session(), current_user.id, clock.now())
    flash(_("已撤回同意，身份证号码已删除"))
    return redirect(url_for("storefront.subsidies"), 303)


@bp.post("/subsidies/<programme_id>/<category>")
@signed_in
@once("subsidies.claim")
def claim_coupon(programme_id: str, category: str) -> Response:
    """Claim a coupon; where it leads back to is named by `back`."""
    back = _BACK.get(request.form.get("back", ""), "storefront.subsidies")
    try:
        account, code, now = current_user.account, visitor_county().code, clock.now()
        with db.session.begin_nested():
            coupon = coupons.claim_coupon(db.session(), account, code, programme_id, category, now)
        flash(_("领到了，%(until)s 以前下单有效", until=local_time(coupon.expires_at)))
    except Refused as refused:
        flash(sentence(refused), "bad")
        back = "storefront.subsidies"
    return redirect(url_for(back), 303)


@bp.post("/subsidies/rounds/<uuid:round_id>")
@signed_in
@once("subsidies.register")
def register_for_round(round_id: uuid.UUID) -> Response:
    """Take a ticket."""
    try:
        with db.session.begin_nested():
            ticket = lottery.register(
                db.session(), current_user.account, visitor_county().code, round_id, clock.now()
            )
        flash(_("已登记，您的号码是 %(number)s", number=ticket.number))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return redirect(url_for("storefront.subsidies"), 303)


def _page(form: NameForm | None = None) -> str:
    session, now, me, county = db.session(), clock.now(), current_user.id, visitor_county()
    names, kinds, rounds, pools, running, quotas, coupons = _PAGE.read(
        session, account_id=me, county_code=county.code, now=now
    )
    mine = next(iter(names), None)
    words = {it.subsidy_category: local_name(it) for it in kinds if it.subsidy_category is not None}
    return render_template(
        "storefront/subsidies.html",
        form=form or NameForm(formdata=None, name=current_user.account.name),
        mine=mine,
        is_checked=real_name.is_name_of(mine, current_user.account),
        kinds=_kinds(running, quotas, coupons, pools, words, now),
        rounds=[(it, ticket) for it, ticket in rounds if it.seed is None],
        names=words,
        county=county,
    )


def _kinds(
    running: Sequence[tuple[ProgrammeRow, Pot]],
    quotas: Sequence[Quota],
    coupons: Sequence[Coupon],
    pools: Sequence[CouponPool],
    names: dict[str, str],
    now: datetime,
) -> list[Kind]:
    newest = {row.code: (row, pot) for row, pot in running}
    asking = [
        (row, programme)
        for row, pot in newest.values()
        if pot.requires_coupon and (programme := queries.parsed(row)).coupons
    ]
    used = queries.used_within(quotas, [programme for _row, programme in asking], now)
    mine = {(it.programme_id, it.category): it for it in coupons}
    left = {(it.programme_id, it.category): it for it in pools}
    return [
        Kind(
            row,
            category,
            names.get(category, category),
            mine.get((row.id, category)),
            left.get((row.id, category)),
            used.get((programme.code, category), 0),
            limit,
        )
        for row, programme in asking
        for category, limit in programme.quantity_limits.items()
    ]
