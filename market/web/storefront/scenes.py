"""Sets for a room of the house: bought together, or not at all."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.ids import parse_id
from market.orders.cart import CartEntry
from market.orders.cart_sets import put_set
from market.orders.pricing import Priced, price
from market.orders.quote import cart_item
from market.scenes.queries import PAGE, Offered, sets_in_county
from market.scenes.rules import Priced as Piece
from market.scenes.rules import Scene, promotions
from market.subsidies import rules
from market.web.kept import kept
from market.web.messages import sentence
from market.web.once import once
from market.web.scene_text import MISSING, SCENES
from market.web.storefront import bp
from market.web.storefront.basket import owner_to_fill
from market.web.storefront.paid_out import county_and_offers


@dataclass(frozen=True, slots=True)
class Shown:
    """A set with its price for somebody who has used no subsidy yet, delivery aside."""

    offered: Offered
    priced: Priced

    @property
    def off_fen(self) -> int:
        """What the set takes off."""
        return sum(line.item.set_off_fen for line in self.priced.lines)


@bp.get("/scenes")
@kept
def scenes() -> str:
    """The county's sets, of one scene where `scene` names it."""
    (county, on_offer), now = county_and_offers(), clock.now()
    wanted = request.args.get("scene", "")
    scene = Scene(wanted) if wanted in list(Scene) else None
    found = sets_in_county(db.session(), county.code, scene, parse_id(request.args.get("after", "")))
    return render_template(
        "storefront/scenes.html",
        county=county,
        scene=scene,
        scenes=SCENES,
        missing=MISSING,
        sets=_priced(found, on_offer, county.code, now),
        after=found[-1].scene_set.id if len(found) == PAGE else None,
    )


@bp.post("/scenes/<uuid:set_id>/cart")
@once("scene.put")
def put_scene_in_cart(set_id: uuid.UUID) -> Response:
    """Put the whole set into the cart."""
    try:
        put_set(db.session(), owner_to_fill(), set_id, clock.now())
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused), "bad")
        return redirect(url_for(".scenes"), 303)
    return redirect(url_for(".cart"), 303)


def _priced(
    found: list[Offered], on_offer: list[rules.Offer], county_code: str, now: datetime
) -> list[Shown]:
    anybody = rules.Buyer(county_code=county_code)
    shown = []
    for offered in found:
        off = promotions(
            {part.listing.id: Piece(part.pieces, part.listing.price_fen) for part in offered.parts},
            [offered.scene_set.terms],
        )
        entries = [
            CartEntry(part.listing, part.pieces, part.listing.is_for_sale, off[part.listing.id])
            for part in offered.parts
        ]
        items = [cart_item(entry, clock.local_date(now)) for entry in entries]
        shown.append(Shown(offered, price(items, lambda wanted: rules.quote(wanted, anybody, on_offer, now))))
    return shown
