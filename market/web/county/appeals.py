"""Appeals against ratings: a person looks at what was recorded, decides, and says why."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.credit import queries
from market.credit.appeal import decide_appeal
from market.credit.appeal_models import WORDS_CHARS
from market.credit.queries import Entry
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.credit_text import APPEAL_STATES, EVENTS, SUBJECTS
from market.web.once import once
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response
_UPHELD = "upheld"


class DecisionForm(FlaskForm):
    """What it came to."""

    outcome = RadioField(
        lazy_gettext("查下来"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[
            (_UPHELD, lazy_gettext("申诉成立，这条记录作废")),
            ("rejected", lazy_gettext("申诉不成立，记录照算")),
        ],
    )
    answer = TextAreaField(
        lazy_gettext("答复"),
        [Length(max=WORDS_CHARS, message=lazy_gettext("最多写 %(max)d 个字"))],
        description=lazy_gettext("申诉的人看得到，请写明看了什么、为什么"),
        render_kw={"maxlength": WORDS_CHARS, "rows": 4},
    )


@bp.get("/appeals")
def appeals() -> str:
    """Those that wait first."""
    return render_template(
        "county/appeals.html",
        entries=queries.appeals(db.session(), g.county_code),
        event_words=EVENTS,
        states=APPEAL_STATES,
        subjects=SUBJECTS,
    )


@bp.get("/appeals/<uuid:appeal_id>")
def appeal(appeal_id: uuid.UUID) -> str:
    """One appeal with what it is about."""
    return _page(_own(appeal_id), DecisionForm(formdata=None))


@bp.post("/appeals/<uuid:appeal_id>")
@once("county.decide_appeal")
def decide_one(appeal_id: uuid.UUID) -> Page:
    """Decide, and say why."""
    entry, form = _own(appeal_id), DecisionForm()

    def act() -> None:
        is_upheld, words = form.outcome.data == _UPHELD, form.answer.data or ""
        county_code, by_id = g.county_code, current_user.id
        decide_appeal(db.session(), county_code, by_id, appeal_id, is_upheld, words, clock.now())

    if attempt(form, act):
        flash(_("已答复"))
        return redirect(url_for("county.appeals"), 303)
    return _page(entry, form), 422


def _own(appeal_id: uuid.UUID) -> Entry:
    found = queries.appeals(db.session(), g.county_code)
    return next((it for it in found if it.appeal and it.appeal.id == appeal_id), None) or abort(404)


def _page(entry: Entry, form: DecisionForm) -> str:
    return render_template(
        "county/appeal.html",
        entry=entry,
        form=form,
        event_words=EVENTS,
        states=APPEAL_STATES,
        subjects=SUBJECTS,
    )
