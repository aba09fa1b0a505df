"""Returns that a person of the county settles, those that are late, and what stands at the hub for them."""

import uuid

from flask import flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.aftersales import queries
from market.aftersales.answer_return import decide_return
from market.aftersales.exchange import new_at_hub, send_again, waits_for_hub
from market.aftersales.models import Decision, ReturnRequest
from market.aftersales.states import ReturnState
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.web.aftersales_text import DECISIONS, GROUNDS, REMEDIES, pill_kind, state_at_work, trail_of
from market.web.county import bp
from market.web.once import once
from market.web.refusals import show
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response


class DecideForm(FlaskForm):
    """Who is right, and why."""

    decision = RadioField(
        lazy_gettext("怎样处理"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[(decision.value, word) for decision, word in DECISIONS.items()],
    )
    note = TextAreaField(
        lazy_gettext("理由"),
        [Length(max=300)],
        description=lazy_gettext("买家和店铺都看得到"),
        render_kw={"maxlength": 300, "rows": 2},
    )


@bp.get("/returns")
def returns() -> str:
    """Disputes first, then what is late, what waits at the hub, and the rest."""
    return _page({})


@bp.get("/returns/<uuid:return_id>/photos/<uuid:photo_id>")
def return_photo(return_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of a return."""
    case = queries.county_return(db.session(), g.county_code, return_id)
    jpeg = queries.photo(db.session(), case.reference, photo_id).jpeg
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/returns/<uuid:return_id>/decide")
@once("county.return_decide")
def decide_on_return(return_id: uuid.UUID) -> Page:
    """Settle a dispute."""
    form = DecideForm()
    queries.county_return(db.session(), g.county_code, return_id)
    if form.validate_on_submit():
        try:
            decision, note = Decision(form.decision.data), form.note.data or ""
            decide_return(
                db.session(), g.county_code, current_user.id, return_id, decision, note, clock.now()
            )
            flash(_("已决定，买家会收到通知"))
            return redirect(url_for("county.returns"), 303)
        except Refused as refused:
            show(form, refused)
    return _page({return_id: form}), 422


@bp.post("/returns/<uuid:return_id>/at-hub")
@once("county.return_at_hub")
def return_at_hub(return_id: uuid.UUID) -> Response:
    """The new piece has come to the hub."""
    new_at_hub(db.session(), g.county_code, return_id, clock.now())
    flash(_("已收，会排进下一批"))
    return redirect(url_for("county.returns"), 303)


@bp.post("/returns/<uuid:return_id>/again")
@once("county.return_again")
def send_return_again(return_id: uuid.UUID) -> Response:
    """She takes it now."""
    send_again(db.session(), g.county_code, return_id, clock.now())
    flash(_("会排进下一批再送"))
    return redirect(url_for("county.returns"), 303)


def _page(tried: dict[uuid.UUID, DecideForm]) -> str:
    session, now = db.session(), clock.now()
    open_ = queries.returns_of_county(session, g.county_code)
    disputed = [case for case in open_ if case.state is ReturnState.disputed]
    return render_template(
        "county/returns.html",
        disputed=[
            (case, told_apart(tried.get(case.id) or DecideForm(formdata=None), case.id), *_seen(case))
            for case in disputed
        ],
        at_hub=[case for case in open_ if case.out_number and waits_for_hub(session, case)],
        not_taken=[case for case in open_ if case.out_refused],
        late=[case for case in open_ if case.due_at and case.due_at <= now and case not in disputed],
        open=[case for case in open_ if case not in disputed and not (case.due_at and case.due_at <= now)],
        remedies=REMEDIES,
        grounds=GROUNDS,
        state_word=state_at_work,
        pill_kind=pill_kind,
    )


def _seen(case: ReturnRequest) -> tuple[object, object]:
    steps = queries.steps(db.session(), case.reference)
    return trail_of(case, steps, is_at_work=True), queries.photos(db.session(), case.reference)
