"""Another one instead of what a recall has stopped; without a word she has her money back."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.models import Listing
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.ids import parse_id
from market.recalls import instead
from market.recalls.stopped_models import StoppedSale
from market.recalls.stopped_rules import Instead
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.once import once
from market.web.storefront import bp


@dataclass(frozen=True, slots=True)
class Offered:
    """What a stopped part's buyer has chosen, and what she may choose, each with its listing."""

    sale: StoppedSale
    chosen: Listing | None
    others: list[tuple[Listing, Instead]]


def offered(found: Mapping[uuid.UUID, StoppedSale]) -> dict[uuid.UUID, Offered]:
    """What there is instead of each part of an order that a recall has stopped."""
    session, now = db.session(), clock.now()
    return {
        part_id: Offered(
            sale,
            session.get(Listing, sale.listing_id) if sale.listing_id else None,
            [
                (session.get_one(Listing, one.listing_id), one)
                for one in instead.offers(session, sale, now)
                if one.listing_id != sale.listing_id
            ],
        )
        for part_id, sale in found.items()
    }


@bp.post("/orders/<uuid:order_id>/instead/<uuid:part_id>")
@signed_in
@once("order.instead")
def choose_instead(order_id: uuid.UUID, part_id: uuid.UUID) -> Response:
    """Another one goes into her cart; or the money is enough."""
    part = instead.Part(order_id, part_id)
    here = redirect(url_for("storefront.order", order_id=order_id), 303)
    listing_id = parse_id(request.form.get("listing_id", ""))
    if listing_id is None:
        instead.choose_money(db.session(), current_user.id, part, clock.now())
        flash(_("好的，只退款"))
        return here
    try:
        instead.choose_instead(db.session(), current_user.id, part, listing_id, clock.now())
    except Refused as refused:
        flash(sentence(refused), "bad")
        return here
    flash(_("已放进购物车，请看清价格再下单"))
    return redirect(url_for("storefront.cart"), 303)
