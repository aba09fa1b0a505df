"""Fairs and roving vans: when they come near, what is on them, and buying on the spot."""

import uuid

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.fairs import queries
from market.fairs.models import FairGoods
from market.fairs.visit import buy, count_visitor, entry_of, is_on
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.orders.quote import Options, price_entries
from market.places import queries as places
from market.web.county_choice import visitor_county, visitor_region
from market.web.guards import signed_in, signed_in_id
from market.web.messages import sentence
from market.web.once import HEADER, once
from market.web.refusals import show
from market.web.storefront import bp
from market.web.storefront.one_page import OnePageForm, choices, chosen_address, one_page_form

Page = str | tuple[str, int] | Response
_SEEN = "fair_stops_seen"


@bp.get("/fairs")
def fairs() -> str:
    """What comes to the county, and what comes nearest to the visitor."""
    county, now = visitor_county(), clock.now()
    region = _region(county.code)
    stops, townships = queries.coming_with_townships(db.session(), county.code, now)
    return render_template(
        "storefront/fairs.html",
        county=county,
        region=region,
        townships=townships,
        near=queries.next_near(db.session(), region, clock.local_date(now)) if region != county.code else [],
        stops=stops,
        on=lambda stop: stop.starts_at <= now < stop.ends_at,
    )


@bp.get("/fairs/stops/<uuid:stop_id>")
def fair_stop(stop_id: uuid.UUID) -> str:
    """One stop: where, when, which shops, what they bring. The code on the spot leads here."""
    found, now = queries.visited(db.session(), stop_id, signed_in_id()), clock.now()
    stop = found.stop
    return render_template(
        "storefront/fair_stop.html",
        stop=stop,
        fair=stop.fair,
        where=places.full_name(found.lineage),
        goods=found.goods,
        is_on=is_on(stop.fair, now) and stop.starts_at <= now < stop.ends_at,
        can_buy=is_on(stop.fair, now),
        was_counted=str(stop.id) in session.get(_SEEN, []),
        works_here=found.own_shop_id in {row.shop_id for row in stop.fair.shops},
    )


@bp.post("/fairs/stops/<uuid:stop_id>/here")
@once("fair.here")
def be_counted(stop_id: uuid.UUID) -> Response:
    """One visitor more; this browser is counted once, and nobody is known."""
    seen = session.get(_SEEN, [])
    if str(stop_id) not in seen:
        try:
            count_visitor(db.session(), stop_id, clock.now())
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "bad")
            return redirect(url_for("storefront.fair_stop", stop_id=stop_id), 303)
        session[_SEEN] = [*seen, str(stop_id)][-20:]
        flash(gettext("记上了，只数人数，不记是谁"))
    return redirect(url_for("storefront.fair_stop", stop_id=stop_id), 303)


@bp.get("/fairs/goods/<uuid:goods_id>/buy")
@signed_in
def buy_form(goods_id: uuid.UUID) -> Page:
    """Buy on the spot: what it costs today, and where it goes."""
    goods = queries.goods(db.session(), goods_id)
    form = one_page_form(current_user.id, formdata=None)
    if not form.own:
        here = url_for("storefront.buy_form", goods_id=goods_id)
        return redirect(url_for("account.new_address", next=here), 303)
    form.address_id.data, form.payment_method.data = str(form.own[0].id), "stripe"
    return _buy_page(goods, form)


@bp.post("/fairs/goods/<uuid:goods_id>/buy")
@signed_in
@once("fair.buy")
def buy_goods(goods_id: uuid.UUID) -> Page:
    """Place the order as it was shown."""
    goods = queries.goods(db.session(), goods_id)
    form = one_page_form(current_user.id)
    if form.validate_on_submit():
        try:
            key = request.headers.get(HEADER) or request.form[HEADER]
            buyer, now = current_user.account, clock.now()
            order = buy(db.session(), buyer, goods_id, _pieces(), choices(form), key, now)
            return redirect(url_for("storefront.order", order_id=order.id, placed=1), 303)
        except Refused as refused:
            db.session.rollback()
            show(form, refused)
    return _buy_page(goods, form), 422


def _buy_page(goods: FairGoods, form: OnePageForm) -> str:
    pieces = min(_pieces(), max(1, goods.left))
    options = Options(chosen_address(form).county_code, current_user.id)
    priced = price_entries(db.session(), [entry_of(goods, pieces)], options, clock.now())
    form.expected_payable_fen.data = priced.payable_fen
    return render_template(
        "storefront/buy_at_fair.html",
        goods=goods,
        form=form,
        pieces=pieces,
        priced=priced,
        can_buy=is_on(goods.fair, clock.now()),
    )


def _pieces() -> int:
    text = request.values.get("pieces", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 99):
        raise NotFound
    return int(text)


def _region(county_code: str) -> str:
    """The township that was asked for, else where the visitor lives."""
    asked = request.args.get("near", "")
    if asked.startswith(county_code) and places.region(db.session(), asked):
        return asked
    return visitor_region()
