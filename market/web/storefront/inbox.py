"""What the market told her. Opening the inbox is reading it."""

from flask import render_template, url_for
from flask_login import current_user

from market.kernel import clock
from market.kernel.db import db
from market.kernel.ids import parse_id
from market.notices.models import Notice
from market.notices.queries import inbox as notices_of
from market.notices.read import mark_read
from market.web.guards import signed_in
from market.web.notices_text import sentence
from market.web.storefront import bp


@bp.get("/notices")
@signed_in
def inbox() -> str:
    """Her notices, newest first; those she had not seen stand out once."""
    told = [
        (notice.created_at, notice.read_at is None, sentence(notice), _place(notice))
        for notice in notices_of(db.session(), current_user.id)
    ]
    page = render_template("storefront/inbox.html", notices=told)
    if any(is_new for _at, is_new, *_what in told):
        mark_read(db.session(), current_user.id, clock.now())
        db.session.commit()
    return page


def _place(notice: Notice) -> str | None:
    """Where the thing it is about can be seen."""
    kind, _, identifier = (notice.reference or "").partition(":")
    if ".ended_" in notice.kind and (serial := notice.params.get("serial")):
        return url_for("open.trace_serial", serial=serial)
    if notice.kind == "recall.shop":
        return url_for("shop.recalls")
    if notice.kind == "recall.duty_late":
        return url_for("county.recall", recall_id=identifier)
    if kind == "recall_unit":
        return url_for("storefront.recall", unit_id=identifier)
    if kind == "recall":
        return url_for("open.recalls")
    if kind == "review":
        # What was bought before the market kept orders has no line to lead to.
        return url_for("storefront.review", line_id=identifier) if parse_id(identifier) else None
    if notice.kind == "credit.appeal_late":
        return url_for("county.appeal", appeal_id=identifier)
    if kind in ("fraud_shop", "fraud_courier"):
        return url_for(f"{kind.removeprefix('fraud_')}.fraud", charge_id=identifier)
    if kind == "order":
        return url_for("storefront.order", order_id=identifier)
    if kind == "fair":
        return url_for("shop.fair", fair_id=identifier)
    if notice.kind == "group.to_be_made":
        return url_for("shop.group", group_id=identifier)
    if kind == "group":
        return url_for("storefront.group", group_id=identifier)
    if kind == "trade_in":
        return url_for("storefront.trade_in", trade_in_id=identifier)
    if kind == "return":
        return url_for("storefront.return_", return_id=identifier)
    if kind == "repair":
        return url_for("storefront.repair", repair_id=identifier)
    if kind == "appliance":
        return "/account/appliances"
    if kind == "listing":
        return url_for("shop.listing", listing_id=identifier)
    return f"/recycle/{identifier}" if kind == "recycling" else None
