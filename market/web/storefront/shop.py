"""A shop as everybody may see it: who it is, how it is rated and why, and what buyers say."""

import uuid

from flask import abort, render_template
from sqlalchemy import bindparam

from market.credit import review_queries
from market.credit.models import Review, SubjectKind
from market.credit.standing import STANDING, standing_of
from market.kernel import clock
from market.kernel.db import db
from market.kernel.together import Together
from market.places.queries import COUNTIES
from market.shops.queries import OPEN_SHOP
from market.web import ratings
from market.web.county_choice import remember_counties
from market.web.kept import kept
from market.web.storefront import bp
from market.web.storefront.review_list import page_of

_PAGE = Together(
    OPEN_SHOP, review_queries.outlines_of(Review.shop_id == bindparam("shop_id")), COUNTIES, *STANDING
)


@bp.get("/shops/<uuid:shop_id>")
@kept
def shop(shop_id: uuid.UUID) -> str:
    """One shop's page."""
    shops, rows, counties, *standing = _PAGE.read(
        db.session(), shop_id=shop_id, subject_id=shop_id, subject_kind=SubjectKind.shop, now=clock.now()
    )
    remember_counties(counties)
    found = next(iter(shops), None) or abort(404)
    return render_template(
        "storefront/shop.html",
        shop=found,
        **ratings.facts(SubjectKind.shop, shop_id, standing_of(*standing)),
        **page_of(rows, "storefront.shop", shop_id=shop_id),
    )
