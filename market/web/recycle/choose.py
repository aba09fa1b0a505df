"""Steps two and three are sent: how it goes, and where the reward goes."""

import uuid

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from market.collection import carry
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import choose, queries, send_in
from market.recycling.payout_models import Payout
from market.recycling.ways import Way
from market.web.guards import signed_in
from market.web.once import once
from market.web.recycle import bp
from market.web.recycle.forms import PayoutForm, WayForm
from market.web.recycle.here import here
from market.web.recycle.order import page
from market.web.recycle.steps import payouts
from market.web.refusals import show
from market.web.seals import seal_for

Page = Answer | tuple[str, int]


@bp.post("/<uuid:order_id>/way")
@signed_in
@once("recycling.way")
def way(order_id: uuid.UUID) -> Page:
    """Step 2: how it goes."""
    form = WayForm()
    try:
        _choose_way(order_id, form)
        return redirect(url_for("recycle.order", order_id=order_id), 303)
    except Refused as refused:
        show(form, refused)
    return _again(order_id, form)


@bp.post("/<uuid:order_id>/accept")
@signed_in
@once("recycling.accept_quote")
def accept(order_id: uuid.UUID) -> Page:
    """Step 3: where the reward goes; with it the quote is taken."""
    session, form = db.session(), PayoutForm()
    form.payout.choices = payouts()
    if form.validate_on_submit():
        try:
            _choose_payout(order_id, form)
            send_in.accept_quote(session, current_user.id, order_id, clock.now())
            flash(_("说定了，接下来照下面做"))
            return redirect(url_for("recycle.order", order_id=order_id), 303)
        except Refused as refused:
            show(form, refused)
    return _again(order_id, form)


def _choose_way(order_id: uuid.UUID, form: WayForm) -> None:
    try:
        chosen = Way(form.way.data)
        address_id = uuid.UUID(form.address_id.data) if form.address_id.data else None
    except ValueError as error:
        raise Refused("recycling.way", field="way") from error
    place, who = form.drop_off.data or "", (db.session(), current_user.id, order_id)
    kind, _, point_id = place.partition(":")
    if chosen is Way.carry and kind == carry.PLACE:
        carry.carry_to_point(*who, _point(point_id), here()[1], clock.now())
        return
    choose.choose_way(*who, chosen, clock.now(), drop_off=place, address_id=address_id)
    carry.give_up(db.session(), queries.order_of(*who).code, clock.now())


def _point(point_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(point_id)
    except ValueError as error:
        raise Refused("recycling.drop_off", field="drop_off") from error


def _choose_payout(order_id: uuid.UUID, form: PayoutForm) -> None:
    session, who = db.session(), current_user.id
    if form.payout.data != Payout.yuan:
        choose.choose_points(session, who, order_id)
        return
    holder, bank, number = (field.data or "" for field in (form.holder, form.bank, form.number))
    choose.choose_yuan(session, who, order_id, holder, bank, number, seal_for(choose.SEAL_PURPOSE))


def _again(order_id: uuid.UUID, form: FlaskForm) -> Page:
    db.session.rollback()
    return page(queries.order_of(db.session(), current_user.id, order_id), form), 422
