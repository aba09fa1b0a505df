"""The form on which money back is asked for, and the words for what becomes of it."""

import uuid

from flask import request
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders.models import ShopOrder
from market.payments import refund
from market.payments.models import Bearer, Refund, RefundKind, RefundState
from market.payments.refund import REASON_LENGTH, Wanted
from market.web.once import HEADER
from market.web.refusals import show
from market.web.yuan_field import YuanField

ALL = "all"
KINDS = {
    RefundKind.unclaimed: _("多付的钱"),
    RefundKind.undone: _("没送的货"),
    RefundKind.returned: _("退货"),
    RefundKind.reduced: _("降价，货留下"),
    RefundKind.goodwill: _("补偿，货留下"),
    RefundKind.deposit: _("拼单的定金"),
    RefundKind.penalty: _("店里另赔的一倍定金"),
}
STATES = {
    RefundState.requested: (_("等县里批准"), "wait"),
    RefundState.approved: (_("已批准，正在退"), "wait"),
    RefundState.sent: (_("在退回的路上"), "wait"),
    RefundState.succeeded: (_("已退到"), "good"),
    RefundState.failed: (_("没退成，会再退"), "bad"),
    RefundState.rejected: (_("没有批准"), "bad"),
}
ASKED = (RefundKind.returned, RefundKind.reduced, RefundKind.goodwill)
BEARERS = {Bearer.shop: _("店铺"), Bearer.county: _("县平台")}


class RefundForm(FlaskForm):
    """What is to go back of one delivered shop order, and why."""

    kind = RadioField(
        _("退什么"), [DataRequired(_("请选退什么"))], choices=[(kind.value, KINDS[kind]) for kind in ASKED]
    )
    line = SelectField(_("哪件货"), description=_("退货、降价时选"))
    pieces = IntegerField(
        _("退几件"),
        [Optional()],
        description=_("退货时填；选“全部”就不用填"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    cut = YuanField(
        _("金额（元）"),
        [Optional()],
        description=_("降价或补偿多少；降价时国家补贴的一份会自动退回资金池"),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    bearer = RadioField(
        _("补偿由谁承担"),
        [Optional()],
        description=_("补偿时选"),
        choices=[(bearer.value, word) for bearer, word in BEARERS.items()],
    )
    with_delivery = BooleanField(_("运费也退"))
    reason = TextAreaField(
        _("原因"),
        [
            DataRequired(_("请写明原因，买家会看到")),
            Length(max=REASON_LENGTH, message=_("请写 200 个字以内")),
        ],
        render_kw={"rows": 3},
    )

    def of(self, shop_order: ShopOrder) -> "RefundForm":
        """The form with the lines of `shop_order` to choose from."""
        named = [(str(line.id), f"{line.snapshot['title']} × {line.quantity}") for line in shop_order.lines]
        self.line.choices = [(ALL, _("全部")), *named]
        return self

    def wanted(self, shop_order: ShopOrder) -> Wanted:
        """What was filled in, as the payments room wants it."""
        kind, fen = RefundKind(self.kind.data), self.cut.data or 0
        lines = {line.id: line.quantity for line in shop_order.lines}
        if self.line.data != ALL:
            one = uuid.UUID(self.line.data)
            lines = {one: lines[one]}
        pieces = {
            line: self.pieces.data or 0 if self.line.data != ALL else most for line, most in lines.items()
        }
        goodwill = kind is RefundKind.goodwill
        return Wanted(
            reason=self.reason.data or "",
            pieces=pieces if kind is RefundKind.returned else {},
            cuts_fen=dict.fromkeys(pieces, fen) if kind is RefundKind.reduced else {},
            with_delivery=bool(self.with_delivery.data),
            goodwill_fen=fen if goodwill else 0,
            bearer=Bearer(self.bearer.data) if goodwill and self.bearer.data else None,
        )


def ask(form: RefundForm, shop_order: ShopOrder) -> Refund | None:
    """Ask for what the posted form says. None where it is refused; the form then says why."""
    if not form.validate_on_submit():
        return None
    key = f"{current_user.id}:{request.form.get(HEADER) or request.headers[HEADER]}"
    wanted = form.wanted(shop_order)
    try:
        return refund.request(db.session(), shop_order.id, wanted, current_user.id, key, clock.now())
    except Refused as refused:
        show(form, refused)
        return None
