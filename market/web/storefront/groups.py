"""Groups: what is made once enough want it. Join with a deposit, follow it, pay the rest."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired

from market.groups import queries, rules
from market.groups.complete import complete, entry_of, is_due
from market.groups.join import Wish, begin_deposit, is_open, join, leave
from market.groups.models import GroupOrder, GroupPlace
from market.groups.states import PlaceState
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import parse_id
from market.orders.models import PaymentMethod
from market.orders.quote import Options, price_entries
from market.payments.queries import open_payment_of_bill, refund_of
from market.web.county_choice import visitor_county
from market.web.group_text import CONSENT, GROUPS, PLACES, TERMS, chosen_words
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.once import HEADER, once
from market.web.refusals import attempt, show
from market.web.storefront import bp
from market.web.storefront.one_page import OnePageForm, choices, chosen_address, one_page_form
from market.web.storefront.pay import ask_provider, to_hosted_page

Page = str | tuple[str, int] | Response
_CHOSEN = "chosen_"


class JoinForm(FlaskForm):
    """How many pieces, made how; `chosen_N` is what is chosen of the Nth option."""

    pieces = SelectField(_("要几件"), coerce=int, choices=[(n, n) for n in range(1, rules.MOST_PIECES + 1)])
    terms = BooleanField(CONSENT)
    terms_version = HiddenField()

    def chosen(self, group: GroupOrder) -> dict[str, str]:
        """What was chosen, by option."""
        return {option.name: self[f"{_CHOSEN}{n}"].data or "" for n, option in enumerate(group.choices)}


@bp.get("/groups")
def groups() -> str:
    """What can be joined in the county, the newest first."""
    county, now = visitor_county(), clock.now()
    found = queries.open_groups(db.session(), county.code, now, parse_id(request.args.get("after", "")))
    following = found[-1].group.id if len(found) == queries.PAGE else None
    return render_template("storefront/groups.html", county=county, groups=found, after=following)


@bp.get("/groups/<uuid:group_id>")
def group(group_id: uuid.UUID) -> str:
    """One group: how many have joined, how many are missing, until when; one's own place in it."""
    return _page(group_id, None)


@bp.post("/groups/<uuid:group_id>/join")
@signed_in
@once("group.join")
def join_group(group_id: uuid.UUID) -> Page:
    """Hold a place, and go on to its deposit."""
    found = queries.group(db.session(), group_id).group
    form = _join_form(found)

    def act() -> None:
        version = form.terms_version.data if form.terms.data else None
        wish = Wish(form.pieces.data, form.chosen(found), version)
        join(db.session(), current_user.account, group_id, wish, clock.now())

    if attempt(form, act):
        return redirect(url_for("storefront.group", group_id=group_id), 303)
    return _page(group_id, form), 422


@bp.post("/groups/places/<uuid:place_id>/pay")
@signed_in
def pay_deposit(place_id: uuid.UUID) -> Response:
    """Open the hosted page of the deposit, and go there."""
    group_id = queries.own_place(db.session(), current_user.id, place_id).group_id
    return to_hosted_page(
        lambda: begin_deposit(db.session(), current_user.id, place_id, clock.now()),
        paid_url=url_for("storefront.deposit_paid", place_id=place_id, _external=True),
        back_url=url_for("storefront.group", group_id=group_id, _external=True),
    )


@bp.get("/groups/places/<uuid:place_id>/paid")
@signed_in
def deposit_paid(place_id: uuid.UUID) -> Response:
    """Back from the hosted page: ask the provider now, rather than wait for its news."""
    place = queries.own_place(db.session(), current_user.id, place_id)
    ask_provider(open_payment_of_bill(db.session(), place.reference))
    return redirect(url_for("storefront.group", group_id=place.group_id, paid=1), 303)


@bp.post("/groups/places/<uuid:place_id>/leave")
@signed_in
@once("group.leave")
def leave_group(place_id: uuid.UUID) -> Response:
    """Give the place up before the deadline."""
    place = queries.own_place(db.session(), current_user.id, place_id)
    back = redirect(url_for("storefront.group", group_id=place.group_id), 303)
    try:
        leave(db.session(), current_user.id, place_id, clock.now())
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused), "bad")
        return back
    flash(gettext("已退出。付过的定金原路退回，不用您再做什么"))
    return back


@bp.get("/groups/places/<uuid:place_id>/complete")
@signed_in
def complete_form(place_id: uuid.UUID) -> Page:
    """Pay the rest: what it costs today, where it goes."""
    place = _own_due(place_id)
    form = one_page_form(current_user.id, formdata=None)
    if not form.own:
        here = url_for("storefront.complete_form", place_id=place_id)
        return redirect(url_for("account.new_address", next=here), 303)
    form.address_id.data = request.args.get("address_id") or str(form.own[0].id)
    form.payment_method.data = PaymentMethod.stripe.value
    return _complete_page(place, form)


@bp.post("/groups/places/<uuid:place_id>/complete")
@signed_in
@once("group.complete")
def complete_place(place_id: uuid.UUID) -> Page:
    """Place the order as it was shown."""
    place = queries.own_place(db.session(), current_user.id, place_id)
    form = one_page_form(current_user.id)
    if form.validate_on_submit():
        try:
            key = request.headers.get(HEADER) or request.form[HEADER]
            order = complete(db.session(), current_user.account, place_id, choices(form), key, clock.now())
            return redirect(url_for("storefront.order", order_id=order.id, placed=1), 303)
        except Refused as refused:
            db.session.rollback()
            show(form, refused)
            place = _own_due(place_id)
    return _complete_page(place, form), 422


@bp.get("/account/groups")
@signed_in
def own_groups() -> str:
    """The places somebody has or had."""
    found = queries.places_of(db.session(), current_user.id)
    return render_template("storefront/own_groups.html", places=found, words=PLACES, states=GROUPS)


def _page(group_id: uuid.UUID, form: JoinForm | None) -> str:
    told, now = queries.group(db.session(), group_id), clock.now()
    mine = None
    if current_user.is_authenticated:
        mine = queries.place_of(db.session(), current_user.id, group_id)
    over = mine is None or mine.state in (PlaceState.lapsed, PlaceState.left)
    may_join = is_open(told.group, now) and told.group.listing.is_for_sale and told.left > 0 and over
    return render_template(
        "storefront/group.html",
        told=told,
        group=told.group,
        mine=mine,
        form=(form or _join_form(told.group, formdata=None)) if may_join else None,
        is_open=is_open(told.group, now),
        is_due=mine is not None and is_due(mine, now),
        may_pay=mine is not None and mine.state is PlaceState.held and now < mine.pay_before,
        states=GROUPS,
        words=PLACES,
        terms=_terms(told.group),
        version=rules.TERMS_VERSION,
        chosen_words=chosen_words,
        penalty=refund_of(db.session(), mine.penalty) if mine and mine.penalty_fen else None,
    )


def _terms(group: GroupOrder) -> list[str]:
    values = {"deposit": f"{group.deposit_fen / 100:,.2f}", "days": group.complete_days}
    return [str(line) % values for line in TERMS]


def _join_form(group: GroupOrder, **more: Any) -> JoinForm:
    fields = {
        f"{_CHOSEN}{n}": RadioField(
            option.name,
            choices=[(choice, choice) for choice in option.choices],
            validators=[DataRequired(_("请选一种"))],
        )
        for n, option in enumerate(group.choices)
    }
    form: JoinForm = type("JoinForm", (JoinForm,), fields)(**more)
    if form.terms_version.data is None:
        form.terms_version.data = rules.TERMS_VERSION
    return form


def _own_due(place_id: uuid.UUID) -> GroupPlace:
    place = queries.own_place(db.session(), current_user.id, place_id)
    if not is_due(place, clock.now()):
        raise NotFound
    return place


def _complete_page(place: GroupPlace, form: OnePageForm) -> str:
    address = chosen_address(form)
    priced = price_entries(
        db.session(), [entry_of(place)], Options(address.county_code, current_user.id), clock.now()
    )
    payable_fen = priced.payable_fen - place.deposit_fen
    form.expected_payable_fen.data = payable_fen
    return render_template(
        "storefront/complete_group.html",
        place=place,
        group=place.group,
        form=form,
        priced=priced,
        payable_fen=payable_fen,
        chosen=chosen_words(place.chosen),
    )
