"""What the county looks at: figures that warn, what inspections found, what comes from points."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from market.kernel import clock
from market.kernel.db import db
from market.oversight import inspect, queries
from market.oversight.rectify import report_rectified
from market.oversight.rules import thresholds
from market.web.once import once
from market.web.oversight_text import (
    FIGURES,
    INSPECTION_STATES,
    ITEMS,
    RECYCLER_STATES,
    SEVERITIES,
)
from market.web.recycler import bp
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response


class RectifiedForm(FlaskForm):
    """That it is put right, and a photo of it."""

    words = TextAreaField(
        lazy_gettext("怎么改的"), [Length(max=300)], render_kw={"maxlength": 300, "rows": 2}
    )
    photo = FileField(
        lazy_gettext("改好的照片"),
        [FileRequired(lazy_gettext("请拍一张照片"))],
        render_kw={"accept": "image/*", "capture": "environment"},
    )


@bp.get("/oversight")
def oversight() -> str:
    """Figures, findings and transfers."""
    return _page({})


@bp.post("/oversight/findings/<uuid:finding_id>")
@once("recycler.rectified")
def rectified(finding_id: uuid.UUID) -> Page:
    """Say that a finding is put right."""
    queries.finding_about(db.session(), g.recycler.id, finding_id)
    form = RectifiedForm()

    def act() -> None:
        words, photo = form.words.data or "", form.photo.data.read()
        report_rectified(db.session(), g.recycler, finding_id, words, photo, clock.now())

    if attempt(form, act):
        flash(_("已报给县里，等确认"))
        return redirect(url_for("recycler.oversight"), 303)
    return _page({finding_id: form}), 422


def _page(tried: dict[uuid.UUID, RectifiedForm]) -> str:
    session, now = db.session(), clock.now()
    visits = queries.published(session, g.recycler.id)
    return render_template(
        "recycler/oversight.html",
        alerts=queries.alerts_of(session, g.recycler.id, now),
        limits=thresholds(),
        visits=[(visit, inspect.findings(session, visit.id)) for visit in visits],
        form_of=lambda finding_id: _told_apart(
            tried.get(finding_id) or RectifiedForm(formdata=None), finding_id
        ),
        state=RECYCLER_STATES[g.recycler.state],
        figures=FIGURES,
        items=ITEMS,
        severities=SEVERITIES,
        visit_states=INSPECTION_STATES,
    )


def _told_apart(form: RectifiedForm, owner: uuid.UUID) -> RectifiedForm:
    """`form` with ids of its own, for a page that has it many times."""
    for field in form:
        field.id = f"{field.name}-{owner.hex}"
        field.label.field_id = field.id
    return form
