"""Recyclers in public: licences, what inspections found, the draws, and reports without a name."""

import uuid

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.ids import parse_id
from market.oversight import cases, inspect, queries
from market.oversight.draw_inspections import drawn_by
from market.oversight.models import ReportedCase
from market.oversight.states import PUBLIC, CaseKind
from market.places.models import County
from market.recycling.queries import in_register, is_licensed, register
from market.web.collection_text import kind_names
from market.web.limits import limiter
from market.web.once import once
from market.web.open import bp
from market.web.open.county import county_or_404
from market.web.oversight_text import (
    CASE_KINDS,
    CASE_STATES,
    INSPECTION_STATES,
    ITEMS,
    OUTCOMES,
    SEVERITIES,
)
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response


class ReportForm(FlaskForm):
    """What somebody saw. It asks for nothing about who they are."""

    recycler = SelectField(lazy_gettext("说的是哪一家"))
    kind = RadioField(
        lazy_gettext("什么事"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[(kind.value, words) for kind, words in CASE_KINDS.items()],
    )
    place = StringField(
        lazy_gettext("在哪里（可不填）"),
        [Length(max=120)],
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )
    words = TextAreaField(
        lazy_gettext("看到了什么"),
        [Length(max=1000)],
        description=lazy_gettext("10 个字以上。别写自己的姓名和电话"),
        render_kw={"maxlength": 1000, "rows": 5},
    )
    photos = MultipleFileField(
        lazy_gettext("照片（可不填）"),
        description=lazy_gettext("最多 3 张，照片里的拍摄地点会去掉"),
        render_kw={"accept": "image/*", "multiple": True},
    )


@bp.get("/<county_code>/recyclers/<uuid:recycler_id>")
def recycler(county_code: str, recycler_id: uuid.UUID) -> str:
    """One recycler: its licence, whether it may work, and what inspections found."""
    session, county = db.session(), county_or_404(county_code)
    found = in_register(session, county.code, recycler_id)
    visits = queries.published(session, found.id)
    return render_template(
        "open/recycler.html",
        county=county,
        recycler=found,
        may_take_in=is_licensed(found, clock.local_date(clock.now())),
        visits=[(visit, inspect.findings(session, visit.id)) for visit in visits],
        borne_out=queries.borne_out(session, found.id),
        names=kind_names(session),
        states=INSPECTION_STATES,
        items=ITEMS,
        severities=SEVERITIES,
    )


@bp.get("/findings/<uuid:finding_id>/photo")
def finding_photo(finding_id: uuid.UUID) -> Response:
    """The photo of a published finding."""
    found, visit = queries.finding(db.session(), finding_id)
    if visit.state not in PUBLIC or found.jpeg is None:
        abort(404)
    return make_response(found.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=86400"})


@bp.get("/<county_code>/inspections")
def inspections(county_code: str) -> str:
    """Every draw of recyclers and inspectors, with what anybody needs to repeat it."""
    session, county = db.session(), county_or_404(county_code)
    names = {it.licence_number: it.name for it in register(session, county.code)}
    draws = [(draw, drawn_by(draw)) for draw in queries.draws(session, county.code)]
    return render_template("open/inspections.html", county=county, draws=draws, names=names)


@bp.route("/<county_code>/report", methods=["GET", "POST"])
@limiter.limit("5 per hour", methods=["POST"])
def report(county_code: str) -> Page:
    """Report something; the answer is a number."""
    county = county_or_404(county_code)
    return _take(county.code) if request.method == "POST" else _report_page(county, _form(county.code, True))


@once("open.report")
def _take(county_code: str) -> Page:
    county, form, filed = county_or_404(county_code), _form(county_code, False), []

    def act() -> None:
        photos = [data for it in form.photos.data or () if it and (data := it.read())]
        what = CaseKind(form.kind.data), form.place.data or "", form.words.data or "", photos
        about = parse_id(form.recycler.data or "")
        filed.append(cases.file_case(db.session(), county_code, about, *what, clock.now()))

    if attempt(form, act):
        flash(_("收到了。请记下编号，凭它看答复：%(number)s", number=filed[0].number))
        return redirect(url_for("open.case", number=filed[0].number), 303)
    return _report_page(county, form), 422


@bp.get("/case")
@limiter.limit("60 per hour")
def case() -> Page:
    """What became of a report, for whoever has its number."""
    number = request.args.get("number", "").strip()
    found: ReportedCase | None = queries.case_by_number(db.session(), number) if number else None
    page = render_template(
        "open/case.html",
        number=number,
        case=found,
        kinds=CASE_KINDS,
        states=CASE_STATES,
        outcomes=OUTCOMES,
    )
    return (page, 404) if number and found is None else page


def _form(county_code: str, is_fresh: bool) -> ReportForm:
    form = ReportForm(formdata=None) if is_fresh else ReportForm()
    known = [(str(it.id), it.name) for it in register(db.session(), county_code)]
    form.recycler.choices = [("", _("不在名单上，或不知道")), *known]
    if is_fresh:
        form.recycler.data = request.args.get("recycler", "")
    return form


def _report_page(county: County, form: ReportForm) -> str:
    return render_template("open/report.html", county=county, form=form)
