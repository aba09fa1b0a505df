"""Plan fairs and vans' rounds, print their posters, call one off."""

import re
import uuid
from datetime import date, time

from flask import flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from market.fairs import queries
from market.fairs.models import FairKind
from market.fairs.plan_fair import FairDraft, cancel_fair, plan_fair
from market.fairs.rules import StopDraft
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound
from market.places import queries as places
from market.web.county import bp
from market.web.fair_poster import poster
from market.web.fair_text import FAIRS, KINDS
from market.web.once import once
from market.web.refusals import attempt
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response
_STOP = re.compile(r"(\d{4}-\d\d?-\d\d?)\s+(\d\d?:\d\d)\s*[-–—~至到]\s*(\d\d?:\d\d)\s+(\S+)\s+(\S.*)")


class FairForm(FlaskForm):
    """What is planned: a stop on each line."""

    kind = RadioField(
        _("办什么"), choices=[(kind.value, text) for kind, text in KINDS.items()], default=FairKind.fair.value
    )
    title = StringField(
        _("名称"), [InputRequired(_("请填写这一项")), Length(2, 40, _("请写 2 到 40 个字"))],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    stops = TextAreaField(
        _("每站一行：日期 起止时间 村镇 地点"),
        [InputRequired(_("请填写这一项"))],
        description=_("例如：2026-12-05 9:00-11:30 焕古镇大连村 村委会门口"),
        render_kw={"rows": 6},
    )

    def validate_stops(self, field: TextAreaField) -> None:
        """Every line is read, or the first that is not is named."""
        for number, line in enumerate(_lines(field.data), 1):
            if _stop(line) is None:
                raise ValidationError(gettext("第 %(n)s 行看不懂，请照例子写，村镇写全名", n=number))

    @property
    def draft(self) -> FairDraft:
        """What was typed."""
        stops = [stop for line in _lines(self.stops.data) if (stop := _stop(line))]
        return FairDraft(FairKind(self.kind.data), self.title.data, stops)


class CancelForm(FlaskForm):
    """Why it does not take place."""

    reason = StringField(
        _("为什么取消"), [Length(max=200)], render_kw={"maxlength": 200, "autocomplete": "off"}
    )


@bp.get("/fairs")
def fairs() -> str:
    """All of them, the latest first."""
    return _page({})


@bp.get("/fairs/new")
def new_fair() -> str:
    """An empty form."""
    return render_template("county/new_fair.html", form=FairForm())


@bp.post("/fairs/new")
@once("county.plan_fair")
def make_fair() -> Page:
    """Plan it, or show what stands in the way."""
    form = FairForm()
    if attempt(form, lambda: plan_fair(db.session(), g.county_code, form.draft, clock.now())):
        flash(gettext("排好了，店铺可以报名带货"))
        return redirect(url_for("county.fairs"), 303)
    return render_template("county/new_fair.html", form=form), 422


@bp.post("/fairs/<uuid:fair_id>/cancel")
@once("county.cancel_fair")
def call_fair_off(fair_id: uuid.UUID) -> Page:
    """It does not take place."""
    form = CancelForm()

    def act() -> None:
        cancel_fair(db.session(), g.county_code, fair_id, form.reason.data or "", clock.now())

    if attempt(form, act):
        flash(gettext("已取消，留的货已放回各店库存"))
        return redirect(url_for("county.fairs"), 303)
    return _page({fair_id: form}), 422


@bp.get("/fairs/<uuid:fair_id>/poster.pdf")
def fair_poster(fair_id: uuid.UUID) -> Response:
    """The poster, to print."""
    fair = queries.fair_of_county(db.session(), g.county_code, fair_id)
    county = places.county(db.session(), g.county_code)
    if county is None:
        raise NotFound
    pdf = poster(
        fair, county.phone, lambda stop: url_for("storefront.fair_stop", stop_id=stop.id, _external=True)
    )
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="poster.pdf"'
    return answer


def _page(tried: dict[uuid.UUID, CancelForm]) -> str:
    return render_template(
        "county/fairs.html",
        fairs=queries.fairs_in_county(db.session(), g.county_code),
        states=FAIRS,
        kinds=KINDS,
        form_of=lambda owner: told_apart(tried.get(owner) or CancelForm(formdata=None), owner),
    )


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _stop(line: str) -> StopDraft | None:
    """The stop that a line says, None where it cannot be read."""
    found = _STOP.fullmatch(line)
    if found is None:
        return None
    try:
        year, month, day_of_month = map(int, found[1].split("-"))
        day = date(year, month, day_of_month)
        first, last = (time.fromisoformat(hour.zfill(5)) for hour in (found[2], found[3]))
    except ValueError:
        return None
    code = _region_code(found[4])
    return StopDraft(code, found[5], clock.at(day, first), clock.at(day, last)) if code else None


def _region_code(name: str) -> str | None:
    """The township, or the village in it, that is written in full."""
    for township in places.townships(db.session(), g.county_code):
        if name == township.name:
            return township.code
        if name.startswith(township.name):
            rest = name.removeprefix(township.name)
            villages = places.villages(db.session(), township.code)
            return next((it.code for it in villages if it.name.startswith(rest)), None)
    return None
