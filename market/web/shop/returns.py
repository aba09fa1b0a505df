"""The shop's returns: answer in time, count what came, look at it, give what is due."""

import uuid
from collections.abc import Callable

from flask import flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from market.aftersales import queries
from market.aftersales.answer_return import approve_return, refuse_return
from market.aftersales.exchange import refund_instead, send_new
from market.aftersales.models import Found, ReturnRequest
from market.aftersales.take_in_return import Seen, accept_goods, object_to_goods, receive_return
from market.inventory.come_back import serials_of
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.payments.models import Refund
from market.web.aftersales_text import FOUND, GROUNDS, REMEDIES, pill_kind, state_at_work, trail_of
from market.web.once import once
from market.web.refunds import STATES
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.listings import Page
from market.web.yuan_field import YuanField

_off = {"autocomplete": "off"}
_reason = {"maxlength": 300, "rows": 2}


WRONG = (Found.used, Found.damaged, Found.incomplete, Found.wrong)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class ApproveForm(FlaskForm):
    """Agree; who bears the freight, or how much cheaper."""

    shop_bears_freight = BooleanField(lazy_gettext("运费店里出"))
    cut = YuanField(lazy_gettext("便宜多少（元）"), [Optional()], render_kw={"inputmode": "decimal", **_off})


class RefuseForm(FlaskForm):
    """Why not."""

    reason = TextAreaField(
        lazy_gettext("为什么不同意"), [Length(max=300)], description=lazy_gettext("买家看得到"),
        render_kw=_reason,
    )  # fmt: skip


class ReceiveForm(FlaskForm):
    """What came."""

    quantity = IntegerField(
        lazy_gettext("收到几件"), [InputRequired(lazy_gettext("请填几件"))],
        render_kw={"inputmode": "numeric", "min": 1},
    )  # fmt: skip


class InspectForm(FlaskForm):
    """What was seen, and what becomes of it."""

    found = RadioField(
        lazy_gettext("验出来"), [DataRequired(lazy_gettext("请选一个"))],
        choices=[(found.value, word) for found, word in FOUND.items()],
    )  # fmt: skip
    sellable = IntegerField(
        lazy_gettext("还能再卖的件数"), [InputRequired(lazy_gettext("请填几件，没有填 0"))],
        render_kw={"inputmode": "numeric", "min": 0},
    )  # fmt: skip
    write_off_reason = TextAreaField(
        lazy_gettext("不能再卖的，为什么"), [Optional(), Length(max=300)], render_kw=_reason
    )
    serials = TextAreaField(
        lazy_gettext("退回的序列号"), [Optional()], description=lazy_gettext("一行一个，照机身抄"),
        render_kw={"rows": 2, **_off},
    )  # fmt: skip


class ObjectForm(FlaskForm):
    """Something is wrong with what came."""

    wrong = RadioField(
        lazy_gettext("哪里不对"), [DataRequired(lazy_gettext("请选一个"))],
        choices=[(found.value, FOUND[found]) for found in WRONG],
    )  # fmt: skip
    reason = TextAreaField(lazy_gettext("说清楚"), [Length(max=300)], render_kw=_reason)
    photos = FileField(lazy_gettext("拍照片"), render_kw={"accept": "image/*", "capture": "environment"})


class SendForm(FlaskForm):
    """Which new piece goes out, and whose place it takes."""

    old_serials = TextAreaField(lazy_gettext("退回的序列号"), [Optional()], render_kw={"rows": 1, **_off})
    serials = TextAreaField(
        lazy_gettext("换给买家的序列号"), [Optional()], description=lazy_gettext("一行一个，照机身抄"),
        render_kw={"rows": 1, **_off},
    )  # fmt: skip


FORMS: dict[str, type[FlaskForm]] = {
    "approve": ApproveForm,
    "refuse": RefuseForm,
    "receive": ReceiveForm,
    "inspect": InspectForm,
    "object": ObjectForm,
    "send": SendForm,
}


@bp.get("/returns")
def returns() -> str:
    """What is open, what is due first; and what is being mended of the shop's goods."""
    session = db.session()
    return render_template(
        "shop/returns.html",
        returns=queries.returns_of_shop(session, g.shop.id),
        repairs=queries.repairs_of_shop(session, g.shop.id),
        remedies=REMEDIES,
        grounds=GROUNDS,
        state_word=state_at_work,
        pill_kind=pill_kind,
        now=clock.now(),
    )


@bp.get("/returns/<uuid:return_id>")
def return_(return_id: uuid.UUID) -> str:
    """One return: what, why, and what to do now."""
    return _page(queries.shop_return(db.session(), g.shop.id, return_id), None)


@bp.get("/returns/<uuid:return_id>/photos/<uuid:photo_id>")
def return_photo(return_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of a return."""
    case = queries.shop_return(db.session(), g.shop.id, return_id)
    jpeg = queries.photo(db.session(), case.reference, photo_id).jpeg
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})


@bp.post("/returns/<uuid:return_id>/approve")
@once("shop.return_approve")
def approve(return_id: uuid.UUID) -> Page:
    """Agree."""
    form = ApproveForm()

    def act() -> None:
        bears, cut_fen = bool(form.shop_bears_freight.data), form.cut.data
        approve_return(
            db.session(), g.shop.id, return_id, clock.now(), shop_bears_freight=bears, cut_fen=cut_fen
        )

    return _try(return_id, form, act, _("已同意，买家会收到通知"))


@bp.post("/returns/<uuid:return_id>/refuse")
@once("shop.return_refuse")
def refuse(return_id: uuid.UUID) -> Page:
    """Do not agree."""
    form = RefuseForm()

    def act() -> None:
        refuse_return(db.session(), g.shop.id, return_id, form.reason.data or "", clock.now())

    return _try(return_id, form, act, _("已答复，买家可以请县里来评"))


@bp.post("/returns/<uuid:return_id>/receive")
@once("shop.return_receive")
def receive(return_id: uuid.UUID) -> Page:
    """Count what came."""
    form = ReceiveForm()

    def act() -> None:
        receive_return(db.session(), g.shop.id, return_id, form.quantity.data, clock.now())

    return _try(return_id, form, act, _("已收货，请在七天内办完"))


@bp.post("/returns/<uuid:return_id>/inspect")
@once("shop.return_inspect")
def inspect(return_id: uuid.UUID) -> Page:
    """Take it back."""
    form = InspectForm()

    def act() -> None:
        seen = Seen(
            Found(form.found.data),
            form.sellable.data,
            form.write_off_reason.data or "",
            _lines(form.serials.data),
        )
        accept_goods(db.session(), g.shop.id, current_user.id, return_id, seen, clock.now())

    return _try(return_id, form, act, _("已验收"))


@bp.post("/returns/<uuid:return_id>/object")
@once("shop.return_object")
def object_(return_id: uuid.UUID) -> Page:
    """Ask the county."""
    form = ObjectForm()

    def act() -> None:
        data = form.photos.data.read() if form.photos.data else b""
        photos, found, reason = [data] if data else [], Found(form.wrong.data), form.reason.data or ""
        object_to_goods(db.session(), g.shop.id, return_id, found, reason, photos, clock.now())

    return _try(return_id, form, act, _("已转给县服务中心"))


@bp.post("/returns/<uuid:return_id>/send")
@once("shop.return_send")
def send(return_id: uuid.UUID) -> Page:
    """The new piece goes to the hub."""
    form = SendForm()

    def act() -> None:
        old, new = _lines(form.old_serials.data), _lines(form.serials.data)
        send_new(db.session(), g.shop.id, return_id, old, new, clock.now())

    return _try(return_id, form, act, _("已登记，请送到共配中心"))


@bp.post("/returns/<uuid:return_id>/refund-instead")
@once("shop.return_refund_instead")
def refund_return_instead(return_id: uuid.UUID) -> Response:
    """There is no more of it."""
    refund_instead(db.session(), g.shop.id, return_id, clock.now())
    flash(_("改成退款，已交给县里批准"))
    return redirect(url_for("shop.return_", return_id=return_id), 303)


def _try(return_id: uuid.UUID, form: FlaskForm, act: Callable[[], None], done: str) -> Page:
    """Do it and come back, or show the page with what was typed and why not."""
    case = queries.shop_return(db.session(), g.shop.id, return_id)
    if form.validate_on_submit():
        try:
            act()
            flash(done)
            return redirect(url_for("shop.return_", return_id=return_id), 303)
        except Refused as refused:
            show(form, refused)
    return _page(case, form), 422


def _page(case: ReturnRequest, tried: FlaskForm | None) -> str:
    session = db.session()
    own: dict[str, dict[str, int | None]] = {
        "receive": {"quantity": case.quantity},
        "inspect": {"sellable": case.received_quantity or 0},
        "approve": {"cut": case.cut_fen},
    }
    forms = {
        name: tried if isinstance(tried, kind) else kind(formdata=None, **own.get(name, {}))
        for name, kind in FORMS.items()
    }
    return render_template(
        "shop/return.html",
        case=case,
        forms=forms,
        grounds=GROUNDS,
        remedies=REMEDIES,
        found_words=FOUND,
        state_word=state_at_work(case),
        pill_kind=pill_kind(case),
        steps=trail_of(case, queries.steps(session, case.reference), is_at_work=True),
        photos=queries.photos(session, case.reference),
        serials=serials_of(session, case.line.reference),
        refund=session.get(Refund, case.refund_id) if case.refund_id else None,
        refund_states=STATES,
    )
