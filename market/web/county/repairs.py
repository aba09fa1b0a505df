"""The repair station's desk: take in, find the fault, quote, wait for parts, done."""

import uuid
from collections.abc import Callable

from flask import flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from market.aftersales import queries, repair_desk
from market.aftersales.cost import trip_costs
from market.aftersales.models import Outcome, Repair, WarrantyTerms
from market.aftersales.repair_desk import Diagnosis
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.web.aftersales_text import (
    FAULTS,
    LEGS,
    OUTCOMES,
    WAYS,
    pill_kind,
    state_at_work,
    trail_of,
    warranty_sentence,
)
from market.web.county import bp
from market.web.once import once
from market.web.refusals import show
from market.web.text import local_name
from market.web.yuan_field import YuanField

Page = str | tuple[str, int] | Response
_note = {"maxlength": 300, "rows": 2}


class DiagnoseForm(FlaskForm):
    """What is wrong, and who pays."""

    found = TextAreaField(
        lazy_gettext("查出的毛病"), [Length(max=300)], description=lazy_gettext("买家看得到"), render_kw=_note
    )
    part = SelectField(lazy_gettext("坏的主要部件"), [Optional()])
    by_misuse = BooleanField(lazy_gettext("是使用不当弄坏的"))
    by_card = BooleanField(lazy_gettext("厂家保修卡还在保"))
    fee = YuanField(
        lazy_gettext("要收费的报价（元）"),
        [Optional()],
        description=lazy_gettext("保修期内不用填"),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )


class PartsForm(FlaskForm):
    """Which part has to come."""

    note = TextAreaField(lazy_gettext("等什么配件"), [Length(max=300)], render_kw=_note)


class FinishForm(FlaskForm):
    """How it ended."""

    fixed = RadioField(
        lazy_gettext("结果"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[("yes", OUTCOMES[Outcome.fixed]), ("no", OUTCOMES[Outcome.not_fixed])],
    )
    note = TextAreaField(lazy_gettext("做了什么"), [Length(max=300)], render_kw=_note)


class HandOverForm(FlaskForm):
    """The bank's slip for what was taken at the desk."""

    slip_number = StringField(
        lazy_gettext("存款单号"),
        description=lazy_gettext("收到的现金单独存银行，照存款单填；不收费不用填"),
        render_kw={"maxlength": 40, "autocomplete": "off"},
    )


FORMS: dict[str, type[FlaskForm]] = {
    "diagnose": DiagnoseForm,
    "parts": PartsForm,
    "finish": FinishForm,
    "hand_over": HandOverForm,
}


@bp.get("/repairs")
def repairs() -> str:
    """What is at the station or on its way, what is due first."""
    return render_template(
        "county/repairs.html",
        repairs=queries.repairs_of_county(db.session(), g.county_code),
        faults=FAULTS,
        state_word=state_at_work,
        pill_kind=pill_kind,
        now=clock.now(),
    )


@bp.get("/repairs/<uuid:repair_id>")
def repair(repair_id: uuid.UUID) -> str:
    """One repair, and the next thing to do with it."""
    return _page(queries.county_repair(db.session(), g.county_code, repair_id), None)


@bp.get("/repairs/<uuid:repair_id>/photos/<uuid:photo_id>")
def repair_photo(repair_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of a repair."""
    case = queries.county_repair(db.session(), g.county_code, repair_id)
    jpeg = queries.photo(db.session(), case.reference, photo_id).jpeg
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/repairs/<uuid:repair_id>/take-in")
@once("county.repair_take_in")
def take_repair_in(repair_id: uuid.UUID) -> Response:
    """It stands here."""
    repair_desk.take_in(db.session(), g.county_code, repair_id, clock.now())
    return _back(repair_id, _("已收，请检查"))


@bp.post("/repairs/<uuid:repair_id>/diagnose")
@once("county.repair_diagnose")
def diagnose_repair(repair_id: uuid.UUID) -> Page:
    """What is wrong."""
    form = DiagnoseForm()
    case = queries.county_repair(db.session(), g.county_code, repair_id)
    _offer_parts(form, case)

    def act() -> None:
        diagnosis = Diagnosis(
            found=form.found.data or "",
            part=form.part.data or None,
            by_misuse=bool(form.by_misuse.data),
            by_card=bool(form.by_card.data),
            fee_fen=form.fee.data or 0,
        )
        repair_desk.diagnose(db.session(), g.county_code, repair_id, diagnosis, clock.now())

    return _try(case, form, act, _("已登记，客户会收到通知"))


@bp.post("/repairs/<uuid:repair_id>/parts")
@once("county.repair_parts")
def order_repair_parts(repair_id: uuid.UUID) -> Page:
    """A part has to come."""
    form = PartsForm()

    def act() -> None:
        note = form.note.data or ""
        repair_desk.order_parts(db.session(), g.county_code, repair_id, note, clock.now())

    return _try(
        queries.county_repair(db.session(), g.county_code, repair_id), form, act, _("已登记，三十天内要到")
    )


@bp.post("/repairs/<uuid:repair_id>/parts-came")
@once("county.repair_parts_came")
def repair_parts_came(repair_id: uuid.UUID) -> Response:
    """It is there."""
    repair_desk.parts_came(db.session(), g.county_code, repair_id, clock.now())
    return _back(repair_id, _("接着修"))


@bp.post("/repairs/<uuid:repair_id>/finish")
@once("county.repair_finish")
def finish_repair(repair_id: uuid.UUID) -> Page:
    """Mended, or not."""
    form = FinishForm()

    def act() -> None:
        fixed, note = form.fixed.data == "yes", form.note.data or ""
        repair_desk.finish(db.session(), g.county_code, repair_id, fixed, note, clock.now())

    return _try(queries.county_repair(db.session(), g.county_code, repair_id), form, act, _("已登记"))


@bp.post("/repairs/<uuid:repair_id>/again")
@once("county.repair_again")
def send_repair_again(repair_id: uuid.UUID) -> Response:
    """She takes it now."""
    repair_desk.send_again(db.session(), g.county_code, repair_id, clock.now())
    return _back(repair_id, _("会排进下一批再送"))


@bp.post("/repairs/<uuid:repair_id>/hand-over")
@once("county.repair_hand_over")
def hand_repair_over(repair_id: uuid.UUID) -> Page:
    """Its owner came for it."""
    form = HandOverForm()

    def act() -> None:
        slip = form.slip_number.data or ""
        repair_desk.hand_over(db.session(), g.county_code, current_user.id, repair_id, slip, clock.now())

    case = queries.county_repair(db.session(), g.county_code, repair_id)
    return _try(case, form, act, _("已交给客户"))


def _try(case: Repair, form: FlaskForm, act: Callable[[], None], done: str) -> Page:
    """Do it and come back, or show the page with what was typed and why not."""
    if form.validate_on_submit():
        try:
            act()
            return _back(case.id, done)
        except Refused as refused:
            show(form, refused)
    return _page(case, form), 422


def _back(repair_id: uuid.UUID, done: str) -> Response:
    flash(done)
    return redirect(url_for("county.repair", repair_id=repair_id), 303)


def _offer_parts(form: DiagnoseForm, case: Repair) -> None:
    terms = db.session.get(WarrantyTerms, case.terms_id) if case.terms_id else None
    parts = [(part["code"], local_name(part)) for part in terms.main_parts] if terms else []
    form.part.choices = [("", _("不是主要部件")), *parts]


def _page(case: Repair, tried: FlaskForm | None) -> str:
    session = db.session()
    forms = {name: tried if isinstance(tried, kind) else kind(formdata=None) for name, kind in FORMS.items()}
    if isinstance(forms["diagnose"], DiagnoseForm):
        _offer_parts(forms["diagnose"], case)
    found = queries.warranty_of(session, case.line, case.part, case.created_at)
    return render_template(
        "county/repair.html",
        case=case,
        forms=forms,
        faults=FAULTS,
        outcomes=OUTCOMES,
        ways=WAYS,
        warranty=warranty_sentence(found),
        state_word=state_at_work(case),
        pill_kind=pill_kind(case),
        steps=trail_of(case, queries.steps(session, case.reference), is_at_work=True),
        photos=queries.photos(session, case.reference),
        costs=[(LEGS[leg], cost) for leg, cost in trip_costs(session, case.reference)],
    )
