"""Is it safe, what is it: the questions before a quote, and the page that explains all three steps."""

import uuid

from flask import abort, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from market.catalog.models import Category
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.together import Together
from market.people import queries as people
from market.recycling import photos, prices, queries, send_in
from market.recycling.rules import LOCKED, Safety, hazards
from market.recycling.ways import asked, ways_for
from market.web.county_choice import chosen_county, visitor_county
from market.web.guards import signed_in, signed_in_id
from market.web.once import once
from market.web.recycle import bp
from market.web.recycle.forms import ThingForm, safety_form
from market.web.recycling_text import STATES, WAYS, pill_kind
from market.web.recycling_text import dangers as danger_words
from market.web.refusals import show
from market.web.text import local_name

Page = str | Response | tuple[str, int]
ASKED_APART = ("not_working", "incomplete", LOCKED)
MOST_PHOTOS = 3
_HOME = Together(prices.PRICED, queries.IN_FORCE, queries.ORDERS_OF)


@bp.get("", strict_slashes=False)
def home() -> str:
    """What may be sent in, how it goes, who pays the freight, and what the visitor sent before."""
    county = chosen_county()
    code = county.code if county else None
    kinds, campaigns, orders = _HOME.read(
        db.session(), county_code=code, account_id=signed_in_id(), now=clock.now()
    )
    return render_template(
        "recycle/home.html",
        categories=[kind for kind in kinds if kind.accepts_mail_in],
        large=[kind for kind in kinds if not kind.accepts_mail_in],
        campaigns=campaigns,
        orders=orders,
        states=STATES,
        pill_kind=pill_kind,
    )


@bp.route("/new/<category_code>", methods=["GET", "POST"])
@signed_in
def safety(category_code: str) -> Page:
    """The safety questions come first; their answers go with the description, in its form."""
    category, form = _category(category_code), safety_form(category_code)
    if not asked(category_code):
        return _thing_page(category, ThingForm(formdata=None), form)
    if form.validate_on_submit():
        return _thing_page(category, ThingForm(formdata=None), form)
    page = render_template("recycle/safety.html", form=form, category=category)
    return page, 422 if form.errors else 200


@bp.post("/new/<category_code>/thing")
@signed_in
@once("recycling.describe")
def describe(category_code: str) -> Page:
    """Step 1: what is it? It is priced at once."""
    category, answers, form = _category(category_code), safety_form(category_code), ThingForm()
    if not answers.validate():
        return redirect(url_for("recycle.safety", category_code=category_code), 303)
    _offer_faults(form, category_code)
    if form.validate():
        try:
            order_id = _described(category_code, form, _safety(answers))
            return redirect(url_for("recycle.order", order_id=order_id), 303)
        except Refused as refused:
            show(form, refused)
    return _thing_page(category, form, answers), 422


def _described(category_code: str, form: ThingForm, safety: Safety) -> uuid.UUID:
    session, now = db.session(), clock.now()
    faults = [*(form.faults.data or ()), *form.broken()]
    model, age_years = form.model.data, form.age_years.data
    order = send_in.describe(
        session, current_user.id, _county_code(), category_code, model, age_years, faults, now
    )
    for upload in request.files.getlist("photos")[:MOST_PHOTOS]:
        if data := upload.read():
            photos.keep(session, order.id, "told", data, now, field="photos")
    send_in.quote(session, current_user.id, order.id, safety, now)
    return order.id


def _thing_page(category: Category, form: ThingForm, answers: FlaskForm) -> str:
    _offer_faults(form, category.code)
    found = hazards(_safety(answers))
    ways = ways_for(category.accepts_mail_in, found)
    return render_template(
        "recycle/thing.html",
        form=form,
        category=category,
        answers={name: answers[name].data for name in asked(category.code)},
        dangers=danger_words(found),
        ways=[WAYS[way] for way in ways],
    )


def _offer_faults(form: ThingForm, category_code: str) -> None:
    table = prices.in_force(db.session(), category_code, clock.now()).table
    form.faults.choices = [(f.code, local_name(f)) for f in table.faults if f.code not in ASKED_APART]


def _safety(form: FlaskForm) -> Safety:
    answers = dict.fromkeys(("loose_battery", "swollen_or_leaking", "power_bank"), False)
    answers |= {field.name: field.data == "yes" for field in form if field.type == "RadioField"}
    return Safety(**answers)


def _category(code: str) -> Category:
    found = next((kind for kind in prices.priced_categories(db.session()) if kind.code == code), None)
    return found or abort(404)


def _county_code() -> str:
    """Hers by her newest address, else the one she looks around in."""
    addresses = people.addresses(db.session(), current_user.id)
    return addresses[0].county_code if addresses else visitor_county().code
