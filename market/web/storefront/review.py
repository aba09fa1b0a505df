"""Rate the shop for something it delivered. A review stays: there is no way to delete one."""

import uuid

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.credit.write_review import write_review
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders.models import Fulfillment, OrderLine
from market.orders.queries import line_of
from market.web.guards import signed_in
from market.web.once import once
from market.web.refusals import show
from market.web.storefront import bp
from market.web.storefront.forms import ReviewForm


@bp.get("/review/<uuid:line_id>")
@signed_in
def review(line_id: uuid.UUID) -> str:
    """The form."""
    return render_template("storefront/review.html", form=ReviewForm(), line=_delivered(line_id))


@bp.post("/review/<uuid:line_id>")
@signed_in
@once("review.write")
def write(line_id: uuid.UUID) -> tuple[str, int] | Response:
    """Publish what she wrote."""
    form, line = ReviewForm(), _delivered(line_id)
    if form.validate_on_submit():
        try:
            write_review(
                db.session(),
                current_user.id,
                line.shop_order.shop_id,
                line.listing_id,
                line.reference,
                int(form.stars.data),
                form.text.data or "",
                clock.now(),
            )
            flash(gettext("谢谢，您的评价已公开，店铺评分已更新"))
            return redirect(url_for("storefront.order", order_id=line.shop_order.order_id), 303)
        except Refused as refused:
            show(form, refused)
    return render_template("storefront/review.html", form=form, line=line), 422


def _delivered(line_id: uuid.UUID) -> OrderLine:
    line = line_of(db.session(), current_user.id, line_id)
    if line is None or line.shop_order.state is not Fulfillment.delivered:
        abort(404)
    return line
