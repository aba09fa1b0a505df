"""What people reported: take it up, look into it, answer. Nobody here sees who it was."""

import uuid

from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.oversight import cases as reported
from market.oversight import queries
from market.oversight.models import ReportedCase
from market.oversight.states import Outcome
from market.recycling.queries import register
from market.web.county import bp
from market.web.once import once
from market.web.oversight_text import CASE_KINDS, CASE_STATES, OUTCOMES
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response


class AnswerForm(FlaskForm):
    """What it came to."""

    outcome = RadioField(
        lazy_gettext("查下来"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[(kind.value, words) for kind, words in OUTCOMES.items()],
    )
    answer = TextAreaField(
        lazy_gettext("答复"),
        [Length(max=500)],
        description=lazy_gettext("举报的人凭编号看得到"),
        render_kw={"maxlength": 500, "rows": 4},
    )


@bp.get("/cases")
def cases() -> str:
    """Those that wait first."""
    found = queries.cases(db.session(), g.county_code)
    return render_template(
        "county/cases.html", cases=found, names=_names(), kinds=CASE_KINDS, states=CASE_STATES
    )


@bp.get("/cases/<uuid:case_id>")
def case(case_id: uuid.UUID) -> str:
    """One report."""
    return _page(_own(case_id), AnswerForm(formdata=None))


@bp.get("/cases/<uuid:case_id>/photos/<uuid:photo_id>")
def case_photo(case_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of it."""
    photos = {photo.id: photo.jpeg for photo in queries.case_photos(db.session(), _own(case_id).id)}
    if photo_id not in photos:
        abort(404)
    headers = {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"}
    return make_response(photos[photo_id], headers)


@bp.post("/cases/<uuid:case_id>/take-up")
@once("county.take_up_case")
def take_up_case(case_id: uuid.UUID) -> Response:
    """Somebody looks into it."""
    found = reported.take_up(db.session(), g.county_code, current_user.id, case_id, clock.now())
    flash(_("已受理，%(time)s 以前答复", time=clock.local(found.due_at).strftime("%Y-%m-%d %H:%M")))
    return redirect(url_for("county.case", case_id=case_id), 303)


@bp.post("/cases/<uuid:case_id>/answer")
@once("county.answer_case")
def answer_case(case_id: uuid.UUID) -> Page:
    """Say what it came to."""
    found, form = _own(case_id), AnswerForm()

    def act() -> None:
        outcome, words = Outcome(form.outcome.data), form.answer.data or ""
        reported.answer_case(db.session(), g.county_code, case_id, outcome, words, clock.now())

    if attempt(form, act):
        flash(_("已答复"))
        return redirect(url_for("county.cases"), 303)
    return _page(found, form), 422


def _own(case_id: uuid.UUID) -> ReportedCase:
    return queries.case(db.session(), g.county_code, case_id)


def _names() -> dict[uuid.UUID, str]:
    return {it.id: it.name for it in register(db.session(), g.county_code)}


def _page(found: ReportedCase, form: AnswerForm) -> str:
    return render_template(
        "county/case.html",
        case=found,
        photos=queries.case_photos(db.session(), found.id),
        names=_names(),
        form=form,
        kinds=CASE_KINDS,
        states=CASE_STATES,
        outcomes=OUTCOMES,
    )
