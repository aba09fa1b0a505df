"""双随机: announce draws, write visits down, publish them after a second look, follow what is put right."""

import uuid
from datetime import time

from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.oversight import draw_inspections, inspect, publish, queries, rectify
from market.oversight.models import Finding, Inspection
from market.oversight.states import InspectionState, Severity
from market.recycling.queries import in_register
from market.recycling.queries import register as recyclers_of
from market.web.county import bp
from market.web.county.programme_form import WholeField
from market.web.day_field import DayField
from market.web.once import once
from market.web.oversight_text import INSPECTION_STATES, ITEMS, SEVERITIES
from market.web.refusals import attempt
from market.web.seals import seal_for

Page = str | tuple[str, int] | Response
DRAW_HOUR = time(9)
_DAY = [InputRequired(lazy_gettext("请填日期，例如 2026-12-31"))]
_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
_WORDS = {"maxlength": 300, "rows": 3}


class DrawForm(FlaskForm):
    """How many are drawn, and when."""

    places = WholeField(
        lazy_gettext("抽几家企业"), [InputRequired(lazy_gettext("请填家数"))], render_kw=_NUMBER
    )
    inspectors_each = WholeField(
        lazy_gettext("每家抽几名检查员"), [InputRequired(lazy_gettext("请填人数"))], render_kw=_NUMBER
    )
    draws_at = DayField(lazy_gettext("哪天抽（上午九点）"), _DAY)


class FindingForm(FlaskForm):
    """Something wrong."""

    item = SelectField(lazy_gettext("哪一项"), choices=list(ITEMS.items()))
    severity = RadioField(
        lazy_gettext("多严重"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[(kind.value, words) for kind, (words, _look) in SEVERITIES.items()],
    )
    words = TextAreaField(lazy_gettext("查到什么"), [Length(max=300)], render_kw=_WORDS)
    due_on = DayField(lazy_gettext("哪天前改好"), _DAY)
    photo = FileField(
        lazy_gettext("现场照片"),
        description=lazy_gettext("较重和严重的一定要拍"),
        render_kw={"accept": "image/*", "capture": "environment"},
    )


class ConfirmForm(FlaskForm):
    """The result as a whole."""

    visited_on = DayField(lazy_gettext("哪天去的"), _DAY)
    summary = TextAreaField(lazy_gettext("检查结论"), [Length(max=300)], render_kw=_WORDS)


class SendBackForm(FlaskForm):
    """Why the second person does not publish it."""

    why = TextAreaField(lazy_gettext("退回的理由"), [Length(max=300)], render_kw=_WORDS)


@bp.get("/inspections")
def inspections() -> str:
    """What is overdue, what goes on, and the draws."""
    return _list(DrawForm(formdata=None))


@bp.post("/inspections/draws")
@once("county.announce_draw")
def announce_draw() -> Page:
    """Publish who may be drawn, and the seed's hash."""
    form = DrawForm()

    def act() -> None:
        numbers = form.places.data, form.inspectors_each.data
        at = clock.at(form.draws_at.data, DRAW_HOUR)
        own = db.session(), g.county_code, current_user.id
        draw_inspections.announce(*own, *numbers, at, seal_for(draw_inspections.SEAL_PURPOSE), clock.now())

    if attempt(form, act):
        flash(_("已公布名单和种子的 SHA-256，到时自动抽"))
        return redirect(url_for("county.inspections"), 303)
    return _list(form), 422


@bp.get("/inspections/<uuid:inspection_id>")
def inspection(inspection_id: uuid.UUID) -> str:
    """One visit."""
    return _page(_own(inspection_id))


@bp.post("/inspections/<uuid:inspection_id>/findings")
@once("county.add_finding")
def add_finding(inspection_id: uuid.UUID) -> Page:
    """Write down what is wrong."""
    visit, form = _own(inspection_id), FindingForm()

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, inspection_id
        what = form.item.data, Severity(form.severity.data), form.words.data or "", form.due_on.data
        photo = (form.photo.data.read() if form.photo.data else None) or None
        inspect.add_finding(*own, *what, photo, clock.now())

    if attempt(form, act):
        return _done(inspection_id, _("已记下"))
    return _page(visit, finding_form=form), 422


@bp.post("/findings/<uuid:finding_id>/drop")
@once("county.drop_finding")
def drop_finding(finding_id: uuid.UUID) -> Response:
    """Take it out of the draft."""
    visit = inspect.drop_finding(db.session(), g.county_code, current_user.id, finding_id)
    return _done(visit.id, _("已去掉"))


@bp.post("/inspections/<uuid:inspection_id>/confirm")
@once("county.confirm_inspection")
def confirm_inspection(inspection_id: uuid.UUID) -> Page:
    """The inspector stands by it."""
    visit, form = _own(inspection_id), ConfirmForm()

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, inspection_id
        inspect.confirm(*own, form.visited_on.data, form.summary.data or "", clock.now())

    if attempt(form, act):
        return _done(inspection_id, _("已交，等另一个人复核公布"))
    return _page(visit, confirm_form=form), 422


@bp.post("/inspections/<uuid:inspection_id>/send-back")
@once("county.send_inspection_back")
def send_inspection_back(inspection_id: uuid.UUID) -> Page:
    """The second person does not agree."""
    visit, form = _own(inspection_id), SendBackForm()

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, inspection_id
        publish.send_back(*own, form.why.data or "")

    if attempt(form, act):
        return _done(inspection_id, _("已退回给检查员"))
    return _page(visit, back_form=form), 422


@bp.post("/inspections/<uuid:inspection_id>/publish")
@once("county.publish_inspection")
def publish_inspection(inspection_id: uuid.UUID) -> Response:
    """Put it before the public."""
    publish.publish(db.session(), g.county_code, current_user.id, inspection_id, clock.now())
    return _done(inspection_id, _("已公布"))


@bp.post("/findings/<uuid:finding_id>/accept")
@once("county.accept_rectification")
def accept_rectification(finding_id: uuid.UUID) -> Response:
    """It is put right."""
    visit = rectify.accept_report(db.session(), g.county_code, finding_id, clock.now())
    return _done(visit.id, _("已确认改好"))


@bp.post("/findings/<uuid:finding_id>/refuse")
@once("county.refuse_rectification")
def refuse_rectification(finding_id: uuid.UUID) -> Response:
    """It is not."""
    visit = rectify.refuse_report(db.session(), g.county_code, finding_id, clock.now())
    return _done(visit.id, _("已告诉企业还没改好"))


@bp.post("/inspections/<uuid:inspection_id>/close")
@once("county.close_inspection")
def close_inspection(inspection_id: uuid.UUID) -> Response:
    """It is over."""
    rectify.close(db.session(), g.county_code, inspection_id, clock.now())
    return _done(inspection_id, _("已办结"))


@bp.get("/findings/<uuid:finding_id>/photos/<which>")
def finding_photo(finding_id: uuid.UUID, which: str) -> Response:
    """What was found, or that it is put right."""
    found, visit = queries.finding(db.session(), finding_id)
    jpeg = {"found": found.jpeg, "fixed": found.fixed_jpeg}.get(which)
    if visit.county_code != g.county_code or jpeg is None:
        abort(404)
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"})


def _own(inspection_id: uuid.UUID) -> Inspection:
    return queries.inspection(db.session(), g.county_code, inspection_id)


def _done(inspection_id: uuid.UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("county.inspection", inspection_id=inspection_id), 303)


def _list(form: DrawForm) -> str:
    session = db.session()
    return render_template(
        "county/inspections.html",
        overdue=queries.overdue(session, g.county_code),
        visits=queries.inspections(session, g.county_code),
        draws=queries.draws(session, g.county_code),
        names={it.id: it.name for it in recyclers_of(session, g.county_code)},
        form=form,
        states=INSPECTION_STATES,
        items=ITEMS,
    )


def _page(
    visit: Inspection,
    finding_form: FindingForm | None = None,
    confirm_form: ConfirmForm | None = None,
    back_form: SendBackForm | None = None,
) -> str:
    session = db.session()
    found: list[Finding] = inspect.findings(session, visit.id)
    is_own = str(current_user.id) in visit.inspector_ids
    return render_template(
        "county/inspection.html",
        visit=visit,
        recycler=in_register(session, g.county_code, visit.recycler_id),
        findings=found,
        writes=is_own and visit.state is InspectionState.draft,
        reviews=not is_own and visit.state is InspectionState.confirmed,
        finding_form=finding_form or FindingForm(formdata=None),
        confirm_form=confirm_form or ConfirmForm(formdata=None, obj=visit),
        back_form=back_form or SendBackForm(formdata=None),
        states=INSPECTION_STATES,
        items=ITEMS,
        severities=SEVERITIES,
    )
