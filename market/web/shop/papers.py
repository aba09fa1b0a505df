"""The shop's papers, its state with its history, and its holidays."""

from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from market.kernel import clock
from market.kernel.db import db
from market.shops.checklist import checklist
from market.shops.holiday import end_holiday, plan_holiday
from market.shops.papers import requirements
from market.shops.queries import changes_of, papers_of
from market.shops.submit_paper import submit_paper
from market.web import shop_text
from market.web.day_field import DayField
from market.web.once import once
from market.web.refusals import attempt
from market.web.shop import bp
from market.web.shop.forms import PICTURES
from market.web.shop.listings import Page

_DAY = InputRequired(lazy_gettext("请填日期，例如 2026-12-31"))


class PaperForm(FlaskForm):
    """A photo of a paper."""

    photo = FileField(
        lazy_gettext("拍一张清楚的照片"),
        [FileRequired(lazy_gettext("请拍一张照片"))],
        render_kw={"accept": PICTURES},
    )
    valid_to = DayField(lazy_gettext("有效到哪天"), [Optional()])


class HolidayForm(FlaskForm):
    """From when to when, and what buyers read."""

    first = DayField(lazy_gettext("从哪天起"), [_DAY])
    last = DayField(lazy_gettext("到哪天，含这天"), [_DAY])
    words = TextAreaField(
        lazy_gettext("给买家的一句话"),
        [DataRequired(lazy_gettext("请写一句话给买家看"))],
        description=lazy_gettext("例如“回乡过年，初八开门”。商品仍看得到，买不了"),
        render_kw={"rows": 2, "maxlength": 100},
    )


@bp.get("/papers")
def papers() -> str:
    """The checklist and what became of the shop."""
    return _page()


@bp.get("/papers/<kind>")
def paper(kind: str) -> Page:
    """Send one in."""
    return _paper_page(kind, PaperForm(formdata=None))


@bp.post("/papers/<kind>")
@once("shop.submit_paper")
def send_paper(kind: str) -> Page:
    """The photo of a paper."""
    form = PaperForm()

    def act() -> None:
        own = db.session(), g.shop.id, current_user.id, kind
        submit_paper(*own, form.photo.data.read(), form.valid_to.data, clock.now())

    if kind in requirements() and attempt(form, act):
        flash(_("已交，等县里看"))
        return redirect(url_for(".papers"), 303)
    return _paper_page(kind, form), 422


@bp.get("/papers/<kind>/photo")
def paper_photo(kind: str) -> Response:
    """The photo that the shop sent in."""
    found = papers_of(db.session(), g.shop.id).get(kind)
    if found is None or found.jpeg is None:
        abort(404)
    return make_response(found.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"})


@bp.post("/holiday")
@once("shop.plan_holiday")
def holiday() -> Page:
    """Close for some days."""
    form = HolidayForm()

    def act() -> None:
        days = form.first.data, form.last.data
        plan_holiday(db.session(), g.shop.id, current_user.id, *days, form.words.data or "", clock.now())

    if attempt(form, act):
        flash(_("已记下，到日子自动关门、开门"))
        return redirect(url_for(".papers"), 303)
    return _page(form), 422


@bp.post("/holiday/end", endpoint="end_holiday")
@once("shop.end_holiday")
def back_from_holiday() -> Response:
    """Open again."""
    end_holiday(db.session(), g.shop.id, current_user.id, clock.now())
    flash(_("已照常营业"))
    return redirect(url_for(".papers"), 303)


def _page(form: HolidayForm | None = None) -> str:
    session = db.session()
    return render_template(
        "shop/papers.html",
        items=checklist(session, g.shop),
        changes=changes_of(session, g.shop.id),
        form=form or HolidayForm(formdata=None),
        text=shop_text,
    )


def _paper_page(kind: str, form: PaperForm) -> str:
    requirement = requirements().get(kind) or abort(404)
    found = papers_of(db.session(), g.shop.id).get(kind)
    return render_template("shop/paper.html", it=requirement, paper=found, form=form, text=shop_text)
