"""Rate the shop for something it delivered, change it once, say which reviews help. Nothing is deleted."""

import uuid
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.credit import review_queries
from market.credit.answer_review import vote
from market.credit.models import Review
from market.credit.review_queries import Shown
from market.credit.write_review import edit_review, write_review
from market.kernel import clock
from market.kernel.db import db
from market.orders.models import Fulfillment, OrderLine
from market.orders.queries import line_of
from market.web.credit_text import MASK_REASONS, SIGNALS
from market.web.device import device_hash
from market.web.guards import signed_in
from market.web.once import once
from market.web.redirects import safe_next
from market.web.refusals import attempt
from market.web.storefront import bp
from market.web.storefront.forms import EditReviewForm, ReviewForm

Page = str | tuple[str, int] | Response


@bp.get("/review/<uuid:line_id>")
@signed_in
def review(line_id: uuid.UUID) -> str:
    """The form; or her review, with the form by which she may change it once."""
    line = delivered(line_id)
    written = written_of(line)
    return _page(line, written, _edit_form(written.review) if written else ReviewForm())


@bp.post("/review/<uuid:line_id>")
@signed_in
@once("review.write")
def write(line_id: uuid.UUID) -> Page:
    """Publish what she wrote."""
    form, line = ReviewForm(), delivered(line_id)

    def act() -> None:
        photos = [data for it in form.photos.data or () if it and (data := it.read())]
        write_review(
            db.session(),
            current_user.id,
            line.shop_order.shop_id,
            line.listing_id,
            line.reference,
            int(form.stars.data),
            form.text.data or "",
            clock.now(),
            photos=photos,
            device_hash=device_hash(),
        )

    if attempt(form, act):
        flash(gettext("谢谢，您的评价已公开，店铺评分已更新"))
        return redirect(url_for("storefront.order", order_id=line.shop_order.order_id), 303)
    return _page(line, None, form), 422


@bp.post("/review/<uuid:line_id>/edit")
@signed_in
@once("review.edit")
def edit(line_id: uuid.UUID) -> Page:
    """Publish what she makes of it now; what she wrote first stays readable."""
    line, form = delivered(line_id), EditReviewForm()
    written = written_of(line) or abort(404)

    def act() -> None:
        words = form.text.data or ""
        edit_review(
            db.session(), current_user.id, written.review.id, int(form.stars.data), words, clock.now()
        )

    if attempt(form, act):
        flash(gettext("改好了，原来写的也还看得到"))
        return redirect(url_for("storefront.review", line_id=line_id), 303)
    return _page(line, written, form), 422


@bp.post("/reviews/<uuid:review_id>/vote")
@signed_in
@once("review.vote")
def vote_review(review_id: uuid.UUID) -> Response:
    """Say whether a review helps."""
    is_helpful = request.form.get("is_helpful") == "1"
    found = vote(db.session(), current_user.id, review_id, is_helpful, clock.now())
    flash(gettext("记下了，谢谢"))
    shop = url_for("storefront.shop", shop_id=found.shop_id)
    return redirect(safe_next(request.form.get("next"), shop), 303)


@bp.get("/reviews/photos/<uuid:photo_id>")
def review_photo(photo_id: uuid.UUID) -> Response:
    """A photo of a review, unless it is covered."""
    jpeg = review_queries.photo(db.session(), photo_id) or abort(404)
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def words() -> dict[str, Any]:
    """What a template needs to show reviews."""
    return {"signal_words": SIGNALS, "mask_words": MASK_REASONS}


def _page(line: OrderLine, written: Shown | None, form: ReviewForm | EditReviewForm) -> str:
    return render_template("storefront/review.html", form=form, line=line, shown=written, **words())


def _edit_form(written: Review) -> EditReviewForm:
    return EditReviewForm(formdata=None, stars=str(written.stars), text=written.text)


def written_of(line: OrderLine) -> Shown | None:
    """Her review of it, if she wrote one."""
    return review_queries.of_reference(db.session(), line.reference)


def delivered(line_id: uuid.UUID) -> OrderLine:
    """Her own line, once she has the goods; 404 otherwise."""
    line = line_of(db.session(), current_user.id, line_id)
    if line is None or line.shop_order.state is not Fulfillment.delivered:
        abort(404)
    return line
