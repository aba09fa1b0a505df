"""The county's shops' groups: look at them, and call one off where a shop cannot keep its word."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from market.groups.close_group import cancel_by_county
from market.groups.queries import groups_in_county
from market.groups.states import GROUP_STATES
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.group_text import GROUPS
from market.web.once import once
from market.web.refusals import attempt
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response


class CancelForm(FlaskForm):
    """Why it is called off; those who joined read it."""

    reason = StringField(
        lazy_gettext("为什么取消（大家会看到）"),
        [Length(max=200)],
        render_kw={"maxlength": 200, "autocomplete": "off"},
    )
    shop_at_fault = BooleanField(
        lazy_gettext("是店里的责任：已经拼成的，定金双倍退，另一倍从店里的结算款出（民法典 587 条）")
    )


@bp.get("/groups")
def groups() -> str:
    """All of them, the newest first."""
    return _page({})


@bp.post("/groups/<uuid:group_id>/cancel")
@once("county.cancel_group")
def cancel_group(group_id: uuid.UUID) -> Page:
    """Call one off; deposits that no order has taken up go back."""
    form = CancelForm()

    def act() -> None:
        why = form.reason.data or ""
        at_fault = form.shop_at_fault.data
        cancel_by_county(db.session(), g.county_code, group_id, why, clock.now(), shop_at_fault=at_fault)

    if attempt(form, act):
        flash(_("已取消，定金会自己退给大家"))
        return redirect(url_for("county.groups"), 303)
    return _page({group_id: form}), 422


def _page(tried: dict[uuid.UUID, CancelForm]) -> str:
    return render_template(
        "county/groups.html",
        groups=groups_in_county(db.session(), g.county_code),
        states=GROUPS,
        is_over=GROUP_STATES.is_end,
        form_of=lambda owner: told_apart(tried.get(owner) or CancelForm(formdata=None), owner),
    )
