"""The appliances a person has at home, and how long each is safe."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from market.catalog.queries import CATEGORIES, categories
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.together import Together
from market.notices.choices import OPTED_OUT, choose
from market.orders.appliances import line_of_piece
from market.recalls.models import RecallUnit
from market.recalls.queries import UNITS_OF_ACCOUNT
from market.savings import appliances as use
from market.savings.models import Appliance
from market.savings.rules import age_years, light, started_on
from market.web.account import bp
from market.web.guards import signed_in
from market.web.once import once
from market.web.refusals import show
from market.web.text import local_name

Page = str | Response | tuple[str, int]
_MINE = Together(use.MINE, CATEGORIES, OPTED_OUT, UNITS_OF_ACCOUNT)


class ApplianceForm(FlaskForm):
    """What it is, and since when."""

    category_code = SelectField(lazy_gettext("哪一种"), [DataRequired(lazy_gettext("请选一种"))])
    name = StringField(
        lazy_gettext("叫什么"),
        [DataRequired(lazy_gettext("请填写这一项")), Length(1, 60, lazy_gettext("请写 1 到 60 个字"))],
        description=lazy_gettext("例如：厨房的冰箱"), render_kw={"maxlength": 60},
    )  # fmt: skip
    bought_on = DateField(lazy_gettext("哪天买的"), [Optional()])
    installed_on = DateField(
        lazy_gettext("哪天装好的"), [Optional()], description=lazy_gettext("要师傅装的，安全年限从这天算")
    )
    declared_life_years = IntegerField(
        lazy_gettext("铭牌写的安全年限"), [Optional(), NumberRange(1, 40, lazy_gettext("请填 1 到 40"))],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip


@bp.get("/appliances")
@signed_in
def appliances() -> str:
    """Hers, with the age and the safe life of each."""
    session, today = db.session(), clock.local_date(clock.now())
    mine, kinds, opted_out, units = _MINE.read(session, account_id=current_user.id, kind=use.TOPIC)
    rows = []
    for one in mine:
        start, years = started_on(one.bought_on, one.installed_on), use.life_years(one, today)
        age = age_years(start, today) if start else None
        rows.append((one, age, years, light(start, years, (), today)))
    return render_template(
        "account/appliances.html",
        rows=rows,
        kinds={kind.code: kind for kind in kinds},
        reminded=not opted_out,
        recalled=_recalled(mine, [unit for unit, *_its_recall in units]),
    )


@bp.get("/appliances/new")
@signed_in
def new_appliance() -> Page:
    """What to remember."""
    return _page(_of(ApplianceForm(formdata=None)), None)


@bp.post("/appliances/new")
@signed_in
@once("account.appliance")
def remember_appliance() -> Page:
    """Remember one."""
    form = _of(ApplianceForm())
    if form.validate_on_submit():
        try:
            use.remember(db.session(), current_user.id, _about(form), clock.now())
            flash(_("已记下"))
            return redirect(url_for("account.appliances"), 303)
        except Refused as refused:
            show(form, refused)
    return _page(form, None), 422


@bp.route("/appliances/<uuid:appliance_id>", methods=["GET", "POST"])
@signed_in
def edit_appliance(appliance_id: uuid.UUID) -> Page:
    """Correct one."""
    found = use.own(db.session(), current_user.id, appliance_id)
    form = _of(ApplianceForm(obj=found))
    if form.validate_on_submit():
        try:
            use.change(db.session(), current_user.id, appliance_id, _about(form), clock.now())
            db.session.commit()
            flash(_("已保存"))
            return redirect(url_for("account.appliances"), 303)
        except Refused as refused:
            show(form, refused)
    return _page(form, found), 422 if form.errors else 200


@bp.post("/appliances/<uuid:appliance_id>/remove")
@signed_in
def remove_appliance(appliance_id: uuid.UUID) -> Response:
    """It is gone."""
    use.remove(db.session(), current_user.id, appliance_id, clock.now())
    db.session.commit()
    flash(_("已删除"))
    return redirect(url_for("account.appliances"), 303)


@bp.post("/appliances/reminders")
@signed_in
def choose_reminders() -> Response:
    """Be reminded of safe lives, or not."""
    wanted = request.form.get("wanted") == "yes"
    choose(db.session(), current_user.id, use.TOPIC, wanted, clock.now())
    db.session.commit()
    flash(_("到期会提醒您") if wanted else _("不再提醒"))
    return redirect(url_for("account.appliances"), 303)


def _recalled(mine: Sequence[Appliance], units: Sequence[RecallUnit]) -> dict[uuid.UUID, list[RecallUnit]]:
    """Her recalled pieces by the appliance that they are."""
    of_line: dict[uuid.UUID | None, list[RecallUnit]] = defaultdict(list)
    for unit in units:
        of_line[unit.order_line_id].append(unit)
    lines = {one.id: line_of_piece(one.reference) for one in mine}
    return {one: of_line[line] for one, line in lines.items() if line is not None and line in of_line}


def _of(form: ApplianceForm) -> ApplianceForm:
    kinds = categories(db.session())
    form.category_code.choices = [("", "—"), *((kind.code, local_name(kind)) for kind in kinds)]
    return form


def _about(form: ApplianceForm) -> use.About:
    return use.About(
        form.category_code.data,
        form.name.data or "",
        form.bought_on.data,
        form.installed_on.data,
        form.declared_life_years.data,
    )


def _page(form: ApplianceForm, appliance: Appliance | None) -> str:
    return render_template("account/appliance.html", form=form, appliance=appliance)
