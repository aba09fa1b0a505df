"""One stop: what to hand over, what to do there, what to leave, or why it failed."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.delivery.drive import Left, cash_due_fen, complete_stop, fail_stop, none_recalled
from market.delivery.models import Stop, StopState
from market.delivery.queries import signature_of, stop_of
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.photo import place_of, small_jpeg
from market.orders.queries import buyer_of
from market.people.models import ViewerRole, ViewPurpose
from market.web.courier import bp
from market.web.courier.forms import DoneForm, FailedForm
from market.web.delivery_text import CHECKS, ENDINGS
from market.web.once import once
from market.web.readings import note_reading
from market.web.refusals import show

Page = str | tuple[str, int] | Response


@bp.get("/stops/<uuid:stop_id>")
def stop(stop_id: uuid.UUID) -> Page:
    """What to do at one stop; once it is over, what was left there."""
    found = _own(stop_id)
    _note_readings(found)
    return _page(found, DoneForm(formdata=None).of(found), FailedForm(formdata=None))


@bp.get("/stops/<uuid:stop_id>/photo")
def photo(stop_id: uuid.UUID) -> Response:
    """The photo that was left."""
    proof = _own(stop_id).proof
    if proof is None or proof.photo is None:
        abort(404)
    return Response(proof.photo, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@bp.post("/stops/<uuid:stop_id>/done")
@once("courier.done")
def done(stop_id: uuid.UUID) -> Page:
    """Delivered, with proof."""
    found = _own(stop_id)
    form = DoneForm().of(found)
    if form.validate_on_submit():
        try:
            left = _left(form, found)
            none_recalled(db.session(), left.serial_numbers)
            complete_stop(db.session(), g.courier, stop_id, left, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("这一站送好了"))
            return redirect(url_for("courier.home"), 303)
    return _page(found, form, FailedForm(formdata=None)), 422


@bp.post("/stops/<uuid:stop_id>/failed")
@once("courier.failed")
def failed(stop_id: uuid.UUID) -> Page:
    """Not delivered, for a reason; the goods come back to the hub."""
    found = _own(stop_id)
    form = FailedForm()
    if form.validate_on_submit():
        try:
            fail_stop(db.session(), g.courier, stop_id, form.reason.data, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已记下，货物请带回共配中心，改天再送"))
            return redirect(url_for("courier.home"), 303)
    return _page(found, DoneForm(formdata=None).of(found), form), 422


def _own(stop_id: uuid.UUID) -> Stop:
    return stop_of(db.session(), g.courier.id, stop_id) or abort(404)


def _note_readings(found: Stop) -> None:
    for number in sorted({job.order_number for job in found.jobs}):
        if buyer := buyer_of(db.session(), number):
            note_reading(buyer, ViewerRole.courier, ViewPurpose.delivery, number)


def _left(form: DoneForm, found: Stop) -> Left:
    upload = form.photo.data
    picture = upload.read() if upload else b""
    lat, lon = place_of(picture) or (None, None)
    cash = "cash" in form and form.cash.data
    refused, not_handed_in = _ids(form, "refused"), _ids(form, "not_handed_in")
    return Left(
        recipient_name=form.recipient_name.data,
        cash_fen=cash_due_fen(found, refused | not_handed_in) if cash else 0,
        photo=small_jpeg(picture) if upload else None,
        lat=lat,
        lon=lon,
        note=form.note.data or "",
        serial_numbers=tuple(_lines(form, "serial_numbers")),
        label_codes=tuple(_lines(form, "label_codes")),
        is_confirmed="is_confirmed" in form and form.is_confirmed.data,
        checks=frozenset(form.checks.data) if "checks" in form else frozenset(),
        not_handed_in=not_handed_in,
        with_keeper="with_keeper" in form and form.with_keeper.data,
        pickup_code=form.pickup_code.data or "" if "pickup_code" in form else "",
        refused=refused,
    )


def _ids(form: DoneForm, name: str) -> frozenset[uuid.UUID]:
    return frozenset(map(uuid.UUID, form[name].data)) if name in form else frozenset()


def _lines(form: DoneForm, name: str) -> list[str]:
    text = form[name].data or "" if name in form else ""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _page(found: Stop, form: DoneForm, failed_form: FailedForm) -> str:
    """The stop as it is by now: while the courier typed it may have ended, even with nothing left to do."""
    if found.state is not StopState.pending:
        strokes = signature_of(db.session(), found.id)
        return render_template(
            "courier/stop_over.html", stop=found, checks=CHECKS, failures=ENDINGS, strokes=strokes
        )
    return render_template("courier/stop.html", stop=found, form=form, failed_form=failed_form)
