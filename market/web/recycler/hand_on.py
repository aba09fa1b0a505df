"""What the recycler does with its own things, however they came: wiped, graded, sold as 旧货."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, g, redirect, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.recycling import hand_on, queries
from market.recycling import wipe as wiping
from market.recycling.custody import Thing
from market.recycling.custody_models import Device, Resale, WipeCertificate
from market.recycling.custody_queries import resale
from market.recycling.held import party_of
from market.recycling.models import DeviceGrade, DeviceKind, WipeMethod
from market.recycling.states import TradeInState
from market.web.once import once
from market.web.recycler import bp
from market.web.recycler.forms import GradeForm, SaleForm, WipeForm
from market.web.refusals import show

Page = Response | tuple[str, int]
PAGES: dict[DeviceKind, Callable[[uuid.UUID, FlaskForm | None], str]] = {}
"""How the page of each kind of thing is drawn again around a form that was refused."""


@dataclass(slots=True)
class HandOn:
    """The forms of `_hand_on.html`, and which of them fit the thing as it is."""

    wipe: WipeForm
    grade: GradeForm
    sale: SaleForm
    needs_wipe: bool
    may_grade: bool
    may_leave: bool
    may_resell: bool
    resale: Resale | None
    certificate: WipeCertificate | None


def forms_for(session: Session, thing: Thing, sent: FlaskForm | None) -> HandOn:
    """The sent form as it was typed, the others fresh."""
    device = session.get_one(Device, thing.id)
    mine = device.holder == str(party_of(g.recycler))
    state, needs_wipe = thing.state.value, mine and wiping.needs_wipe(session, thing)
    kinds = (WipeForm, GradeForm, SaleForm)
    wipe, grade, sale = (sent if isinstance(sent, kind) else kind(formdata=None) for kind in kinds)
    if sale is not sent:
        sale.serial_number.data = device.serial_number
    return HandOn(
        wipe,
        grade,
        sale,
        needs_wipe=needs_wipe,
        may_grade=mine and not needs_wipe and state in ("paid", TradeInState.confirmed, "wiped"),
        may_leave=mine and state in ("graded", "hazard_hold"),
        may_resell=mine and state == "graded" and thing.grade is not DeviceGrade.scrap,
        resale=resale(session, thing.id),
        certificate=queries.certificate(session, thing.id),
    )


@bp.post("/devices/<uuid:device_id>/wipe")
@once("recycler.wipe")
def wipe(device_id: uuid.UUID) -> Page:
    """The certificate."""
    form = WipeForm()

    def act() -> None:
        serial, method = form.serial_number.data, WipeMethod(form.method.data)
        who = (db.session(), g.recycler, current_user.id, device_id)
        wiping.certify_wipe(*who, serial, method, form.verification.data, clock.now())

    return _submit(device_id, form, act)


@bp.post("/devices/<uuid:device_id>/wipe-failed")
@once("recycler.wipe_failed")
def wipe_failed(device_id: uuid.UUID) -> Page:
    """The verification found data."""
    wiping.report_failed_wipe(db.session(), g.recycler, current_user.id, device_id, clock.now())
    flash(gettext("记下了，请再擦一次"), "warn")
    return _back(_device(device_id))


@bp.post("/devices/<uuid:device_id>/grade")
@once("recycler.grade")
def grade(device_id: uuid.UUID) -> Page:
    """What it is fit for."""
    form = GradeForm()

    def act() -> None:
        letter, brand = DeviceGrade(form.grade.data), form.brand.data or ""
        hand_on.grade(db.session(), g.recycler, current_user.id, device_id, letter, clock.now(), brand)

    return _submit(device_id, form, act)


@bp.post("/devices/<uuid:device_id>/resell")
@once("recycler.resell")
def resell(device_id: uuid.UUID) -> Page:
    """Sold on, marked 旧货."""
    form = SaleForm()

    def act() -> None:
        who = (db.session(), g.recycler, current_user.id, device_id)
        sale = (form.serial_number.data, form.price_fen.data, form.warranty_months.data)
        hand_on.resell(*who, *sale, clock.now())

    return _submit(device_id, form, act)


def _submit(device_id: uuid.UUID, form: FlaskForm, act: Callable[[], None]) -> Page:
    device = _device(device_id)
    if form.validate_on_submit():
        try:
            act()
            return _back(device)
        except Refused as refused:
            show(form, refused)
    return PAGES[device.kind](device.id, form), 422


def _device(device_id: uuid.UUID) -> Device:
    """A thing that is, or was, this recycler's. Raises NotFound."""
    found = db.session().get(Device, device_id)
    if found is None or found.holder != str(party_of(g.recycler)):
        raise NotFound
    return found


def _back(device: Device) -> Response:
    if device.kind is DeviceKind.trade_in:
        return redirect(url_for("recycler.trade_in", trade_in_id=device.id), 303)
    return redirect(url_for("recycler.parcel", order_id=device.id), 303)
