"""The page of one thing: where it is, and the one thing that can be done now."""

import uuid
from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from market.collection import carry
from market.credit import buyers
from market.kernel import clock
from market.kernel.db import db
from market.kernel.together import Together
from market.recycling import drop_off, queries, send_in
from market.recycling.models import Assessment, RecyclingOrder
from market.recycling.prices import InForce
from market.recycling.queries import Followed
from market.recycling.rules import value
from market.recycling.states import RecyclingState
from market.web.guards import signed_in
from market.web.recycle import bp
from market.web.recycle.forms import PickupForm, PostedForm
from market.web.recycle.progress import steps
from market.web.recycle.steps import step_two_or_three
from market.web.recycling_text import SCANS, STATES, WAYS, deductions, pill_kind, reason
from market.web.recycling_text import dangers as danger_words

_FOLLOWED = Together(carry.BOOKING, *buyers.SERVICES, *queries.FOLLOWED)


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
    now = clock.now()
    kept, off, ratings, *parts = _FOLLOWED.read(
        db.session(),
        account_id=order.account_id,
        brought_code=order.code,
        device_id=order.id,
        county_code=order.county_code,
        now=now,
    )
    found, tomorrow = queries.followed_of(parts), clock.local_date(now) + timedelta(days=1)
    within = send_in.pickup_days(buyers.services_of(off, ratings))
    pickup = sent if isinstance(sent, PickupForm) else PickupForm(formdata=None)
    if not pickup.day.raw_data:
        pickup.day.data = tomorrow
    return render_template(
        "recycle/order.html",
        order=order,
        category=found.category,
        state_word=STATES[order.state],
        pill=pill_kind(order.state),
        steps=steps(db.session(), found.trail),
        photos=found.photos,
        certificate=found.certificate,
        bank=found.bank,
        posted=sent if isinstance(sent, PostedForm) else PostedForm(formdata=None),
        pickup=pickup,
        tomorrow=tomorrow,
        last_day=tomorrow + timedelta(days=within - 1),
        dangers=danger_words(order.hazards),
        kept=next(iter(kept), None),
        **_price(order, found),
        **_way(order, found),
        **(step_two_or_three(order, sent) if order.state is RecyclingState.quoted else {}),
    )


def _price(order: RecyclingOrder, found: Followed) -> dict[str, Any]:
    in_force = found.price
    if in_force is None:
        return {"valuation": None, "deductions": [], "differences": [], "verified": False}
    valued = value(in_force.table, order.age_years, order.faults)
    return {
        "valuation": valued,
        "verified": in_force.verified,
        "deductions": deductions(in_force.table, valued.largest, order.age_years),
        "differences": _differences(in_force, found.assessment),
    }


def _way(order: RecyclingOrder, found: Followed) -> dict[str, Any]:
    """How it goes, who pays its freight, and what the carrier has seen of it."""
    return {
        "way": order.way,
        "way_word": WAYS[order.way] if order.way else "",
        "place": _place(order),
        "parcel": found.parcel,
        "scans": [(SCANS[scan.kind], scan.place, scan.happened_at) for scan in reversed(found.scans)],
        "grant": found.grant,
        "campaigns": found.campaigns,
        "changes_way": request.args.get("step") == "2",
    }


def _place(order: RecyclingOrder) -> drop_off.DropOffPlace | None:
    """Where she carries it to."""
    if not order.drop_off:
        return None
    return carry.place_of(db.session(), order) or drop_off.drop_off_of(db.session(), order)


def _differences(in_force: InForce, found: Assessment | None) -> list[str]:
    if found is None:
        return []
    return [reason(in_force.table, code, found.age_years) for code in found.reasons]
