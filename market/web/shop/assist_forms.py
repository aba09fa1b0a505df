"""Forms of an order at the counter."""

import re
import uuid
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.orm import Session
from wtforms import IntegerField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from market.catalog.models import ListingState
from market.catalog.queries import listings_of_shop
from market.kernel.errors import Refused
from market.orders.assist import AssistDraft
from market.orders.models import PaymentMethod
from market.people.addresses import AddressInput
from market.web.shop.forms import PICTURES

_required = DataRequired(_("请填写这一项"))
_phone = {"type": "tel", "autocomplete": "off", "maxlength": 20}
_LINE = re.compile(r"(?P<what>.+?)(?:\s*[×xX*]\s*(?P<pieces>\d{1,2}))?")
MOST_LINES = 10


class CodeAskForm(FlaskForm):
    """Whose phone."""

    phone = StringField(_("她的手机号"), [_required], render_kw=_phone)


class CodeGivenForm(FlaskForm):
    """What she reads out."""

    code = StringField(
        _("她手机上的 6 位码"),
        [_required],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 6},
    )


class PaperConsentForm(FlaskForm):
    """A signed form, and what opens an account where there is none."""

    phone = StringField(_("她的手机号"), [_required], render_kw=_phone)
    name = StringField(
        _("怎么称呼她"), [_required, Length(1, 40, _("请写 1 到 40 个字"))], render_kw={"autocomplete": "off"}
    )
    password = PasswordField(
        _("密码，由她自己输"),
        [Optional()],
        description=_("没开过户的才要。至少 8 个字符，请转过头去"),
        render_kw={"autocomplete": "new-password", "maxlength": 128},
    )
    photo = FileField(
        _("签好字的同意书，拍一张"), [FileRequired(_("请拍一张照片"))], render_kw={"accept": PICTURES}
    )


class AssistForm(FlaskForm):
    """What she wants, where it goes and how she pays."""

    goods = TextAreaField(
        _("买什么，一行一样"),
        [_required],
        description=_("写店内编号、条码或型号；几件的写 ×2"),
        render_kw={"rows": 3, "autocomplete": "off", "spellcheck": "false"},
    )
    recipient_name = StringField(
        _("收货人"), [_required, Length(1, 40, _("请写 1 到 40 个字"))], render_kw={"autocomplete": "off"}
    )
    phone = StringField(_("收货人手机号"), [_required], render_kw=_phone)
    village_code = SelectField(_("哪个村"), [DataRequired(_("请选择村"))])
    detail = StringField(
        _("组和门牌"), [_required, Length(1, 120, _("请写 1 到 120 个字"))], render_kw={"autocomplete": "off"}
    )
    method = RadioField(
        _("怎么付"),
        choices=[
            (PaymentMethod.cash.value, _("货到付现金")),
            (PaymentMethod.stripe.value, _("发付款链接到她手机，30 分钟内付")),
        ],
        default=PaymentMethod.cash.value,
    )

    def draft(self, session: Session, shop_id: uuid.UUID) -> AssistDraft:
        """What was typed. Raises Refused (field goods): ``assist.goods``."""
        code = str(self.village_code.data)
        written = {name: str(self[name].data) for name in ("detail", "recipient_name", "phone")}
        address = AddressInput(county_code=code[:6], township_code=code[:9], village_code=code, **written)
        pieces = _pieces(session, shop_id, self.goods.data or "")
        return AssistDraft(pieces, address, PaymentMethod(self.method.data))


class AssistPlaceForm(FlaskForm):
    """The price that she was told."""

    expected_payable_fen = IntegerField(widget=HiddenInput())


def _pieces(session: Session, shop_id: uuid.UUID, text: str) -> dict[uuid.UUID, int]:
    found: dict[uuid.UUID, int] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 0 < len(lines) <= MOST_LINES:
        raise Refused("assist.goods", field="goods", line=gettext("最多 %(most)s 行", most=MOST_LINES))
    for line in lines:
        parts: Any = _LINE.fullmatch(line)
        listed = [
            it
            for it in listings_of_shop(session, shop_id, q=parts["what"].strip(), limit=3)
            if it.state is ListingState.active
        ]
        if len(listed) != 1:
            raise Refused("assist.goods", field="goods", line=line[:40])
        found[listed[0].id] = found.get(listed[0].id, 0) + int(parts["pieces"] or 1)
    return found


__all__ = ["AssistForm", "AssistPlaceForm", "CodeAskForm", "CodeGivenForm", "PaperConsentForm"]
