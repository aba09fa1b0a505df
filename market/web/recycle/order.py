"""The page of one thing: where it is, and the one thing that can be done now."""

import uuid
from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from market.catalog.models import Category
from market.collection import carry
from market.kernel import clock
from market.kernel.db import db
from market.recycling import custody, drop_off, freight, parcel, prices, queries, send_in
from market.recycling.models import Assessment, RecyclingOrder
from market.recycling.payout_models import BankPayout
from market.recycling.rules import value
from market.recycling.states import RecyclingState
from market.web.guards import signed_in
from market.web.recycle import bp
from market.web.recycle.forms import PickupForm, PostedForm
from market.web.recycle.progress import steps
from market.web.recycle.steps import step_two_or_three
from market.web.recycling_text import SCANS, STATES, WAYS, deductions, pill_kind, reason
from market.web.recycling_text import dangers as danger_words


@bp.get("/<uuid:order_id>")
@signed_in
def order(order_id: uuid.UUID) -> str | Answer:
    """Where it is, and the one thing that can be done now."""
    found = queries.order_of(db.session(), current_user.id, order_id)
    if found.state is RecyclingState.draft:
        return redirect(url_for("recycle.safety", category_code=found.category_code), 303)
    return page(found)


def page(order: RecyclingOrder, sent: FlaskForm | None = None) -> str:
    """The page with the form that was `sent` as it was typed, and the others fresh."""
    session = db.session()
    tomorrow = clock.local_date(clock.now()) + timedelta(days=1)
    pickup = sent if isinstance(sent, PickupForm) else PickupForm(formdata=None)
    if not pickup.day.raw_data:
        pickup.day.data = tomorrow
    return render_template(
        "recycle/order.html",
        order=order,
        category=session.get_one(Category, order.category_code),
        state_word=STATES[order.state],
        pill=pill_kind(order.state),
        steps=steps(session, custody.trail(session, order.id)),
        photos=queries.photos(session, order.id),
        certificate=queries.certificate(session, order.id),
        bank=session.get(BankPayout, order.id),
        posted=sent if isinstance(sent, PostedForm) else PostedForm(formdata=None),
        pickup=pickup,
        tomorrow=tomorrow,
        last_day=tomorrow + timedelta(days=send_in.pickup_within_days(session, order.account_id) - 1),
        dangers=danger_words(order.hazards),
        **_price(order),
        **_way(order),
        **(step_two_or_three(order, sent) if order.state is RecyclingState.quoted else {}),
    )


def _price(order: RecyclingOrder) -> dict[str, Any]:
    if order.price_table_id is None:
        return {"valuation": None, "deductions": [], "differences": [], "verified": False}
    in_force = prices.version(db.session(), order.price_table_id)
    valued = value(in_force.table, order.age_years, order.faults)
    return {
        "valuation": valued,
        "verified": in_force.verified,
        "deductions": deductions(in_force.table, valued.largest, order.age_years),
        "differences": _differences(in_force, queries.assessment(db.session(), order.id)),
    }


def _way(order: RecyclingOrder) -> dict[str, Any]:
    """How it goes, who pays its freight, and what the carrier has seen of it."""
    session = db.session()
    return {
        "way": order.way,
        "way_word": WAYS[order.way] if order.way else "",
        "place": _place(order),
        "kept": carry.booking(session, order.code),
        "parcel": parcel.parcel_of(session, order.id),
        "scans": [
            (SCANS[scan.kind], scan.place, scan.happened_at)
            for scan in reversed(parcel.scans(session, order.id))
        ],
        "grant": freight.grant_of(session, order.id),
        "campaigns": freight.in_force(session, order.county_code, clock.now()),
        "changes_way": request.args.get("step") == "2",
    }


def _place(order: RecyclingOrder) -> drop_off.DropOffPlace | None:
    """Where she carries it to."""
    if not order.drop_off:
        return None
    return carry.place_of(db.session(), order) or drop_off.drop_off_of(db.session(), order)


def _differences(in_force: prices.InForce, found: Assessment | None) -> list[str]:
    if found is None:
        return []
    return [reason(in_force.table, code, found.age_years) for code in found.reasons]
