"""A shop as everybody may see it: who it is, how it is rated and why, and what buyers say."""

import uuid
from datetime import datetime

from flask import abort, render_template, request, url_for

from market.credit import queries
from market.credit.criteria import criteria
from market.credit.models import Review, SubjectKind
from market.kernel.db import db
from market.kernel.ids import parse_id
from market.shops.queries import open_shop
from market.web.storefront import bp

_PAGE = 20


@bp.get("/shops/<uuid:shop_id>")
def shop(shop_id: uuid.UUID) -> str:
    """One shop's page."""
    session = db.session()
    found = open_shop(session, shop_id) or abort(404)
    rating = queries.rating(session, SubjectKind.shop, shop_id)
    reviews = queries.reviews_of_shop(session, shop_id, _after(request.args.get("after", "")), _PAGE + 1)
    return render_template(
        "storefront/shop.html",
        shop=found,
        rating=rating,
        parts=queries.parts(rating) if rating else [],
        few=rating is None or queries.few_reviews(rating),
        criteria=criteria(SubjectKind.shop),
        reviews=reviews[:_PAGE],
        next_url=_next_url(shop_id, reviews),
    )


def _next_url(shop_id: uuid.UUID, reviews: list[Review]) -> str | None:
    if len(reviews) <= _PAGE:
        return None
    last = reviews[_PAGE - 1]
    return url_for("storefront.shop", shop_id=shop_id, after=f"{last.created_at.isoformat()}~{last.id}")


def _after(text: str) -> tuple[datetime, uuid.UUID] | None:
    moment, _, identifier = text.partition("~")
    last = parse_id(identifier)
    try:
        return (datetime.fromisoformat(moment), last) if last else None
    except ValueError:
        return None
