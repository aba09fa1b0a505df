"""The person's addresses. County, township and village are picked in turn, without JavaScript."""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people import addresses as people
from market.people import queries
from market.people.models import Address
from market.places import queries as places
from market.web.account import bp
from market.web.account.forms import AddressForm
from market.web.county_choice import all_counties, chosen_county
from market.web.guards import signed_in
from market.web.redirects import safe_next
from market.web.refusals import show

Page = str | Response | tuple[str, int]


@bp.get("/addresses")
@signed_in
def addresses() -> str:
    """The person's addresses."""
    found = queries.addresses(db.session(), current_user.id)
    names = places.region_paths(db.session(), {address.village_code for address in found})
    paths = {address.id: names[address.village_code] for address in found}
    return render_template("account/addresses.html", addresses=found, paths=paths)


@bp.route("/addresses/new", methods=["GET", "POST"])
@signed_in
def new_address() -> Page:
    """Add an address; `next` leads back to where one was needed."""
    account = current_user.account
    form = AddressForm(recipient_name=account.name, phone=account.phone, next=request.args.get("next"))
    return _edit(form, None)


@bp.route("/addresses/<uuid:address_id>", methods=["GET", "POST"])
@signed_in
def edit_address(address_id: uuid.UUID) -> Page:
    """Change an address."""
    found = queries.address(db.session(), current_user.id, address_id)
    return _edit(AddressForm(obj=found, next=request.args.get("next")), found)


@bp.post("/addresses/<uuid:address_id>/remove")
@signed_in
def remove_address(address_id: uuid.UUID) -> Response:
    """Take an address off the list."""
    people.remove_address(db.session(), current_user.id, address_id, clock.now())
    db.session.commit()
    flash(_("地址已删除"))
    return redirect(url_for("account.addresses"), 303)


def _edit(form: AddressForm, address: Address | None) -> Page:
    """A press on a step button only lists the next choices, and keeps what was typed."""
    _offer_regions(form)
    stepping = "step" in request.form
    if not stepping and form.validate_on_submit():
        try:
            return _save(form, address)
        except Refused as refused:
            show(form, refused)
    status = 422 if form.errors and not stepping else 200
    return render_template("account/address.html", form=form, address=address), status


def _offer_regions(form: AddressForm) -> None:
    """Fill the three lists, each by what is chosen in the one above it."""
    session = db.session()
    counties = [(county.code, county.name) for county in all_counties()]
    if not form.county_code.data:
        form.county_code.data = chosen.code if (chosen := chosen_county()) else ""
    _offer(form.county_code, counties)
    townships = places.townships(session, form.county_code.data or "")
    _offer(form.township_code, [("", _("请选择")), *((place.code, place.name) for place in townships)])
    villages = places.villages(session, form.township_code.data) if form.township_code.data else []
    _offer(form.village_code, [("", _("请选择")), *((place.code, place.name) for place in villages)])


def _offer(field: AddressForm, choices: Sequence[tuple[str, str]]) -> None:
    """Offer `choices`; a value that is no longer among them is forgotten."""
    field.choices = choices
    if field.data not in {code for code, _name in choices}:
        field.data = ""


def _save(form: AddressForm, address: Address | None) -> Response:
    written = people.AddressInput(
        county_code=form.county_code.data,
        township_code=form.township_code.data,
        village_code=form.village_code.data,
        detail=form.detail.data,
        recipient_name=form.recipient_name.data,
        phone=form.phone.data,
    )
    if address:
        people.change_address(db.session(), current_user.id, address.id, written)
    else:
        people.add_address(db.session(), current_user.id, written, clock.now())
    db.session.commit()
    flash(_("地址已保存"))
    return redirect(safe_next(form.next.data, url_for("account.addresses")), 303)
