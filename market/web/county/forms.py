"""Forms of the hub's cash. What must be true of codes and sums is the room's to refuse."""

import uuid
from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from market.cash.models import HandIn
from market.kernel.money import format_yuan
from market.web.yuan_field import YuanField

_DIGITS = {"inputmode": "numeric", "autocomplete": "off"}
_AMOUNT = {"inputmode": "decimal", "autocomplete": "off"}


class _Boxes(SelectMultipleField):
    """One checkbox per choice."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ReceiveForm(FlaskForm):
    """A courier's code, and what was counted."""

    code = StringField(_("交款码"), [DataRequired(_("请填送货员手机上的六位数"))], render_kw=_DIGITS)
    counted_fen = YuanField(
        _("点出来的现金（元）"), [InputRequired(_("请填点出来的现金金额"))], render_kw=_AMOUNT
    )


class DepositForm(FlaskForm):
    """Which hand-ins went to the bank, and what its slip says."""

    hand_ins = _Boxes(_("存了哪几笔"))
    amount_fen = YuanField(
        _("存款单上的金额（元）"), [InputRequired(_("请照存款单填存入的金额"))], render_kw=_AMOUNT
    )
    slip_number = StringField(
        _("存款单号"), [DataRequired(_("请填存款单号"))], render_kw={"autocomplete": "off"}
    )
    slip_photo = FileField(_("存款单照片（可不填）"), render_kw={"accept": "image/*"})

    def of(self, hand_ins: Sequence[HandIn]) -> "DepositForm":
        """The form with the hand-ins there are to bank."""
        self.hand_ins.choices = [
            (str(it.id), f"{it.courier.name} ¥{format_yuan(it.counted_fen or 0)}") for it in hand_ins
        ]
        return self


class BreakForm(FlaskForm):
    """Why cash differed, and whether it is written off."""

    note = TextAreaField(
        _("差额的原因"),
        [DataRequired(_("请写明差额的原因，以后查得到")), Length(max=300, message=_("请写 300 个字以内"))],
        render_kw={"rows": 2},
    )
    write_off = BooleanField(_("核销这笔差额"))


def told_apart(form: FlaskForm, owner: uuid.UUID | str) -> FlaskForm:
    """`form` with ids of its own, for a page that has it many times."""
    mark = owner if isinstance(owner, str) else owner.hex
    for field in form:
        field.id = f"{field.name}-{mark}"
        field.label.field_id = field.id
    return form
