"""One thing on its way: label, parcel, re-offer, reward."""

import uuid
from collections.abc import Callable
from datetime import datetime

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from market.collection import carry
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import answer, queries, refused_return, send_in
from market.web.guards import signed_in
from market.web.once import once
from market.web.qr import qr
from market.web.recycle import bp
from market.web.recycle.forms import PickupForm, PostedForm
from market.web.recycle.label import label_pdf
from market.web.recycle.order import page
from market.web.refusals import show

Move = Callable[[Session, uuid.UUID, uuid.UUID, datetime], object]


@bp.get("/<uuid:order_id>/label")
@signed_in
def label(order_id: uuid.UUID) -> str:
    """The mail-in label to print or copy: a code, a QR of it, where it goes and who pays."""
    found = queries.labelled(db.session(), current_user.id, order_id)
    return render_template(
        "recycle/label.html",
        order=found.order,
        recycler=found.recycler,
        qr=qr(found.order.code),
        parcel=found.parcel,
        grant=found.grant,
    )


@bp.get("/<uuid:order_id>/label.pdf")
@signed_in
def label_file(order_id: uuid.UUID) -> Response:
    """The same label as PDF, for a printer."""
    found = queries.labelled(db.session(), current_user.id, order_id)
    number = found.parcel.number if found.parcel else ""
    pdf = label_pdf(found.order, found.recycler, number, found.grant is not None)
    name = f'attachment; filename="label-{found.order.code}.pdf"'
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": name,
        "Cache-Control": "private, no-store",
    }
    return make_response(pdf, headers)


@bp.get("/<uuid:order_id>/photos/<uuid:photo_id>")
@signed_in
def photo(order_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of her own thing, hers or the recycler's."""
    found = queries.order_of(db.session(), current_user.id, order_id)
    jpeg = queries.photo(db.session(), found.id, photo_id).jpeg
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/<uuid:order_id>/withdraw")
@signed_in
@once("recycling.withdraw")
def withdraw(order_id: uuid.UUID) -> Answer:
    """Give up before it has left."""
    done = _move(send_in.withdraw, order_id, _("已取消，东西留在您手里"))
    code = queries.order_of(db.session(), current_user.id, order_id).code
    carry.give_up(db.session(), code, clock.now())
    return done


@bp.post("/<uuid:order_id>/accept-reoffer")
@signed_in
@once("recycling.accept_reoffer")
def accept_reoffer(order_id: uuid.UUID) -> Answer:
    """Take the lower offer."""
    return _move(answer.accept_reoffer, order_id, _("好的，钱马上付给您"))


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


@bp.post("/<uuid:order_id>/send-again")
@signed_in
@once("recycling.send_again")
def send_again(order_id: uuid.UUID) -> Answer:
    """Nobody took it in; once more, please."""
    return _move(refused_return.send_again, order_id, _("好的，再寄一次"))


@bp.post("/<uuid:order_id>/sell-after-all")
@signed_in
@once("recycling.sell_after_all")
def sell_after_all(order_id: uuid.UUID) -> Answer:
    """Nobody took it in, and she takes the last offer."""
    return _move(answer.sell_after_all, order_id, _("好的，钱马上付给您"))


@bp.post("/<uuid:order_id>/pickup")
@signed_in
@once("recycling.pickup")
def pickup(order_id: uuid.UUID) -> Answer | tuple[str, int]:
    """Have the carrier come."""
    form = PickupForm()

    def act() -> None:
        send_in.book_pickup(db.session(), current_user.id, order_id, form.day.data, clock.now())

    return _submit(order_id, form, act)


@bp.post("/<uuid:order_id>/posted")
@signed_in
@once("recycling.posted")
def posted(order_id: uuid.UUID) -> Answer | tuple[str, int]:
    """She handed it over."""
    form = PostedForm()
    number = form.tracking_number.data or ""

    def act() -> None:
        send_in.mark_posted(db.session(), current_user.id, order_id, number, clock.now())

    return _submit(order_id, form, act)


def _move(use_case: Move, order_id: uuid.UUID, done: str) -> Answer:
    use_case(db.session(), current_user.id, order_id, clock.now())
    flash(done)
    return redirect(url_for("recycle.order", order_id=order_id), 303)


def _submit(order_id: uuid.UUID, form: FlaskForm, act: Callable[[], None]) -> Answer | tuple[str, int]:
    if form.validate_on_submit():
        try:
            act()
            return redirect(url_for("recycle.order", order_id=order_id), 303)
        except Refused as refused:
            show(form, refused)
    return page(queries.order_of(db.session(), current_user.id, order_id), form), 422
