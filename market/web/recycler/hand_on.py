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
from market.recycling import destroy as destroying
from market.recycling import hand_on, queries
from market.recycling import wipe as wiping
from market.recycling.custody import Thing
from market.recycling.custody_models import Destruction, Device, Resale, WipeCertificate
from market.recycling.custody_queries import resale
from market.recycling.held import party_of
from market.recycling.models import DeviceGrade, DeviceKind, WipeMethod
from market.recycling.states import TradeInState
from market.web.once import once
from market.web.recycler import bp
from market.web.recycler.forms import DestroyForm, GradeForm, SaleForm, WipeForm
from market.web.recycling_text import WIPE_METHODS
from market.web.refusals import show
from market.web.text import local_time
from market.web.told_apart import told_apart

Page = Response | tuple[str, int]
PAGES: dict[DeviceKind, Callable[[uuid.UUID, FlaskForm | None], str]] = {}
"""How the page of each kind of thing is drawn again around a form that was refused."""


@dataclass(slots=True)
class HandOn:
    """The forms of `_hand_on.html`, and which of them fit the thing as it is."""

    wipe: WipeForm
    destroy: DestroyForm
    grade: GradeForm
    sale: SaleForm
    needs_wipe: bool
    destroyed: list[tuple[str, str]]
    may_witness: bool
    only_scrap: bool
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
    waiting = destroying.awaiting_witness(session, thing.id) if needs_wipe else None
    kinds = (WipeForm, DestroyForm, GradeForm, SaleForm)
    wipe, destroy, grade, sale = (sent if isinstance(sent, kind) else kind(formdata=None) for kind in kinds)
    if sale is not sent:
        sale.serial_number.data = device.serial_number
    return HandOn(
        wipe,
        told_apart(destroy, "destroy"),
        grade,
        sale,
        needs_wipe=needs_wipe,
        destroyed=_seen(waiting) if waiting else [],
        may_witness=waiting is not None and waiting.operator_id != current_user.id,
        only_scrap=destroying.is_destroyed(session, thing.id),
        may_grade=mine and not needs_wipe and state in ("paid", TradeInState.confirmed, "wiped"),
        may_leave=mine and state in ("graded", "hazard_hold"),
        may_resell=mine and state == "graded" and thing.grade is not DeviceGrade.scrap,
        resale=resale(session, thing.id),
        certificate=queries.certificate(session, thing.id),
    )


def _seen(waiting: Destruction) -> list[tuple[str, str]]:
    return [
        (gettext("怎么毁的"), str(WIPE_METHODS[waiting.method])),
        (gettext("照哪个标准"), waiting.standard),
        (gettext("毁完是什么样"), waiting.found),
        (gettext("时间"), local_time(waiting.created_at)),
    ]


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


@bp.post("/devices/<uuid:device_id>/destroy")
@once("recycler.destroy")
def destroy(device_id: uuid.UUID) -> Page:
    """It no longer starts: its memory was destroyed."""
    form = DestroyForm()

    def act() -> None:
        who = (db.session(), g.recycler, current_user.id, device_id)
        what = (form.serial_number.data or "", WipeMethod(form.method.data), form.standard.data)
        destroying.destroy(*who, *what, form.found.data, clock.now())
        flash(gettext("记下了，请在场的另一位同事用自己的账号签字"))

    return _submit(device_id, form, act)


@bp.post("/devices/<uuid:device_id>/witness")
@once("recycler.witness")
def witness(device_id: uuid.UUID) -> Response:
    """A colleague saw it."""
    destroying.witness(db.session(), g.recycler, current_user.id, device_id, clock.now())
    flash(gettext("见证好了，凭证已开"))
    return _back(_device(device_id))


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
