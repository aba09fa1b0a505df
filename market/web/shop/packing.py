"""What to pack today, by cut-off: confirm, pack and hand to the hub, each several at once by scan."""

from collections.abc import Callable, Sequence

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from market.kernel import clock
from market.kernel.db import db
from market.orders.models import Fulfillment, ShopOrder
from market.orders.pack import Load, Outcome, confirm_all, hand_over_all, loads, pack_all
from market.orders.queries import shop_orders
from market.orders.scans import MOST_SCANS, read_scans
from market.places.models import County
from market.web.messages import sentence
from market.web.once import once
from market.web.qr import qr
from market.web.shop import bp
from market.web.shop.listings import Page

# What a cookie holds of a refusal each; the rest is told by number.
_MOST_SAID = 10


class ScansForm(FlaskForm):
    """What the scanner typed."""

    scans = TextAreaField(
        lazy_gettext("扫标签，一行一个"),
        [DataRequired(lazy_gettext("请先扫标签，或照标签打号码"))],
        render_kw={"rows": 6, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


@bp.get("/pack")
def packing() -> str:
    """Confirm and pack, the oldest cut-off first."""
    return _page("shop/packing.html", ScansForm(formdata=None))


@bp.post("/pack/confirm")
@once("shop.confirm_several")
def confirm_several() -> Response:
    """Confirm those that were ticked."""
    labels = request.form.getlist("number")[:MOST_SCANS]
    _tell(confirm_all(db.session(), g.shop.id, labels, clock.now()), _("已接 %(n)s 单"))
    return redirect(url_for(".packing"), 303)


@bp.post("/pack")
@once("shop.pack")
def pack_scanned() -> Page:
    """Pack what was scanned."""
    form = ScansForm()
    if not form.validate_on_submit():
        return _page("shop/packing.html", form), 422
    scans = read_scans(form.scans.data or "")
    done = pack_all(db.session(), g.shop.id, scans, current_user.id, clock.now())
    _tell(done, _("已包好 %(n)s 单"))
    return redirect(url_for(".packing"), 303)


@bp.get("/pack/labels")
def labels() -> str:
    """The labels of those that were ticked, or of all, several to a sheet of paper."""
    asked = set(request.args.getlist("number")[:MOST_SCANS])
    waiting = shop_orders(db.session(), g.shop.id, (Fulfillment.confirmed,), limit=MOST_SCANS)
    found = [it for it in waiting if not asked or it.number in asked]
    return render_template("shop/labels.html", labels=[(it, qr(it.number, scale=7)) for it in found])


@bp.get("/hand-over")
def hand_overs() -> str:
    """What is packed and goes to the hub."""
    return _page("shop/hand_over.html", ScansForm(formdata=None))


@bp.post("/hand-over")
@once("shop.scan_out")
def scan_out() -> Page:
    """Hand over what was scanned."""
    form = ScansForm()
    if not form.validate_on_submit():
        return _page("shop/hand_over.html", form), 422
    scans = read_scans(form.scans.data or "")
    _tell(hand_over_all(db.session(), g.shop.id, scans, _county(), clock.now()), _("已交出 %(n)s 单"))
    return redirect(url_for(".hand_overs"), 303)


def _tell(outcomes: Sequence[Outcome], done: str) -> None:
    refused = [it.refused for it in outcomes if it.refused]
    if len(outcomes) > len(refused):
        flash(done % {"n": len(outcomes) - len(refused)})
    for one in refused[:_MOST_SAID]:
        flash(sentence(one), "bad")
    if len(refused) > _MOST_SAID:
        flash(_("还有 %(n)s 个没办成，请少扫几个再试", n=len(refused) - _MOST_SAID), "bad")


def _county() -> County:
    return db.session.get_one(County, g.shop.county_code)


def _page(template: str, form: ScansForm) -> str:
    waiting = loads(db.session(), g.shop.id, _county())
    return render_template(
        template,
        loads=waiting,
        to_confirm=_count(waiting, lambda it: it.state is Fulfillment.placed),
        to_pack=_count(waiting, lambda it: it.state is Fulfillment.confirmed and not it.packed_at),
        packed=_count(waiting, lambda it: bool(it.packed_at)),
        county=_county(),
        now=clock.now(),
        form=form,
    )


def _count(waiting: Sequence[Load], wanted: Callable[[ShopOrder], bool]) -> int:
    return sum(wanted(order) for load in waiting for order in load.orders)
