"""Give it back, exchange it, have it mended: three short steps from the order's page."""

import uuid
from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.aftersales import queries
from market.aftersales.jobs import freight_fen
from market.aftersales.models import Fault, Repair, ReturnRequest, Way
from market.aftersales.request_repair import Trouble, request_repair
from market.aftersales.request_return import Wish, is_made_to_order, request_return
from market.aftersales.rules import Ground, Remedy, comes_back, remedies
from market.aftersales.terms import in_force
from market.catalog.queries import listings_of_shop
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.ids import parse_id
from market.kernel.money import format_yuan
from market.orders.models import OrderLine
from market.orders.queries import line_of
from market.web.aftersales_text import GROUNDS, REMEDIES, warranty_sentence
from market.web.guards import signed_in
from market.web.once import once
from market.web.refusals import show
from market.web.storefront import bp
from market.web.storefront.aftersales_forms import RepairForm, ReturnForm

Page = str | tuple[str, int] | Response


@bp.get("/orders/lines/<uuid:line_id>/help")
@signed_in
def aftersales(line_id: uuid.UUID) -> str:
    """Step 1: what is the matter?"""
    line = _delivered(line_id)
    return render_template(
        "storefront/aftersales/start.html", line=line, grounds=GROUNDS, remedies=_open(line)
    )


@bp.get("/orders/lines/<uuid:line_id>/help/<ground>")
@signed_in
def aftersales_remedy(line_id: uuid.UUID, ground: str) -> str:
    """Step 2: what shall become of it?"""
    line, why = _delivered(line_id), _ground(ground)
    found = queries.warranty_of(db.session(), line, None, clock.now())
    terms = in_force(db.session(), line.snapshot["category_code"], clock.now())
    return render_template(
        "storefront/aftersales/remedy.html",
        line=line,
        ground=why,
        grounds=GROUNDS,
        remedies=[remedy for remedy in Remedy if remedy in _open(line)[why]],
        words=REMEDIES,
        warranty=warranty_sentence(found),
        terms=terms,
    )


@bp.route("/orders/lines/<uuid:line_id>/return/<ground>/<remedy>", methods=["GET", "POST"])
@signed_in
def ask_return(line_id: uuid.UUID, ground: str, remedy: str) -> Page:
    """Step 3: how many, a photo, how it comes back."""
    line, why = _delivered(line_id), _ground(ground)
    wanted = next((it for it in Remedy if it == remedy and it in _open(line)[why]), None) or abort(404)
    form = _return_form(line, why, wanted)
    return _posted(form, lambda: _asked(line, why, wanted, form)) or _return_page(line, why, wanted, form)


@bp.route("/orders/lines/<uuid:line_id>/repair", methods=["GET", "POST"])
@signed_in
def ask_repair(line_id: uuid.UUID) -> Page:
    """Step 3: what does not work, a photo, how it comes to the station."""
    line, form = _delivered(line_id), RepairForm()

    def ask() -> str:
        fault, way = Fault(form.fault.data), Way(form.way.data)
        trouble = Trouble(fault, form.words.data or "", way, form.pictures())
        made = request_repair(db.session(), current_user.id, line.id, trouble, clock.now())
        return page_of(made)

    return _posted(form, ask) or _repair_page(line, form)


def _posted(form: ReturnForm | RepairForm, ask: Callable[[], str]) -> Response | None:
    """What follows a form that was sent and is right; None where the page is to be shown."""
    return _send(form, ask) if form.is_submitted() else None


def _send(form: ReturnForm | RepairForm, ask: Callable[[], str]) -> Response | None:
    @once("aftersales.ask")
    def sent() -> Response | str:
        if form.validate():
            try:
                place = ask()
            except Refused as refused:
                show(form, refused)
            else:
                flash(_("已经提出，进展在这里看"))
                return redirect(place, 303)
        return ""

    answer = sent()
    return answer if answer.location else None


def _asked(line: OrderLine, ground: Ground, remedy: Remedy, form: ReturnForm) -> str:
    wish = Wish(
        ground=ground,
        remedy=remedy,
        quantity=form.quantity.data or 0,
        words=form.words.data or "",
        way=Way(form.way.data) if "way" in form else Way.bring,
        photos=form.pictures(),
        cut_fen=form.cut.data if "cut" in form else None,
        other_listing_id=parse_id(form.other_listing_id.data or "") if "other_listing_id" in form else None,
    )
    return page_of(request_return(db.session(), current_user.id, line.id, wish, clock.now()))


def _return_form(line: OrderLine, ground: Ground, remedy: Remedy) -> ReturnForm:
    """The form with only what this remedy asks for."""
    form = ReturnForm()
    form.other_listing_id.choices = [("", _("一样的")), *_others(line)]
    for name, wanted in (
        ("way", comes_back(ground, remedy)),
        ("cut", remedy is Remedy.price_cut),
        ("other_listing_id", remedy is Remedy.exchange),
    ):
        if not wanted:
            delattr(form, name)
    return form


def _others(line: OrderLine) -> list[tuple[str, str]]:
    """What else of the kind the same shop sells, with what it would cost more or less."""
    found = []
    for listing in listings_of_shop(db.session(), line.shop_order.shop_id):
        same_kind = listing.product.category_code == line.snapshot["category_code"]
        if same_kind and listing.is_for_sale and listing.id != line.listing_id:
            more_fen = listing.price_fen - (line.list_fen - line.shop_promotion_fen) // line.quantity
            found.append((str(listing.id), f"{listing.product.name_zh} {_difference(more_fen)}"))
    return found


def _difference(more_fen: int) -> str:
    yuan = format_yuan(abs(more_fen))
    return str(_("要补 ¥%(yuan)s", yuan=yuan) if more_fen > 0 else _("退您 ¥%(yuan)s", yuan=yuan))


def _return_page(line: OrderLine, ground: Ground, remedy: Remedy, form: ReturnForm) -> Page:
    page = render_template(
        "storefront/aftersales/return_form.html",
        line=line,
        form=form,
        ground=ground,
        remedy=remedy,
        grounds=GROUNDS,
        words=REMEDIES,
        freight_fen=freight_fen(line, 1) if ground is Ground.no_reason else 0,
    )
    return page, 422 if form.errors else 200


def _repair_page(line: OrderLine, form: RepairForm) -> Page:
    found = queries.warranty_of(db.session(), line, None, clock.now())
    page = render_template(
        "storefront/aftersales/repair_form.html", line=line, form=form, warranty=warranty_sentence(found)
    )
    return page, 422 if form.errors else 200


def page_of(case: ReturnRequest | Repair) -> str:
    """Where its buyer follows a case."""
    if isinstance(case, ReturnRequest):
        return url_for("storefront.return_", return_id=case.id)
    return url_for("storefront.repair", repair_id=case.id)


def _delivered(line_id: uuid.UUID) -> OrderLine:
    line = line_of(db.session(), current_user.id, line_id)
    return line if line and queries.delivered_at(line) else abort(404)


def _ground(code: str) -> Ground:
    return next((ground for ground in Ground if ground == code), None) or abort(404)


def _open(line: OrderLine) -> dict[Ground, frozenset[Remedy]]:
    """What may still be asked for, by ground."""
    at, made = queries.delivered_at(line) or clock.now(), is_made_to_order(line)
    return {ground: remedies(ground, at, clock.now(), made_to_order=made) for ground in Ground}
