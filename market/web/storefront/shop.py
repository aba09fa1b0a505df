"""A shop as everybody may see it: who it is, how it is rated and why, and what buyers say."""

import uuid

from flask import abort, render_template

from market.credit import review_queries
from market.credit.models import SubjectKind
from market.kernel.db import db
from market.shops.queries import open_shop
from market.web import ratings
from market.web.kept import kept
from market.web.storefront import bp
from market.web.storefront.review_list import page_of


@bp.get("/shops/<uuid:shop_id>")
@kept
def shop(shop_id: uuid.UUID) -> str:
    """One shop's page."""
    found = open_shop(db.session(), shop_id) or abort(404)
    return render_template(
        "storefront/shop.html",
        shop=found,
        **ratings.facts(SubjectKind.shop, shop_id),
        **page_of(review_queries.of_shop(shop_id), "storefront.shop", shop_id=shop_id),
    )
