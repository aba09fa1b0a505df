"""One parcel: what it is, who held it, and the next thing to do with it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, g, make_response, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from market.catalog.models import Category
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import custody, hand_on, prices, queries, refused_return
from market.recycling.assess import assess as assess_parcel
from market.recycling.models import DeviceKind, RecyclingOrder
from market.recycling.receive import hold_as_hazard
from market.recycling.receive import receive as receive_parcel
from market.web.custody_text import trail_steps
from market.web.once import once
from market.web.recycler import bp
from market.web.recycler.forms import AssessForm, ReceiveForm, TrackingForm
from market.web.recycler.hand_on import PAGES, forms_for
from market.web.recycling_text import AT_RECYCLER as WORDS
from market.web.recycling_text import pill_kind, reason
from market.web.refusals import show
from market.web.text import local_name

Page = Answer | tuple[str, int]


@dataclass(slots=True)
class Forms:
    """Every form that a parcel's page may show; the one that was sent keeps what was typed."""

    receive: ReceiveForm
    assess: AssessForm
    tracking: TrackingForm


@bp.get("/parcels/<uuid:order_id>")
def parcel(order_id: uuid.UUID) -> str:
    """The page of one parcel."""
    return _page(queries.order_at(db.session(), g.recycler.id, order_id), None)


@bp.get("/parcels/<uuid:order_id>/photos/<uuid:photo_id>")
def photo(order_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of a parcel addressed here."""
    order = queries.order_at(db.session(), g.recycler.id, order_id)
    jpeg = queries.photo(db.session(), order.id, photo_id).jpeg
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/parcels/<uuid:order_id>/receive")
@once("recycler.receive")
def receive(order_id: uuid.UUID) -> Page:
    """Weighed, sealed, photographed."""
    form = ReceiveForm()

    def act() -> None:
        weight, seal = form.weight_grams.data, form.seal_number.data
        jpeg = form.photo.data.read()
        receive_parcel(db.session(), g.recycler, current_user.id, order_id, weight, seal, jpeg, clock.now())

    return _submit(order_id, form, act)


@bp.post("/parcels/<uuid:order_id>/assess")
@once("recycler.assess")
def assess(order_id: uuid.UUID) -> Page:
    """What was found; the price table does the rest."""
    form = AssessForm()
    _offer_faults(form, queries.order_at(db.session(), g.recycler.id, order_id))

    def act() -> None:
        jpeg = form.photo.data.read() if form.photo.data else None
        assess_parcel(
            db.session(),
            g.recycler,
            current_user.id,
            order_id,
            form.age_years.data,
            form.faults.data or [],
            form.note.data or "",
            jpeg or None,
            clock.now(),
        )

    return _submit(order_id, form, act)


@bp.post("/parcels/<uuid:order_id>/hazard")
@once("recycler.hazard")
def hazard(order_id: uuid.UUID) -> Answer:
    """A dangerous battery came out."""
    hold_as_hazard(db.session(), g.recycler, current_user.id, order_id, clock.now())
    return _back(order_id)


@bp.post("/parcels/<uuid:order_id>/ship-back")
@once("recycler.ship_back")
def ship_back(order_id: uuid.UUID) -> Page:
    """On its way home."""
    form = TrackingForm()

    def act() -> None:
        number = form.tracking_number.data
        hand_on.ship_back(db.session(), g.recycler, current_user.id, order_id, number, clock.now())

    return _submit(order_id, form, act)


@bp.post("/parcels/<uuid:order_id>/came-back")
@once("recycler.came_back")
def came_back(order_id: uuid.UUID) -> Answer:
    """Nobody took it in at home."""
    refused_return.came_back(db.session(), g.recycler, current_user.id, order_id, clock.now())
    return _back(order_id)


@bp.post("/parcels/<uuid:order_id>/fetched")
@once("recycler.fetched")
def fetched(order_id: uuid.UUID) -> Answer:
    """Its owner has come for it."""
    refused_return.fetched(db.session(), g.recycler, current_user.id, order_id, clock.now())
    return _back(order_id)


def _submit(order_id: uuid.UUID, form: FlaskForm, act: Callable[[], None]) -> Page:
    if form.validate_on_submit():
        try:
            act()
            return _back(order_id)
        except Refused as refused:
            show(form, refused)
    return _page(queries.order_at(db.session(), g.recycler.id, order_id), form), 422


def _back(order_id: uuid.UUID) -> Answer:
    return redirect(url_for("recycler.parcel", order_id=order_id), 303)


def _offer_faults(form: AssessForm, order: RecyclingOrder) -> None:
    """The faults that the quote's own price table knows."""
    table = prices.version(db.session(), order.price_table_id or "").table
    form.faults.choices = [(fault.code, local_name(fault)) for fault in table.faults]


def _forms(order: RecyclingOrder, sent: FlaskForm | None) -> Forms:
    """The sent form as it was typed, the others fresh."""
    kinds = (ReceiveForm, AssessForm, TrackingForm)
    forms = Forms(*(sent if isinstance(sent, kind) else kind(formdata=None) for kind in kinds))
    _offer_faults(forms.assess, order)
    if forms.assess is not sent:
        forms.assess.age_years.data = order.age_years
        forms.assess.faults.data = list(order.faults)
    return forms


def _page(order: RecyclingOrder, sent: FlaskForm | None) -> str:
    session = db.session()
    table = prices.version(session, order.price_table_id or "").table
    found = queries.assessment(session, order.id)
    trail = custody.trail(session, order.id)
    return render_template(
        "recycler/parcel.html",
        order=order,
        category=session.get_one(Category, order.category_code),
        told=[reason(table, code, order.age_years) for code in order.faults],
        on=forms_for(session, order, sent),
        device_id=order.id,
        assessment=found,
        differences=[reason(table, code, found.age_years) for code in found.reasons] if found else [],
        forms=_forms(order, sent),
        photos=queries.photos(session, order.id),
        certificate=queries.certificate(session, order.id),
        trail=trail_steps(session, trail[1:], WORDS),
        wants_again="wants" in trail[-1].details,
        state_word=WORDS[order.state],
        pill=pill_kind(order.state),
    )


def _again(device_id: uuid.UUID, sent: FlaskForm | None) -> str:
    return _page(queries.order_at(db.session(), g.recycler.id, device_id), sent)


PAGES[DeviceKind.mail_in] = _again
