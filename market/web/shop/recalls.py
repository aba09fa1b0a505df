"""What the shop has to take off its shelf, by serial number, and its answer that it has looked."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recalls.models import Recall, ShelfCheck
from market.recalls.shelf import answer_shelf, checks_of_shop, to_pull
from market.web.once import once
from market.web.recall_text import scope_words
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.listings import Page


class ShelfForm(FlaskForm):
    """How many pieces were taken off."""

    pieces = IntegerField(
        lazy_gettext("一共下架了几件"),
        [InputRequired(lazy_gettext("请填数字"))],
        description=lazy_gettext("店里和仓库都要查，没有就填 0"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


@bp.get("/recalls")
def recalls() -> str:
    """What to pull, what was answered."""
    return _page(None, None)


@bp.post("/recalls/<uuid:recall_id>")
@once("shop.answer_shelf")
def answer_recall(recall_id: uuid.UUID) -> Page:
    """The shop has looked."""
    form = ShelfForm()
    if form.validate_on_submit():
        try:
            answer_shelf(db.session(), g.shop.id, recall_id, form.pieces.data, current_user.id, clock.now())
        except Refused as refused:
            db.session.rollback()
            show(form, refused)
        else:
            return _done()
    return _page(recall_id, form), 422


def _done() -> Response:
    flash(_("已登记，谢谢。召回的货请单独放好，等生产者来收"))
    return redirect(url_for(".recalls"), 303)


def _page(tried_id: uuid.UUID | None, tried: ShelfForm | None) -> str:
    session = db.session()
    rows = checks_of_shop(session, g.shop.id)

    def form_of(recall: Recall) -> ShelfForm:
        return tried if tried and tried_id == recall.id else ShelfForm(formdata=None)

    def serials(check: ShelfCheck) -> list[str]:
        return [unit.serial for unit in to_pull(session, check.recall_id, check.listing_id) if unit.serial]

    return render_template(
        "shop/recalls.html",
        rows=rows,
        form_of=form_of,
        serials=serials,
        scope_words=scope_words,
        now=clock.now(),
    )
