"""Collection points and yards: how full, what is there, until when, and the truck that empties it."""

import uuid
from typing import Any

from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import (
    DecimalField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from market.collection import arrive, close_point, empty, keep_point, queries
from market.collection.keep_point import PointDraft
from market.collection.kinds import kinds
from market.collection.models import CollectionPoint
from market.collection.rules import CM3_PER_M3
from market.collection.states import PointKind, Why
from market.kernel import clock
from market.kernel.db import db
from market.people.models import Account
from market.places import queries as places
from market.places.rules import PositionSource
from market.web.collection_text import (
    ITEM_STATES,
    POINT_KINDS,
    POINT_STATES,
    TRANSFER_STATES,
    WHYS,
    bars,
    closed_reason,
    kind_names,
)
from market.web.county import bp
from market.web.day_field import DayField
from market.web.once import once
from market.web.refusals import attempt
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response
UNITS = "units_"
_required = DataRequired(lazy_gettext("请填写这一项"))
_DAY = [InputRequired(lazy_gettext("请填日期，例如 2026-12-31"))]
_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}


class PointForm(FlaskForm):
    """Everything the county says of a point but its room by kind, which `_form_class` adds."""

    name = StringField(lazy_gettext("名称"), [_required, Length(max=40)], render_kw={"maxlength": 40})
    kind = RadioField(
        lazy_gettext("哪一种"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[(kind.value, words) for kind, words in POINT_KINDS.items()],
    )
    township_code = SelectField(lazy_gettext("乡镇"))
    address = StringField(lazy_gettext("地址"), [_required, Length(max=120)], render_kw={"maxlength": 120})
    lat = FloatField(
        lazy_gettext("纬度（WGS-84）"),
        [Optional(), NumberRange(-90, 90)],
        description=lazy_gettext("经纬度都不填，就按乡镇估计"),
        render_kw=_DECIMAL,
    )
    lon = FloatField(lazy_gettext("经度（WGS-84）"), [Optional(), NumberRange(-180, 180)], render_kw=_DECIMAL)
    operator_name = StringField(
        lazy_gettext("谁在管"), [_required, Length(max=60)], render_kw={"maxlength": 60}
    )
    phone = StringField(lazy_gettext("电话"), [_required, Length(max=20)], render_kw={"type": "tel"})
    keeper_phone = StringField(
        lazy_gettext("收货人的账号手机号"),
        [Optional()],
        description=lazy_gettext("他登录后能扫码收货；没有就空着"),
        render_kw={"type": "tel", "maxlength": 20, "autocomplete": "off"},
    )
    licence_number = StringField(
        lazy_gettext("许可证或备案号"), [_required, Length(max=40)], render_kw={"maxlength": 40}
    )
    fire_cover = StringField(
        lazy_gettext("消防配备"),
        [_required, Length(max=120)],
        description=lazy_gettext("例如：干粉灭火器 4 具，沙箱 1 个"),
        render_kw={"maxlength": 120},
    )
    opens_on = DayField(lazy_gettext("哪天开"), _DAY)
    closes_on = DayField(lazy_gettext("收到哪天"), _DAY)
    capacity_m3 = DecimalField(
        lazy_gettext("一共放得下多少立方米"),
        [InputRequired(lazy_gettext("请填立方米数，例如 12"))],
        places=None,
        render_kw=_DECIMAL,
    )
    photo = FileField(
        lazy_gettext("照片"), [Optional()], render_kw={"accept": "image/*", "capture": "environment"}
    )


class CloseForm(FlaskForm):
    """Why a point closes before its date."""

    reason = StringField(
        lazy_gettext("关点的理由"),
        description=lazy_gettext("不再收货；约好的会取消并通知，点上的东西自动安排车来拉"),
        render_kw={"maxlength": 200},
    )


class ReopenForm(FlaskForm):
    """Until when it takes things in again."""

    closes_on = DayField(lazy_gettext("收到哪天"), _DAY)


class WordsForm(FlaskForm):
    """Where a difference comes from."""

    words = StringField(
        lazy_gettext("查到是什么原因"), [_required, Length(max=300)], render_kw={"maxlength": 300}
    )


@bp.get("/collection-points")
def collection_points() -> str:
    """Every point with how full it is, and what arrived otherwise than it left."""
    return _points({})


@bp.post("/collection-points/transfers/<uuid:transfer_id>")
@once("county.explain_transfer")
def explain_transfer(transfer_id: uuid.UUID) -> Page:
    """Say where a difference comes from."""
    form = WordsForm()

    def act() -> None:
        who = (db.session(), g.county_code, transfer_id)
        arrive.explain(*who, form.words.data or "", current_user.id, clock.now())

    if attempt(form, act):
        flash(_("已记下"))
        return redirect(url_for("county.collection_points"), 303)
    if all(it.id != transfer_id for it in arrive.differences(db.session(), g.county_code)):
        abort(404)
    return _points({transfer_id: form}), 422


def _points(tried: dict[uuid.UUID, WordsForm]) -> str:
    session = db.session()
    names = kind_names(session)
    found = queries.points(session, g.county_code)
    return render_template(
        "county/collection_points.html",
        points=[(point, bars(point, names)) for point in found],
        kinds=POINT_KINDS,
        states=POINT_STATES,
        reason=closed_reason,
        differences=arrive.differences(session, g.county_code),
        form_of=lambda owner: told_apart(tried.get(owner) or WordsForm(formdata=None), owner),
    )


@bp.get("/collection-points/new")
def new_point() -> str:
    """The form of a new point."""
    return _form(_point_form(formdata=None), None)


@bp.post("/collection-points/new")
@once("county.open_point")
def open_point() -> Page:
    """Open it."""
    form = _point_form()
    made: list[CollectionPoint] = []

    def act() -> None:
        args = _draft(form), form.keeper_phone.data or "", _photo(form), clock.now()
        made.append(keep_point.open_point(db.session(), g.county_code, *args))

    if attempt(form, act):
        return _done(made[0].id, _("收集点开了"))
    return _form(form, None), 422


@bp.get("/collection-points/<uuid:point_id>")
def collection_point(point_id: uuid.UUID) -> str:
    """One point: its load, what is there, its transfers."""
    return _page(_own(point_id))


@bp.get("/collection-points/<uuid:point_id>/edit")
def edit_point_form(point_id: uuid.UUID) -> str:
    """The form of a point."""
    found = _own(point_id)
    keeper = db.session.get(Account, found.keeper_id) if found.keeper_id else None
    typed: dict[str, Any] = {f"{UNITS}{room.kind}": room.capacity_units for room in found.room}
    typed |= {"capacity_m3": found.capacity_cm3 / CM3_PER_M3, "keeper_phone": keeper.phone if keeper else ""}
    return _form(_point_form(formdata=None, obj=found, data=typed), found)


@bp.post("/collection-points/<uuid:point_id>/edit")
@once("county.edit_point")
def edit_point(point_id: uuid.UUID) -> Page:
    """Correct or prolong it."""
    found, form = _own(point_id), _point_form()

    def act() -> None:
        args = _draft(form), form.keeper_phone.data or "", _photo(form), clock.now()
        keep_point.edit_point(db.session(), g.county_code, point_id, *args)

    if attempt(form, act):
        return _done(point_id, _("已改好"))
    return _form(form, found), 422


@bp.post("/collection-points/<uuid:point_id>/close")
@once("county.close_point")
def close_point_now(point_id: uuid.UUID) -> Page:
    """Take in no more, and have it emptied."""
    found, form = _own(point_id), CloseForm()

    def act() -> None:
        close_point.close_point(db.session(), g.county_code, point_id, form.reason.data or "", clock.now())

    if attempt(form, act):
        return _done(point_id, _("已关，点上的东西排进了下一批车"))
    return _page(found, close_form=form), 422


@bp.post("/collection-points/<uuid:point_id>/reopen")
@once("county.reopen_point")
def reopen_point(point_id: uuid.UUID) -> Page:
    """Take things in again."""
    found, form = _own(point_id), ReopenForm()

    def act() -> None:
        until = form.closes_on.data
        close_point.reopen_point(db.session(), g.county_code, point_id, until, clock.now())

    if attempt(form, act):
        return _done(point_id, _("又开了"))
    return _page(found, reopen_form=form), 422


@bp.post("/collection-points/<uuid:point_id>/empty")
@once("county.empty_point")
def empty_point(point_id: uuid.UUID) -> Response:
    """Have what is there fetched now."""
    made = empty.plan_emptying(db.session(), _own(point_id).id, Why.asked, clock.now())
    said = _("排了 %(n)s 车货，下一批车来拉", n=len(made)) if made else _("没有可以拉走的，或没有持证企业收")
    return _done(point_id, said)


@bp.get("/collection-points/<uuid:point_id>/photo")
def collection_point_photo(point_id: uuid.UUID) -> Response:
    """What it looks like."""
    found = _own(point_id)
    if found.jpeg is None:
        abort(404)
    return make_response(found.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=3600"})


def _own(point_id: uuid.UUID) -> CollectionPoint:
    return queries.point_in(db.session(), g.county_code, point_id)


def _form_class() -> type[PointForm]:
    """The form with one number for each kind of things."""
    names = kind_names(db.session())
    fields = {
        f"{UNITS}{kind}": IntegerField(
            names.get(kind, kind),
            [Optional(), NumberRange(0, 100_000)],
            render_kw={"inputmode": "numeric", "autocomplete": "off"},
        )
        for kind in kinds(db.session())
    }
    made: type[PointForm] = type("PointFormOfCounty", (PointForm,), fields)
    return made


def _point_form(**filled: Any) -> PointForm:
    """The form, as posted or `filled`, with the county's townships."""
    form = _form_class()(**filled)
    form.township_code.choices = [(it.code, it.name) for it in places.townships(db.session(), g.county_code)]
    return form


def _draft(form: PointForm) -> PointDraft:
    township = places.lineage_in_county(db.session(), form.township_code.data or g.county_code)
    rough = places.rough_position(*township)
    known = form.lat.data is not None and form.lon.data is not None
    units = {
        field.name.removeprefix(UNITS): field.data or 0 for field in form if field.name.startswith(UNITS)
    }
    return PointDraft(
        kind=PointKind(form.kind.data),
        township_code=form.township_code.data or "",
        name=form.name.data or "",
        address=form.address.data or "",
        lat=form.lat.data if known else rough.lat,
        lon=form.lon.data if known else rough.lon,
        position_source=PositionSource.surveyed if known else PositionSource.estimated,
        operator_name=form.operator_name.data or "",
        phone=form.phone.data or "",
        licence_number=form.licence_number.data or "",
        fire_cover=form.fire_cover.data or "",
        opens_on=form.opens_on.data,
        closes_on=form.closes_on.data,
        capacity_cm3=int(form.capacity_m3.data * CM3_PER_M3),
        units=units,
    )


def _photo(form: PointForm) -> bytes | None:
    return (form.photo.data.read() if form.photo.data else None) or None


def _done(point_id: uuid.UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("county.collection_point", point_id=point_id), 303)


def _form(form: PointForm, found: CollectionPoint | None) -> str:
    room = [field for field in form if field.name.startswith(UNITS)]
    return render_template("county/collection_point_form.html", form=form, point=found, room=room)


def _page(
    found: CollectionPoint, close_form: CloseForm | None = None, reopen_form: ReopenForm | None = None
) -> str:
    session = db.session()
    names = kind_names(session)
    return render_template(
        "county/collection_point.html",
        point=found,
        bars=bars(found, names),
        items=queries.items_at(session, found.id),
        transfers=queries.transfers_of(session, found.id),
        names=names,
        close_form=close_form or CloseForm(formdata=None),
        reopen_form=reopen_form or ReopenForm(formdata=None),
        kinds=POINT_KINDS,
        states=POINT_STATES,
        item_states=ITEM_STATES,
        transfer_states=TRANSFER_STATES,
        whys=WHYS,
        reason=closed_reason(found),
    )
