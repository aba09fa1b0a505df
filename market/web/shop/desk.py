"""The clerk's first page: what waits for the shop now."""

from flask import g, render_template
from flask_babel import lazy_gettext

from market.aftersales.queries import returns_of_shop
from market.catalog.queries import listings_of_shop
from market.credit import queries as credit
from market.credit.models import SubjectKind
from market.inventory.queries import running_low
from market.kernel.db import db
from market.orders.models import Fulfillment
from market.orders.queries import shop_orders
from market.places.queries import county
from market.web.shop import bp

CHANGES = {
    "reviewed": lazy_gettext("买家评价"),
    "handed_over_on_time": lazy_gettext("按时交货"),
    "handed_over_late": lazy_gettext("交货晚了"),
    "order_completed": lazy_gettext("完成一单"),
    "dispute_lost": lazy_gettext("纠纷败诉"),
    "returned_for_fault": lazy_gettext("因故障退货"),
    "evidence_complete": lazy_gettext("补贴材料齐全"),
    "evidence_incomplete": lazy_gettext("补贴材料不全"),
    "price_breach": lazy_gettext("价格没有如实备案"),
    "recall_answered_in_time": lazy_gettext("及时处理召回"),
    "recall_answered_late": lazy_gettext("召回处理晚了"),
    "fraud_found": lazy_gettext("查实欺诈"),
    "fraud_cleared": lazy_gettext("欺诈已澄清"),
    "recall_opened": lazy_gettext("有召回要处理"),
    "recall_resolved": lazy_gettext("召回已处理完"),
}


@bp.get("/")
def home() -> str:
    """Orders to confirm and to hand over by cut-off, what runs low, the rating with its reasons."""
    session = db.session()
    waiting = shop_orders(session, g.shop.id, [Fulfillment.placed, Fulfillment.confirmed])
    rating = credit.rating(session, SubjectKind.shop, g.shop.id)
    return render_template(
        "shop/home.html",
        to_confirm=[order for order in waiting if order.state is Fulfillment.placed],
        to_hand_over=[order for order in waiting if order.state is Fulfillment.confirmed],
        county=county(session, g.shop.county_code),
        low=running_low(session, g.shop.id),
        rating=rating,
        parts=credit.parts(rating) if rating else [],
        returns=returns_of_shop(session, g.shop.id),
        few=rating is None or credit.few_reviews(rating),
        changes=credit.changes(session, SubjectKind.shop, g.shop.id, limit=5),
        change_names=CHANGES,
        has_listings=bool(listings_of_shop(session, g.shop.id, limit=1)),
    )
