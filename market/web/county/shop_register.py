"""The county's shops: their papers looked at one by one, the shops opened, stopped, closed."""

import uuid

from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.people.models import Account
from market.people.second_factor import in_force
from market.shops.change_state import change_state
from market.shops.checklist import checklist, unmet
from market.shops.decide_paper import DECISIONS, decide_paper
from market.shops.models import SHOP_STATES, PaperState, Shop, ShopState
from market.shops.papers import requirements
from market.shops.queries import changes_of, papers_of, shop_in_county, staff
from market.shops.queries import shops as shops_of_county
from market.web import shop_text
from market.web.county import bp
from market.web.once import once
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response
_DECIDE = {
    PaperState.accepted: lazy_gettext("通过"),
    PaperState.rejected: lazy_gettext("不通过"),
    PaperState.waived: lazy_gettext("不用交"),
}
_MOVES = {
    ShopState.open: lazy_gettext("开张营业"),
    ShopState.suspended: lazy_gettext("停业"),
    ShopState.closed: lazy_gettext("关门，不再开"),
}
_FIRST = (ShopState.in_review, ShopState.applied)


class PaperDecisionForm(FlaskForm):
    """What the county says of a paper."""

    to = RadioField(
        lazy_gettext("这份材料"),
        [InputRequired(lazy_gettext("请选一项"))],
        choices=[(to.value, _DECIDE[to]) for to in DECISIONS],
    )
    reason = TextAreaField(
        lazy_gettext("原因"),
        [Length(max=300, message=lazy_gettext("请写 300 个字以内"))],
        description=lazy_gettext("不通过或不用交时要写，店家看得到"),
        render_kw={"rows": 2, "maxlength": 300},
    )


class ShopStateForm(FlaskForm):
    """What becomes of a shop."""

    to = RadioField(lazy_gettext("改成"), [InputRequired(lazy_gettext("请选一项"))])
    reason = TextAreaField(
        lazy_gettext("原因"),
        [Length(max=300, message=lazy_gettext("请写 300 个字以内"))],
        description=lazy_gettext("停业和关门要写。关门后，还没交的货自动退给买家，交了的照送"),
        render_kw={"rows": 2, "maxlength": 300},
    )


@bp.get("/shops")
def shop_register() -> str:
    """Every shop, those that wait for the county first."""
    session = db.session()
    found = shops_of_county(session, g.county_code)
    rows = [(shop, _waiting(shop)) for shop in found]
    rows.sort(key=lambda row: (row[0].state not in _FIRST, not row[1]))
    return render_template("county/shops.html", shops=rows, text=shop_text)


@bp.get("/shops/<uuid:shop_id>")
def shop(shop_id: uuid.UUID) -> str:
    """One shop with its papers and its history."""
    return _page(_own(shop_id))


@bp.get("/shops/<uuid:shop_id>/papers/<kind>")
def shop_paper(shop_id: uuid.UUID, kind: str) -> str:
    """One paper, to be looked at."""
    return _paper_page(_own(shop_id), kind, PaperDecisionForm(formdata=None))


@bp.post("/shops/<uuid:shop_id>/papers/<kind>")
@once("county.decide_paper")
def decide_shop_paper(shop_id: uuid.UUID, kind: str) -> Page:
    """Accept, reject or waive it."""
    found, form = _own(shop_id), PaperDecisionForm()

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, shop_id, kind
        decide_paper(*own, PaperState(form.to.data), form.reason.data or "", clock.now())

    if attempt(form, act):
        flash(_("已记下"))
        return redirect(url_for("county.shop", shop_id=shop_id), 303)
    return _paper_page(found, kind, form), 422


@bp.get("/shops/<uuid:shop_id>/papers/<kind>/photo")
def shop_paper_photo(shop_id: uuid.UUID, kind: str) -> Response:
    """The photo of a paper."""
    paper = papers_of(db.session(), _own(shop_id).id).get(kind)
    if paper is None or paper.jpeg is None:
        abort(404)
    return make_response(paper.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"})


@bp.post("/shops/<uuid:shop_id>/state")
@once("county.change_shop_state")
def change_shop_state(shop_id: uuid.UUID) -> Page:
    """Open, stop or close it."""
    found = _own(shop_id)
    form = _state_form(found)

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, shop_id
        change_state(*own, ShopState(form.to.data), form.reason.data or "", clock.now())

    if attempt(form, act):
        flash(_("已记下"))
        return redirect(url_for("county.shop", shop_id=shop_id), 303)
    return _page(found, form), 422


def _own(shop_id: uuid.UUID) -> Shop:
    return shop_in_county(db.session(), g.county_code, shop_id) or abort(404)


def _waiting(found: Shop) -> int:
    papers = papers_of(db.session(), found.id).values()
    return sum(paper.state is PaperState.submitted for paper in papers)


def _state_form(found: Shop, **options: object) -> ShopStateForm:
    form = ShopStateForm(**options)
    form.to.choices = [(to.value, words) for to, words in _MOVES.items() if to in SHOP_STATES[found.state]]
    return form


def _page(found: Shop, form: ShopStateForm | None = None) -> str:
    session = db.session()
    return render_template(
        "county/shop.html",
        shop=found,
        items=checklist(session, found),
        missing=unmet(session, found),
        changes=changes_of(session, found.id),
        secured=[
            session.get_one(Account, it.account_id)
            for it in staff(session, found.id)
            if in_force(session, it.account_id)
        ],
        form=form or _state_form(found, formdata=None),
        text=shop_text,
    )


def _paper_page(found: Shop, kind: str, form: PaperDecisionForm) -> str:
    return render_template(
        "county/shop_paper.html",
        shop=found,
        it=requirements().get(kind) or abort(404),
        paper=papers_of(db.session(), found.id).get(kind),
        form=form,
        text=shop_text,
    )
