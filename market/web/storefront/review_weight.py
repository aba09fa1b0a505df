"""Her review counts less than in full: why, and the way to have a person look at it."""

import uuid

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from market.credit.appeal import APPEAL_WITHIN, DECIDE_WITHIN, may_appeal
from market.credit.appeal_weight import Weighed, appeal_weight, weighed_by
from market.credit.review_queries import Shown
from market.kernel import clock
from market.kernel.db import db
from market.orders.models import OrderLine
from market.web.credit_text import APPEAL_STATES
from market.web.guards import signed_in
from market.web.once import once
from market.web.ratings import AppealForm
from market.web.refusals import attempt
from market.web.storefront import bp
from market.web.storefront.review import Page, delivered, words, written_of


@bp.get("/review/<uuid:line_id>/weight")
@signed_in
def review_weight(line_id: uuid.UUID) -> str:
    """What it counts and why; the form of an appeal, or what came of it."""
    return _page(*_own(line_id), AppealForm(formdata=None))


@bp.post("/review/<uuid:line_id>/weight")
@signed_in
@once("review.appeal_weight")
def appeal_review_weight(line_id: uuid.UUID) -> Page:
    """Say what is wrong with it."""
    line, written, weighed = _own(line_id)
    form = AppealForm()

    def act() -> None:
        county, said = line.shop_order.order.county_code, form.words.data or ""
        appeal_weight(db.session(), current_user.id, written.review, county, said, clock.now())

    if attempt(form, act):
        flash(_("申诉交上去了，%(days)s 天内由人来看，结果会告诉您", days=DECIDE_WITHIN.days))
        return redirect(url_for(".review_weight", line_id=line_id), 303)
    return _page(line, written, weighed, form), 422


def _own(line_id: uuid.UUID) -> tuple[OrderLine, Shown, Weighed]:
    line = delivered(line_id)
    written = written_of(line) or abort(404)
    return line, written, weighed_by(db.session(), written.review) or abort(404)


def _page(line: OrderLine, written: Shown, weighed: Weighed, form: AppealForm) -> str:
    known = weighed.appeal
    return render_template(
        "storefront/review_weight.html",
        line=line,
        shown=written,
        form=form,
        appeal=known,
        is_hers=known is not None and known.appealed_by_id == current_user.id,
        open_to_appeal=known is None and may_appeal(weighed.event, clock.now()),
        appeal_states=APPEAL_STATES,
        appeal_days=APPEAL_WITHIN.days,
        decide_days=DECIDE_WITHIN.days,
        **words(),
    )
