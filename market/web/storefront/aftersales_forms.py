"""Forms of a buyer's returns and repairs. What may be asked for is the room's to refuse."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from market.aftersales.models import Fault, Way
from market.web.aftersales_text import FAULTS, WAYS
from market.web.yuan_field import YuanField

_choose = DataRequired(_("请选一个"))
_ways = [(way.value, WAYS[way]) for way in Way]


class _CaseForm(FlaskForm):
    words = TextAreaField(
        _("说说怎么回事"), [Length(max=300, message=_("请写 300 个字以内"))], render_kw={"rows": 3}
    )
    photos = MultipleFileField(
        _("拍照片"),
        description=_("最多三张，拍清楚毛病在哪里"),
        render_kw={"accept": "image/*"},
    )
    way = RadioField(_("东西怎么来"), [_choose], choices=_ways, default=Way.pickup.value)

    def pictures(self) -> list[bytes]:
        """What was photographed."""
        return [data for file in self.photos.data or [] if file and (data := file.read())]


class ReturnForm(_CaseForm):
    """How many, why, how it comes back; how much cheaper, or what instead."""

    quantity = IntegerField(
        _("几件"), [InputRequired(_("请填几件"))], default=1, render_kw={"inputmode": "numeric", "min": 1}
    )
    cut = YuanField(
        _("便宜多少（元）"),
        [Optional()],
        description=_("国家补贴的一份会退回资金池，到手会少一些"),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    other_listing_id = SelectField(_("换成哪一种"), [Optional()])


class RepairForm(_CaseForm):
    """What does not work."""

    fault = RadioField(_("什么毛病"), [_choose], choices=[(fault.value, FAULTS[fault]) for fault in Fault])


class DisputeForm(FlaskForm):
    """Why the shop is wrong."""

    words = TextAreaField(_("为什么不对"), [Length(max=300)], render_kw={"maxlength": 300, "rows": 3})
