"""The buyer's recalled pieces: what is dangerous, what to do at once, and what she would like."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.notices.calls import choose_calls, wants_calls
from market.payments.queries import refund_asked
from market.recalls import queries, remedy
from market.recalls.models import RecallUnit
from market.recalls.states import RUNNING, UNIT_STATES, Remedy, UnitState
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.once import once
from market.web.recall_text import REMEDIES, scope_words
from market.web.recall_text import UNIT_STATES as WORDS
from market.web.refunds import STATES
from market.web.storefront import bp


@bp.get("/recalls")
@signed_in
def recalls() -> str:
    """Every recalled piece of hers, and whether she wants to be called."""
    session = db.session()
    return render_template(
        "storefront/recalls.html",
        units=queries.units_of_account(session, current_user.id),
        states=WORDS,
        called=wants_calls(session, current_user.id),
    )


@bp.get("/recalls/<uuid:unit_id>")
@signed_in
def recall(unit_id: uuid.UUID) -> str:
    """One piece. That she opened it is kept: she has been reached."""
    unit = remedy.has_read(db.session(), current_user.id, unit_id, clock.now())
    page = _page(unit, None)
    db.session.commit()
    return page


@bp.post("/recalls/<uuid:unit_id>/choose")
@signed_in
@once("recall.choose")
def choose_remedy(unit_id: uuid.UUID) -> Response | tuple[str, int]:
    """What she would like."""
    session, chosen = db.session(), request.form.get("remedy", "")
    try:
        if chosen not in list(Remedy):
            raise Refused("recalls.remedy", field="remedy")
        remedy.choose(session, current_user.id, unit_id, Remedy(chosen), clock.now())
    except Refused as refused:
        db.session.rollback()
        unit = remedy.has_read(session, current_user.id, unit_id, clock.now())
        return _page(unit, sentence(refused)), 422
    flash(gettext("已记下，县服务中心会联系您"))
    return redirect(url_for("storefront.recall", unit_id=unit_id), 303)


@bp.post("/recalls/calls")
@signed_in
@once("recall.calls")
def choose_recall_calls() -> Response:
    """Be called about dangers, or no longer."""
    wanted = request.form.get("wanted") == "yes"
    choose_calls(db.session(), current_user.id, wanted, clock.now())
    flash(gettext("有危险会打电话给您") if wanted else gettext("不再打电话"))
    return redirect(url_for("storefront.recalls"), 303)


def _page(unit: RecallUnit, wrong: str | None) -> str:
    return render_template(
        "storefront/recall.html",
        unit=unit,
        recall=unit.recall,
        state=WORDS[unit.state],
        scope=scope_words(unit.recall),
        remedies=[(value, REMEDIES[Remedy(value)]) for value in unit.recall.remedies],
        chosen=REMEDIES[unit.remedy] if unit.remedy else None,
        may_choose=UnitState.chosen in UNIT_STATES[unit.state] and unit.recall.state in RUNNING,
        refund=refund_asked(db.session(), unit.refund_key),
        refund_states=STATES,
        order_id=queries.order_id_of_unit(db.session(), unit),
        wrong=wrong,
    )
