"""An order at the counter: she agrees, the clerk fills it in, she is told the price, and gets her receipt."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.orders import assist as use
from market.orders.assisted_models import AssistedOrder, AssistState
from market.orders.models import Order
from market.people.consents import VERSIONS
from market.people.models import Purpose, ViewerRole, ViewPurpose
from market.places import queries as places
from market.web.limits import by_account, limiter
from market.web.messages import sentence
from market.web.once import keep_refused, once
from market.web.readings import note_reading
from market.web.refusals import attempt, show
from market.web.shop import bp
from market.web.shop.assist_forms import (
    AssistForm,
    AssistPlaceForm,
    CodeAskForm,
    CodeGivenForm,
    PaperConsentForm,
)
from market.web.shop.listings import Page


@bp.get("/assist")
def assist() -> str:
    """Begin: by code or on paper; and the latest ones."""
    return _start(CodeAskForm(formdata=None), PaperConsentForm(formdata=None))


@bp.post("/assist/code")
@limiter.limit("30 per hour", key_func=by_account)
@once("shop.assist_ask")
def ask_assist() -> Page:
    """Send a code to a phone."""
    form, made = CodeAskForm(), []

    def act() -> None:
        who = g.shop.id, current_user.id, form.phone.data or ""
        made.append(use.ask_by_code(db.session(), *who, clock.now()))

    if attempt(form, act):
        return redirect(url_for(".assisted", assist_id=made[0].id), 303)
    return _start(form, PaperConsentForm(formdata=None)), 422


@bp.post("/assist/paper")
@once("shop.assist_paper")
def assist_on_paper() -> Page:
    """She signed."""
    form, made = PaperConsentForm(), []

    def act() -> None:
        who = g.shop.id, current_user.id, form.phone.data or "", form.name.data or ""
        secret, photo = form.password.data or "", form.photo.data.read()
        made.append(use.agree_on_paper(db.session(), *who, secret, photo, clock.now()))

    if attempt(form, act):
        return redirect(url_for(".assisted", assist_id=made[0].id), 303)
    return _start(CodeAskForm(formdata=None), form), 422


@bp.get("/assist/consent-form")
def assist_consent_form() -> str:
    """What is to be signed, to print."""
    return render_template("shop/assist_consent.html", version=VERSIONS[Purpose.assisted])


@bp.get("/assist/<uuid:assist_id>")
def assisted(assist_id: uuid.UUID) -> Page:
    """What comes next."""
    found = _own(assist_id)
    if found.order_id:
        return redirect(url_for(".assist_receipt", assist_id=assist_id), 303)
    return _one(found)


@bp.post("/assist/<uuid:assist_id>/agree")
@once("shop.assist_agree")
def agree_assist(assist_id: uuid.UUID) -> Page:
    """She read her code out; a wrong one stays on count."""
    found, form = _own(assist_id), CodeGivenForm()
    if form.validate_on_submit():
        try:
            use.agree_by_code(db.session(), g.shop.id, assist_id, form.code.data or "", clock.now())
        except Refused as refused:
            keep_refused()
            show(form, refused)
        else:
            return redirect(url_for(".assisted", assist_id=assist_id), 303)
    return _one(found, code_form=form), 422


@bp.post("/assist/<uuid:assist_id>/goods")
@once("shop.assist_goods")
def fill_assist(assist_id: uuid.UUID) -> Page:
    """What she wants; the price follows."""
    found, form = _own(assist_id), _with_villages(AssistForm())

    def act() -> None:
        draft = form.draft(db.session(), g.shop.id)
        use.prepare(db.session(), g.shop.id, assist_id, draft, clock.now())

    if attempt(form, act):
        return redirect(url_for(".assisted", assist_id=assist_id), 303)
    return _one(found, form=form), 422


@bp.post("/assist/<uuid:assist_id>/place")
@once("shop.assist_place")
def place_assist(assist_id: uuid.UUID) -> Page:
    """Order it at the price that she was told."""
    form = AssistPlaceForm()
    _own(assist_id)
    try:
        fen = form.expected_payable_fen.data or 0
        use.place(db.session(), g.shop.id, assist_id, fen, clock.now())
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused), "bad")
        return redirect(url_for(".assisted", assist_id=assist_id), 303)
    flash(_("下好了，她会收到消息"))
    return redirect(url_for(".assist_receipt", assist_id=assist_id), 303)


@bp.get("/assist/<uuid:assist_id>/receipt")
def assist_receipt(assist_id: uuid.UUID) -> str:
    """Her receipt, to print."""
    found = _own(assist_id)
    order = db.session.get_one(Order, found.order_id or abort(404))
    page = render_template("shop/assist_receipt.html", order=order, assisted=found)
    note_reading(order.account_id, ViewerRole.shop, ViewPurpose.order, order.number)
    return page


def _own(assist_id: uuid.UUID) -> AssistedOrder:
    found = db.session.get(AssistedOrder, assist_id)
    if found is None or found.shop_id != g.shop.id:
        raise NotFound
    return found


def _start(code_form: CodeAskForm, paper_form: PaperConsentForm) -> str:
    rows = use.recent(db.session(), g.shop.id)
    return render_template("shop/assist.html", code_form=code_form, paper_form=paper_form, rows=rows)


def _one(found: AssistedOrder, code_form: CodeGivenForm | None = None, form: AssistForm | None = None) -> str:
    session, now = db.session(), clock.now()
    is_agreed = found.state is AssistState.agreed
    priced = use.priced(session, found, g.shop.county_code, now) if is_agreed and found.draft else None
    return render_template(
        "shop/assisted.html",
        assisted=found,
        code_form=code_form or CodeGivenForm(formdata=None),
        form=form or _with_villages(AssistForm(formdata=None, **(found.draft.get("address") or {}))),
        priced=priced,
        lines=use.lines(session, found) if priced else [],
        place_form=AssistPlaceForm(formdata=None, expected_payable_fen=priced.payable_fen)
        if priced
        else None,
        until=found.agreed_at + use.PLACE_WITHIN if found.agreed_at else None,
    )


def _with_villages(form: AssistForm) -> AssistForm:
    session = db.session()
    towns = places.townships(session, g.shop.county_code)
    form.village_code.choices = {"": [("", "—")]} | {
        town.name: [(it.code, it.name) for it in places.villages(session, town.code)] for town in towns
    }
    return form
