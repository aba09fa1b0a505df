"""What recyclers owe of each month, and the transfers that pay it."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.settlements import rules, statement_queries, statements
from market.web.county import bp
from market.web.county.settlements import ConfirmForm
from market.web.once import once
from market.web.refusals import attempt
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response


@bp.get("/statements", endpoint="recycler_statements")
def statement_list() -> str:
    """What is due and what was paid."""
    return _page({})


@bp.post("/statements/draw-up")
@once("county.draw_up_statements")
def draw_up_statements() -> Response:
    """Last month's statements, if the clock has not made them yet."""
    now = clock.now()
    made = statements.draw_up_statements(db.session(), g.county_code, rules.last_month(now), now)
    flash(_("上月共 %(n)s 张对账单", n=len(made)))
    return redirect(url_for("county.recycler_statements"), 303)


@bp.post("/statements/<uuid:statement_id>/confirm")
@once("county.confirm_statement")
def confirm_statement(statement_id: uuid.UUID) -> Page:
    """The money is in the bank."""
    if not statement_queries.is_of_county(db.session(), g.county_code, statement_id):
        abort(404)
    form = ConfirmForm()

    def act() -> None:
        who = (db.session(), g.county_code, current_user.id, statement_id)
        statements.confirm_statement(*who, form.bank_reference.data or "", clock.now())

    if attempt(form, act):
        flash(_("已记为到账"))
        return redirect(url_for("county.recycler_statements"), 303)
    return _page({statement_id: form}), 422


def _page(tried: dict[uuid.UUID, ConfirmForm]) -> str:
    return render_template(
        "county/statements.html",
        statements=statement_queries.county_statements(db.session(), g.county_code),
        form_of=lambda owner: told_apart(tried.get(owner) or ConfirmForm(formdata=None), owner),
        today=clock.local_date(clock.now()),
    )
