"""A rating as its subject and as everybody sees it, and the form by which it is appealed against."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from market.credit import fraud, fraud_models, queries
from market.credit.appeal import APPEAL_WITHIN, DECIDE_WITHIN, appeal, may_appeal
from market.credit.appeal_models import WORDS_CHARS
from market.credit.criteria import criteria
from market.credit.effects import effects
from market.credit.fraud_queries import charges_against
from market.credit.models import SubjectKind
from market.credit.standing import Standing, standing
from market.credit.trend import Point, trend
from market.kernel import clock
from market.kernel.db import db
from market.web.credit_text import APPEAL_STATES, EVENTS, FRAUD_STATES, SUBJECTS
from market.web.refusals import attempt

WIDTH, HEIGHT = 300, 60
_LOWEST_SHOWN = 400

Page = str | tuple[str, int] | Response


class AppealForm(FlaskForm):
    """Why it is wrong."""

    words = TextAreaField(
        lazy_gettext("哪里不对"),
        [
            DataRequired(lazy_gettext("请写明哪里不对")),
            Length(max=WORDS_CHARS, message=lazy_gettext("最多写 %(max)d 个字")),
        ],
        render_kw={"maxlength": WORDS_CHARS, "rows": 5},
    )


class AnswerForm(FlaskForm):
    """What the charged has to say."""

    answer = TextAreaField(
        lazy_gettext("您的答复"),
        [
            DataRequired(lazy_gettext("请写答复")),
            Length(max=fraud_models.WORDS_CHARS, message=lazy_gettext("最多写 %(max)d 个字")),
        ],
        render_kw={"maxlength": fraud_models.WORDS_CHARS, "rows": 6},
    )


def facts(kind: SubjectKind, subject_id: uuid.UUID, known: Standing | None = None) -> dict[str, Any]:
    """What the templates of a rating ask for; `known` is how it stands, where that has been read."""
    now = clock.now()
    known = known or standing(db.session(), kind, subject_id, now)
    found, points = known.rating, trend(kind, known.events, now)
    return {
        "rating": found,
        "kind": kind.value,
        "subject_word": SUBJECTS[kind],
        "parts": queries.parts(found) if found else [],
        "few": found is None or queries.few_reviews(found),
        "gates": [gate for gate in criteria(kind).gates if found and gate.opens in found.reasons["gates"]],
        "criteria": criteria(kind),
        "points": points,
        "line": line_of(points),
        "entries": known.entries,
        "may_appeal": lambda event: may_appeal(event, now),
        "event_words": EVENTS,
        "appeal_states": APPEAL_STATES,
        "appeal_days": APPEAL_WITHIN.days,
        "decide_days": DECIDE_WITHIN.days,
        "effects": effects(),
    }


def own(door: str, kind: SubjectKind, subject_id: uuid.UUID, **more: Any) -> str:
    """The page on which somebody reads her own rating."""
    return render_template(
        "rating/own.html",
        base=f"{door}/base.html",
        door=door,
        charges=charges_against(db.session(), kind, subject_id) if kind in fraud.CHARGED else [],
        fraud_states=FRAUD_STATES,
        **facts(kind, subject_id),
        **more,
    )


def fraud_page(
    door: str, kind: SubjectKind, subject_id: uuid.UUID, charge_id: uuid.UUID, *, is_sent: bool
) -> Page:
    """What one is charged with, and the form of the answer. A charge against another is not found."""
    session, form = db.session(), AnswerForm()
    charged = next((it for it in charges_against(session, kind, subject_id) if it.id == charge_id), None)
    if charged is None:
        abort(404)

    def act() -> None:
        words = form.answer.data or ""
        fraud.answer(session, (kind, subject_id), current_user.id, charge_id, words, clock.now())

    if is_sent and attempt(form, act):
        flash(_("答复交上去了，由另一位同事来定"))
        return redirect(url_for(f"{door}.fraud", charge_id=charge_id), 303)
    page = render_template(
        "rating/fraud.html",
        base=f"{door}/base.html",
        door=door,
        charge=charged,
        form=form,
        states=FRAUD_STATES,
    )
    return (page, 422) if is_sent else page


def appeal_page(
    door: str,
    kind: SubjectKind,
    subject_id: uuid.UUID,
    county_code: str,
    event_id: uuid.UUID,
    *,
    is_sent: bool,
) -> Page:
    """The form of an appeal, or what came of it. An event of somebody else's rating is not found."""
    session, now = db.session(), clock.now()
    entry = queries.entry(session, kind, subject_id, event_id) or abort(404)
    form = AppealForm()

    def act() -> None:
        words = form.words.data or ""
        appeal(session, kind, subject_id, county_code, current_user.id, event_id, words, now)

    if is_sent and attempt(form, act):
        flash(_("申诉交上去了，%(days)s 天内由人来看，结果会告诉您", days=DECIDE_WITHIN.days))
        return redirect(url_for(f"{door}.rating"), 303)
    page = render_template(
        "rating/appeal.html",
        base=f"{door}/base.html",
        door=door,
        entry=entry,
        form=form,
        event_words=EVENTS,
        appeal_states=APPEAL_STATES,
        open_to_appeal=entry.appeal is None and may_appeal(entry.event, now),
        appeal_days=APPEAL_WITHIN.days,
        decide_days=DECIDE_WITHIN.days,
    )
    return (page, 422) if is_sent else page


def line_of(points: Sequence[Point]) -> str:
    """The points of an SVG polyline, evenly spaced, from 400 at the bottom to 1000 at the top."""
    if len(points) < 2:
        return ""
    step = WIDTH / (len(points) - 1)
    return " ".join(f"{index * step:.0f},{_height(point.score)}" for index, point in enumerate(points))


def _height(score: int) -> int:
    return HEIGHT - (max(score, _LOWEST_SHOWN) - _LOWEST_SHOWN) * HEIGHT // (1000 - _LOWEST_SHOWN)
