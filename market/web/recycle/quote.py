"""What an old appliance would take off the price of a new one, before anything is bought."""

from flask import render_template

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import prices
from market.recycling.trade_in import quote_trade_in
from market.web.recycle import bp
from market.web.recycle.forms import QuoteForm
from market.web.recycling_text import deductions
from market.web.refusals import show
from market.web.text import local_name


@bp.route("/quote", methods=["GET", "POST"])
def trade_in_quote() -> str | tuple[str, int]:
    """Four questions, and the credit with the three largest reasons why it is not more. Keeps nothing."""
    session, form, found, taken = db.session(), QuoteForm(), None, []
    kinds = prices.trade_in_categories(session)
    form.category_code.choices = [("", "—"), *((kind.code, local_name(kind)) for kind in kinds)]
    if form.validate_on_submit():
        answers = (form.category_code.data, form.age_years.data, form.works.data, form.complete.data)
        try:
            found = quote_trade_in(session, *answers, clock.now())
            taken = deductions(found.prices.table, found.deductions, form.age_years.data)
        except Refused as refused:
            show(form, refused)
    page = render_template("recycle/quote.html", form=form, found=found, deductions=taken)
    return page, 422 if form.errors else 200
