"""One thing on its way: quote, label, parcel, re-offer, points."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import segno
from flask import Response, abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from market.catalog.models import Category
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import answer, custody, prices, queries, send_in
from market.recycling.models import Assessment, Recycler, RecyclingOrder
from market.recycling.rules import value
from market.recycling.states import ON_ITS_WAY, RecyclingState
from market.web.guards import signed_in
from market.web.once import once
from market.web.recycle import bp
from market.web.recycle.forms import PickupForm, PostedForm
from market.web.recycle.progress import steps
from market.web.recycling_text import STATES, deductions, pill_kind, reason
from market.web.refusals import show

Move = Callable[[Session, uuid.UUID, uuid.UUID, datetime], object]


@bp.get("/<uuid:order_id>")
@signed_in
def order(order_id: uuid.UUID) -> str | Answer:
    """Where it is, and the one thing that can be done now."""
    found = queries.order_of(db.session(), current_user.id, order_id)
    if found.state is RecyclingState.draft:
        return redirect(url_for("recycle.safety", order_id=order_id), 303)
    return _page(found, PickupForm(), PostedForm())


@bp.get("/<uuid:order_id>/label")
@signed_in
def label(order_id: uuid.UUID) -> str:
    """The mail-in label to print or copy: a code, a QR of it, and where it goes."""
    found = queries.order_of(db.session(), current_user.id, order_id)
    if found.state not in ON_ITS_WAY:
        abort(404)
    recycler = db.session.get_one(Recycler, found.recycler_id)
    qr = segno.make(found.code, error="m").svg_inline(scale=6, border=2)
    return render_template("recycle/label.html", order=found, recycler=recycler, qr=qr)


@bp.get("/<uuid:order_id>/photos/<uuid:photo_id>")
@signed_in
def photo(order_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo that the recycler took of her own thing."""
    found = queries.order_of(db.session(), current_user.id, order_id)
    jpeg = queries.photo(db.session(), found.id, photo_id).jpeg
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/<uuid:order_id>/accept")
@signed_in
@once("recycling.accept_quote")
def accept(order_id: uuid.UUID) -> Answer:
    """Take the quote."""
    return _move(send_in.accept_quote, order_id, _("寄件单开好了，打包时附上编号"))


@bp.post("/<uuid:order_id>/withdraw")
@signed_in
@once("recycling.withdraw")
def withdraw(order_id: uuid.UUID) -> Answer:
    """Give up before it has left."""
    return _move(send_in.withdraw, order_id, _("已取消，东西留在您手里"))


@bp.post("/<uuid:order_id>/accept-reoffer")
@signed_in
@once("recycling.accept_reoffer")
def accept_reoffer(order_id: uuid.UUID) -> Answer:
    """Take the lower offer."""
    return _move(answer.accept_reoffer, order_id, _("好的，积分马上到账"))


@bp.post("/<uuid:order_id>/decline")
@signed_in
@once("recycling.decline")
def decline(order_id: uuid.UUID) -> Answer:
    """Have it back."""
    return _move(answer.decline, order_id, _("好的，东西免费寄回给您"))


@bp.post("/<uuid:order_id>/unlocked")
@signed_in
@once("recycling.unlocked")
def unlocked(order_id: uuid.UUID) -> Answer:
    """The lock is off."""
    return _move(answer.unlocked, order_id, _("已告诉回收企业，继续验机"))


@bp.post("/<uuid:order_id>/returned")
@signed_in
@once("recycling.returned")
def returned(order_id: uuid.UUID) -> Answer:
    """It is home again."""
    return _move(answer.confirm_returned, order_id, _("已记下，东西回到家了"))


@bp.post("/<uuid:order_id>/pickup")
@signed_in
@once("recycling.pickup")
def pickup(order_id: uuid.UUID) -> Answer | tuple[str, int]:
    """Have the carrier come."""
    form = PickupForm()
    return _submit(
        order_id,
        form,
        lambda: send_in.book_pickup(db.session(), current_user.id, order_id, form.day.data, clock.now()),
        form,
        PostedForm(formdata=None),
    )


@bp.post("/<uuid:order_id>/posted")
@signed_in
@once("recycling.posted")
def posted(order_id: uuid.UUID) -> Answer | tuple[str, int]:
    """She handed it over."""
    form = PostedForm()
    number = form.tracking_number.data or ""
    return _submit(
        order_id,
        form,
        lambda: send_in.mark_posted(db.session(), current_user.id, order_id, number, clock.now()),
        PickupForm(formdata=None),
        form,
    )


def _move(use_case: Move, order_id: uuid.UUID, done: str) -> Answer:
    use_case(db.session(), current_user.id, order_id, clock.now())
    flash(done)
    return redirect(url_for("recycle.order", order_id=order_id), 303)


def _submit(
    order_id: uuid.UUID, form: FlaskForm, act: Callable[[], None], pickup: PickupForm, posted: PostedForm
) -> Answer | tuple[str, int]:
    if form.validate_on_submit():
        try:
            act()
            return redirect(url_for("recycle.order", order_id=order_id), 303)
        except Refused as refused:
            show(form, refused)
    return _page(queries.order_of(db.session(), current_user.id, order_id), pickup, posted), 422


def _page(order: RecyclingOrder, pickup: PickupForm, posted: PostedForm) -> str:
    session = db.session()
    in_force = prices.version(session, order.price_table_id) if order.price_table_id else None
    valued = value(in_force.table, order.age_years, order.faults) if in_force else None
    tomorrow = clock.local_date(clock.now()) + timedelta(days=1)
    if not pickup.day.raw_data:
        pickup.day.data = tomorrow
    return render_template(
        "recycle/order.html",
        order=order,
        category=session.get_one(Category, order.category_code),
        state_word=STATES[order.state],
        pill=pill_kind(order.state),
        steps=steps(session, custody.trail(session, order.id)),
        valuation=valued,
        verified=bool(in_force and in_force.verified),
        deductions=deductions(in_force.table, valued.largest, order.age_years) if in_force and valued else [],
        differences=_differences(in_force, queries.assessment(session, order.id)),
        photos=queries.photos(session, order.id),
        certificate=queries.certificate(session, order.id),
        pickup=pickup,
        posted=posted,
        tomorrow=tomorrow,
        last_day=tomorrow + timedelta(days=send_in.PICKUP_WITHIN_DAYS - 1),
    )


def _differences(in_force: prices.InForce | None, found: Assessment | None) -> list[str]:
    if in_force is None or found is None:
        return []
    return [reason(in_force.table, code, found.age_years) for code in found.reasons]
