"""What is it, is it safe to post: the first two steps, and the page that explains all three."""

import uuid

from flask import abort, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people import queries as people
from market.recycling import prices, queries, send_in
from market.recycling.rules import LOCKED, Safety
from market.recycling.states import RecyclingState
from market.web.county_choice import visitor_county
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.recycle import bp
from market.web.recycle.forms import SafetyForm, ThingForm
from market.web.recycling_text import STATES, pill_kind
from market.web.refusals import show
from market.web.text import local_name

Page = str | Response | tuple[str, int]


@bp.get("")
def home() -> str:
    """What may be sent in, how it goes, and what the visitor sent before."""
    session = db.session()
    signed = current_user.is_authenticated
    return render_template(
        "recycle/home.html",
        categories=prices.mail_in_categories(session),
        orders=queries.orders_of(session, current_user.id) if signed else [],
        states=STATES,
        pill_kind=pill_kind,
    )


@bp.route("/new/<category_code>", methods=["GET", "POST"])
@signed_in
def describe(category_code: str) -> Page:
    """Step 1: what is it?"""
    session = db.session()
    category = next((kind for kind in prices.mail_in_categories(session) if kind.code == category_code), None)
    if category is None:
        abort(404)
    form = ThingForm()
    table = prices.in_force(session, category_code, clock.now()).table
    form.faults.choices = [(f.code, local_name(f)) for f in table.faults if f.code != LOCKED]
    if form.validate_on_submit():
        try:
            return _described(category_code, form)
        except Refused as refused:
            show(form, refused)
    return render_template("recycle/thing.html", form=form, category=category), 422 if form.errors else 200


def _described(category_code: str, form: ThingForm) -> Response:
    order = send_in.describe(
        db.session(),
        current_user.id,
        _county_code(),
        category_code,
        form.model.data,
        form.age_years.data,
        form.faults.data or [],
        clock.now(),
    )
    db.session.commit()
    return redirect(url_for("recycle.safety", order_id=order.id), 303)


def _county_code() -> str:
    """Hers by her newest address, else the one she looks around in."""
    addresses = people.addresses(db.session(), current_user.id)
    return addresses[0].county_code if addresses else visitor_county().code


@bp.route("/<uuid:order_id>/safety", methods=["GET", "POST"])
@signed_in
def safety(order_id: uuid.UUID) -> Page:
    """Step 2: is it safe? A danger is not sent away but shown its own way."""
    order = queries.order_of(db.session(), current_user.id, order_id)
    if order.state is not RecyclingState.draft:
        return redirect(url_for("recycle.order", order_id=order.id), 303)
    form, danger = SafetyForm(), None
    if form.validate_on_submit():
        answers = Safety(*(form[name].data == "yes" for name in Safety.__slots__))
        try:
            send_in.quote(db.session(), current_user.id, order_id, answers, clock.now())
            db.session.commit()
            return redirect(url_for("recycle.order", order_id=order_id), 303)
        except Refused as refused:
            danger = sentence(refused)
    status = 422 if form.errors or danger else 200
    return render_template("recycle/safety.html", form=form, order=order, danger=danger), status
