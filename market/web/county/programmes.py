"""Subsidy programmes: drafted by one operator, replayed on last month, published by another; pots."""

from datetime import time

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import InputRequired, NumberRange

from market.catalog.queries import categories
from market.insights.replay import replay
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.subsidies import draft, lottery, pots, queries
from market.subsidies.models import ProgrammeRow, ProgrammeState
from market.subsidies.schema import Issue
from market.web.county import bp
from market.web.county.programme_form import ProgrammeForm, WholeField, form_for, written
from market.web.day_field import DayField
from market.web.messages import sentence
from market.web.once import HEADER, once
from market.web.programme_text import facts, names_of
from market.web.refusals import show
from market.web.seals import seal_for
from market.web.text import local_name
from market.web.yuan_field import YuanField

Page = str | tuple[str, int] | Response
_SHOWN = 50
_LAST_SECOND = time(23, 59, 59)


class TopUpForm(FlaskForm):
    """How much the treasury gives."""

    amount_fen = YuanField(
        lazy_gettext("财政拨入（元）"),
        [InputRequired(lazy_gettext("请填拨入的金额"))],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )


class RoundForm(FlaskForm):
    """A draw: of what, how many, until when."""

    category = HiddenField()
    places = WholeField(
        lazy_gettext("摇出多少个名额"),
        [
            InputRequired(lazy_gettext("请填一个整数，例如 1")),
            NumberRange(1, 1_000_000, lazy_gettext("请填 1 到 1000000 个")),
        ],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    closes_on = DayField(
        lazy_gettext("登记的最后一天"), [InputRequired(lazy_gettext("请填日期，例如 2026-12-31"))]
    )


class PlacesForm(FlaskForm):
    """How many coupons of a category there are."""

    category = HiddenField()
    total = WholeField(
        lazy_gettext("一共多少个名额"),
        [
            InputRequired(lazy_gettext("请填一个整数，例如 1")),
            NumberRange(0, 1_000_000, lazy_gettext("请填 0 到 1000000 个")),
        ],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


@bp.get("/programmes")
def programmes() -> str:
    """Every programme the county may run, drafts first."""
    found = queries.county_programmes(db.session(), g.county_code)
    return render_template(
        "county/programmes.html",
        drafts=[row for row, _ in found if row.state is ProgrammeState.draft],
        published=[pair for pair in found if pair[0].state is ProgrammeState.published],
        now=clock.now(),
    )


@bp.get("/programmes/<programme_id>")
def programme(programme_id: str) -> str:
    """One version: its rules, its pot, and for a draft what it would have changed last month."""
    return _page(_found(programme_id))


@bp.post("/programmes/<programme_id>/draft")
@once("county.start_draft")
def start_draft(programme_id: str) -> Response:
    """Begin the next version."""
    row = draft.start_draft(db.session(), g.county_code, current_user.id, programme_id, clock.now())
    return redirect(url_for("county.edit_programme", programme_id=row.id), 303)


@bp.get("/programmes/<programme_id>/edit")
def edit_programme(programme_id: str) -> str:
    """The draft's form."""
    row = _draft(programme_id)
    return _form(row, form_for(row, _names()))


@bp.post("/programmes/<programme_id>/edit")
@once("county.write_draft")
def write_draft(programme_id: str) -> Page:
    """Keep what was written, and show what it would do."""
    row = _draft(programme_id)
    form = form_for(row, _names())
    if form.validate_on_submit():
        try:
            what = written(form, row)
            draft.write_draft(db.session(), g.county_code, current_user.id, programme_id, what, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("草稿已保存，请另一位同事看过再发布"))
            return redirect(url_for("county.programme", programme_id=programme_id), 303)
    return _form(row, form), 422


@bp.post("/programmes/<programme_id>/publish")
@once("county.publish_draft")
def publish_draft(programme_id: str) -> Response:
    """The second operator agrees."""
    try:
        draft.publish_draft(db.session(), g.county_code, current_user.id, programme_id, clock.now())
        flash(_("已发布，商品页上马上按新办法算"))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return redirect(url_for("county.programme", programme_id=programme_id), 303)


@bp.post("/programmes/<programme_id>/drop")
@once("county.drop_draft")
def drop_draft(programme_id: str) -> Response:
    """Throw the draft away."""
    try:
        draft.drop_draft(db.session(), g.county_code, programme_id)
        flash(_("草稿已删除"))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return redirect(url_for("county.programmes"), 303)


@bp.post("/programmes/<programme_id>/top-up")
@once("county.top_up")
def top_up(programme_id: str) -> Page:
    """More money from the treasury."""
    row, form = _found(programme_id), TopUpForm()
    if form.validate_on_submit():
        key = request.headers.get(HEADER) or request.form[HEADER]
        try:
            pots.top_up(db.session(), g.county_code, programme_id, form.amount_fen.data, key, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已记入资金池"))
            return redirect(url_for("county.programme", programme_id=programme_id), 303)
    return _page(row, top_up_form=form), 422


@bp.post("/programmes/<programme_id>/coupons")
@once("county.require_coupons")
def require_coupons(programme_id: str) -> Response:
    """Ask for coupons, or no longer."""
    choice = request.form.get("required")
    if choice not in ("yes", "no"):
        abort(404)
    try:
        pots.require_coupons(db.session(), g.county_code, programme_id, choice == "yes")
        flash(_("已保存"))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return redirect(url_for("county.programme", programme_id=programme_id), 303)


@bp.post("/programmes/<programme_id>/places")
@once("county.places")
def set_places(programme_id: str) -> Page:
    """How many coupons of a category."""
    row, form = _found(programme_id), PlacesForm()
    if form.validate_on_submit():
        try:
            pots.set_places(
                db.session(), g.county_code, programme_id, form.category.data or "", form.total.data
            )
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已保存"))
            return redirect(url_for("county.programme", programme_id=programme_id), 303)
    return _page(row, places_form=form), 422


@bp.post("/programmes/<programme_id>/rounds")
@once("county.open_round")
def open_round(programme_id: str) -> Page:
    """A draw of so many coupons."""
    row, form = _found(programme_id), RoundForm()
    if form.validate_on_submit():
        try:
            lottery.open_round(
                db.session(),
                g.county_code,
                current_user.id,
                programme_id,
                form.category.data or "",
                form.places.data,
                clock.at(form.closes_on.data, _LAST_SECOND),
                seal_for(lottery.SEAL_PURPOSE),
                clock.now(),
            )
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("登记已经开始，截止后自动开奖"))
            return redirect(url_for("county.programme", programme_id=programme_id), 303)
    return _page(row, round_form=form), 422


def _found(programme_id: str) -> ProgrammeRow:
    return queries.county_programme(db.session(), g.county_code, programme_id)


def _draft(programme_id: str) -> ProgrammeRow:
    row = _found(programme_id)
    return row if row.state is ProgrammeState.draft else abort(404)


def _names() -> dict[str, str]:
    """The categories that a programme can pay for, by the code it calls them."""
    return {
        kind.subsidy_category: local_name(kind)
        for kind in categories(db.session())
        if kind.subsidy_category is not None
    }


def _form(row: ProgrammeRow, form: ProgrammeForm) -> str:
    return render_template(
        "county/edit_programme.html", row=row, form=form, has_tiers=bool(row.rules.get("price_tiers"))
    )


def _page(
    row: ProgrammeRow,
    top_up_form: TopUpForm | None = None,
    places_form: PlacesForm | None = None,
    round_form: RoundForm | None = None,
) -> str:
    session, names, terms = db.session(), _names(), queries.parsed(row).coupons
    is_draft = row.state is ProgrammeState.draft
    return render_template(
        "county/programme.html",
        row=row,
        is_draft=is_draft,
        is_mine=row.drafted_by == current_user.id,
        facts=facts(row, names_of(categories(session))),
        replayed=replay(session, g.county_code, row, clock.now()) if is_draft else None,
        shown=_SHOWN,
        pot=queries.pot_of(session, g.county_code, row.id),
        has_coupons=terms is not None,
        by_lot=terms is not None and terms.issue is Issue.lottery,
        categories=queries.parsed(row).quantity_limits,
        names=names,
        pools=queries.pools(session, g.county_code, row.id),
        top_up_form=top_up_form or TopUpForm(formdata=None),
        places_form=places_form,
        round_form=round_form,
        blank_round=lambda category: RoundForm(formdata=None, category=category),
        blank_places=lambda category, total: PlacesForm(formdata=None, category=category, total=total),
    )
