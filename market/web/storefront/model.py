"""A model's page: every shop's offer of it side by side, in an order that the page says and links change."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from market.credit.queries import few_reviews
from market.delivery.queries import next_day
from market.delivery.rules import fee
from market.inventory.on_offer import OfferOrder, OnOffer, in_order, offers_by_county, product_by_barcode
from market.kernel import clock
from market.kernel.db import db
from market.orders.models import Place
from market.places.models import County
from market.subsidies import queries as subsidies
from market.web.county_choice import remember_counties, visitor_county
from market.web.kept import kept
from market.web.label_text import SCHEMES
from market.web.storefront import bp
from market.web.storefront.offers import best_label, subsidy_fen

ORDERS = (
    (OfferOrder.pays, _("按实付"), _("按您实付从低到高；一样的，信用高的在前；D 级店在最后。")),
    (OfferOrder.rating, _("按信用"), _("按店铺信用从高到低；一样的，实付低的在前。")),
    (OfferOrder.stock, _("按库存"), _("按库存从多到少；一样的，实付低的在前，D 级店在最后。")),
)
_GTIN_DIGITS = 13


@dataclass(frozen=True, slots=True)
class Side:
    """One of the offers side by side."""

    on_offer: OnOffer
    subsidy_fen: int

    @property
    def final_fen(self) -> int:
        """What is left to pay after the state's subsidy."""
        return self.on_offer.listing.price_fen - self.subsidy_fen

    @property
    def few(self) -> bool:
        """Whether its shop's rating rests on few reviews."""
        rating = self.on_offer.rating
        return rating is not None and few_reviews(rating)


@bp.get("/p/<uuid:product_id>")
@kept
def model(product_id: uuid.UUID) -> str:
    """One model in the visitor's county. 404 where nobody sells it anywhere."""
    session, now = db.session(), clock.now()
    found = offers_by_county(session, product_id)
    remember_counties([county for county, _offers in found])
    if not any(offered for _county, offered in found):
        abort(404)
    here = visitor_county()
    offered = next(offered for county, offered in found if county.code == here.code)
    order = _order()
    sides = in_order(_sides(offered, here, now), lambda side: (side.on_offer, side.final_fen), order)
    elsewhere = [county for county, theirs in found if theirs and county.code != here.code]
    shown = sides[0].on_offer.listing if sides else next(theirs for _c, theirs in found if theirs)[0].listing
    return render_template(
        "storefront/model.html",
        product=shown.product,
        shown=shown,
        label=best_label(shown.product, clock.local_date(now)) if sides else None,
        badges=shown.product.badges_on(clock.local_date(now)) if sides else [],
        schemes=SCHEMES,
        county=here,
        elsewhere=elsewhere,
        sides=sides,
        shops=len({side.on_offer.listing.shop_id for side in sides}),
        order=order,
        orders=ORDERS,
        day=next_day(here, now),
        fees={
            place.value: fee(place.value, shown.product.packed_weight_grams, shown.product.packed_volume_cm3)
            for place in Place
        },
    )


@bp.get("/p/<barcode>")
def barcode(barcode: str) -> Response:
    """The page of the model that a scanned barcode is on."""
    is_gtin = len(barcode) == _GTIN_DIGITS and barcode.isdecimal()
    product_id = product_by_barcode(db.session(), barcode) if is_gtin else None
    return redirect(url_for(".model", product_id=product_id or abort(404)))


def _sides(offered: list[OnOffer], county: County, now: datetime) -> list[Side]:
    if not offered:
        return []
    pays_out = subsidies.offers(db.session(), county.code, now)
    product = offered[0].listing.product
    label = best_label(product, clock.local_date(now))
    asked = product.category.subsidy_category, label.grade if label else None
    return [
        Side(one, subsidy_fen(*asked, one.listing.price_fen, pays_out, county.code, now)) for one in offered
    ]


def _order() -> OfferOrder:
    wanted = request.args.get("order", "")
    return OfferOrder(wanted) if wanted in list(OfferOrder) else OfferOrder.pays
