"""Fraud at the county: one operator charges, the charged answers, another operator decides."""

import uuid

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.credit import fraud, fraud_queries
from market.credit.fraud_models import WORDS_CHARS, FraudCharge
from market.credit.models import SubjectKind
from market.kernel import clock
from market.kernel.db import db
from market.kernel.ids import parse_id
from market.web.county import bp
from market.web.credit_text import FRAUD_STATES, SUBJECTS
from market.web.once import once
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response
_FOUND = "found"
_LENGTH = Length(max=WORDS_CHARS, message=lazy_gettext("最多写 %(max)d 个字"))
_BOX = {"maxlength": WORDS_CHARS, "rows": 4}


class ChargeForm(FlaskForm):
    """Whom, for what, and what it rests on."""

    subject = SelectField(lazy_gettext("谁"), [DataRequired(lazy_gettext("请选一个"))])
    words = TextAreaField(
        lazy_gettext("做了什么"),
        [DataRequired(lazy_gettext("请写明做了什么")), _LENGTH],
        description=lazy_gettext("对方看得到。写事情，不写买家的姓名电话"),
        render_kw=_BOX,
    )
    evidence = TextAreaField(
        lazy_gettext("凭什么"),
        [DataRequired(lazy_gettext("请写明凭什么")), _LENGTH],
        description=lazy_gettext("订单号、申领号、付款号，一行一个"),
        render_kw=_BOX,
    )


class FindingForm(FlaskForm):
    """What it came to."""

    outcome = RadioField(
        lazy_gettext("查下来"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[(_FOUND, lazy_gettext("认定欺诈")), ("dropped", lazy_gettext("不认定"))],
    )
    reasons = TextAreaField(lazy_gettext("理由"), [_LENGTH], render_kw=_BOX)


@bp.get("/fraud")
def frauds() -> str:
    """Every charge, those to be decided first, and the form of another."""
    return _list(_charge_form(formdata=None))


@bp.post("/fraud")
@once("county.charge_fraud")
def charge_fraud() -> Page:
    """Charge somebody."""
    form = _charge_form()

    def act() -> None:
        kind, _colon, identifier = (form.subject.data or "").partition(":")
        subject = SubjectKind(kind), parse_id(identifier) or abort(404)
        words, evidence = form.words.data or "", form.evidence.data or ""
        fraud.charge(db.session(), g.county_code, current_user.id, subject, words, evidence, clock.now())

    if attempt(form, act):
        flash(_("已告诉对方，等答复后由另一位同事认定"))
        return redirect(url_for("county.frauds"), 303)
    return _list(form), 422


@bp.get("/fraud/<uuid:charge_id>")
def fraud_charge(charge_id: uuid.UUID) -> str:
    """One charge with its answer."""
    return _page(_own(charge_id), FindingForm(formdata=None))


@bp.post("/fraud/<uuid:charge_id>")
@once("county.decide_fraud")
def decide_fraud(charge_id: uuid.UUID) -> Page:
    """Decide it, or clear what was found."""
    found, clears = _own(charge_id), request.form.get("clears") == "1"
    form: FlaskForm = FlaskForm() if clears else FindingForm()

    def act() -> None:
        who = db.session(), g.county_code, current_user.id, charge_id
        if clears:
            fraud.clear(*who, clock.now())
        elif isinstance(form, FindingForm):
            fraud.decide(*who, form.outcome.data == _FOUND, form.reasons.data or "", clock.now())

    if attempt(form, act):
        flash(_("已撤销") if clears else _("已认定并告诉对方"))
        return redirect(url_for("county.frauds"), 303)
    return _page(found, form), 422


def _charge_form(**more: None) -> ChargeForm:
    form = ChargeForm(**more)
    form.subject.choices = [
        (f"{it.kind.value}:{it.id}", f"{SUBJECTS[it.kind]} · {it.name}")
        for it in fraud_queries.chargeable(db.session(), g.county_code)
    ]
    return form


def _own(charge_id: uuid.UUID) -> FraudCharge:
    found = db.session.get(FraudCharge, charge_id)
    return found if found and found.county_code == g.county_code else abort(404)


def _list(form: ChargeForm) -> str:
    every = fraud_queries.charges(db.session(), g.county_code)
    words = {"names": _names(), "states": FRAUD_STATES}
    return render_template("county/frauds.html", form=form, charges=every, **words)


def _page(found: FraudCharge, form: FlaskForm) -> str:
    return render_template(
        "county/fraud.html",
        charge=found,
        form=form,
        finding=form if isinstance(form, FindingForm) else FindingForm(formdata=None),
        name=_names().get(found.subject_id, ""),
        states=FRAUD_STATES,
        is_mine=found.charged_by_id == current_user.id,
        may_find=found.answer is not None or clock.now() >= found.answer_by,
    )


def _names() -> dict[uuid.UUID, str]:
    return {it.id: it.name for it in fraud_queries.chargeable(db.session(), g.county_code)}
