"""What buyers say of the shop, why a review counts less, and the shop's one answer to each."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from market.credit import review_queries
from market.credit.answer_review import answer_review
from market.credit.models import TEXT_CHARS
from market.credit.review_queries import PAGE, Order
from market.kernel import clock
from market.kernel.db import db
from market.web.credit_text import MASK_REASONS, SIGNALS
from market.web.once import once
from market.web.refusals import attempt
from market.web.shop import bp
from market.web.shop.listings import Page


class AnswerForm(FlaskForm):
    """The shop's words."""

    text = TextAreaField(
        lazy_gettext("回复"),
        [Length(max=TEXT_CHARS, message=lazy_gettext("最多写 %(max)d 个字"))],
        description=lazy_gettext("会公开，只能写一次，不能改。请别写买家的姓名和电话"),
        render_kw={"maxlength": TEXT_CHARS, "rows": 4},
    )


@bp.get("/reviews")
def reviews() -> str:
    """The newest reviews."""
    found = review_queries.listed(db.session(), review_queries.of_shop(g.shop.id), Order.newest)[:PAGE]
    figures = review_queries.figures(db.session(), review_queries.of_shop(g.shop.id), clock.now())
    return render_template("shop/reviews.html", reviews=found, figures=figures, **_words())


@bp.get("/reviews/<uuid:review_id>")
def review(review_id: uuid.UUID) -> str:
    """One review, and the form to answer it."""
    return _page(review_id, AnswerForm(formdata=None))


@bp.post("/reviews/<uuid:review_id>")
@once("shop.answer_review")
def answer(review_id: uuid.UUID) -> Page:
    """Publish the answer."""
    form = AnswerForm()

    def act() -> None:
        words = form.text.data or ""
        answer_review(db.session(), g.shop.id, current_user.id, review_id, words, clock.now())

    if attempt(form, act):
        flash(_("回复已公开"))
        return redirect(url_for("shop.reviews"), 303)
    return _page(review_id, form), 422


def _page(review_id: uuid.UUID, form: AnswerForm) -> str:
    shown = review_queries.one(db.session(), review_id)
    if shown.review.shop_id != g.shop.id:
        abort(404)
    return render_template("shop/review.html", it=shown, form=form, **_words())


def _words() -> dict[str, object]:
    return {"signal_words": SIGNALS, "mask_words": MASK_REASONS}
