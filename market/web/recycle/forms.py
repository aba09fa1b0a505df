"""Forms of the consumer's recycling pages."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

_yes_no = [("no", _("没有")), ("yes", _("有"))]
_answer = DataRequired(_("请选一个"))


class ThingForm(FlaskForm):
    """Step 1: what is it?"""

    model = StringField(
        _("品牌和型号"),
        [DataRequired(_("请填写这一项")), Length(1, 60, _("请写 1 到 60 个字"))],
        description=_("背面或“关于本机”里写着"),
        render_kw={"maxlength": 60, "autocomplete": "off"},
    )
    age_years = IntegerField(
        _("用了几年"),
        [InputRequired(_("请填几年，不满一年填 0")), NumberRange(0, 50, _("请填 0 到 50"))],
        render_kw={"inputmode": "numeric", "min": 0, "max": 50},
    )
    faults = SelectMultipleField(_("有这些情况吗？有就打勾"), [Optional()], validate_choice=True)


class SafetyForm(FlaskForm):
    """Step 2: is it safe to post?"""

    swollen_or_leaking = RadioField(_("电池鼓包、漏液、发烫或烧过吗？"), [_answer], choices=_yes_no)
    power_bank = RadioField(_("里面有充电宝吗？"), [_answer], choices=_yes_no)
    loose_battery = RadioField(_("有拆下来的散装电池吗？"), [_answer], choices=_yes_no)


class PickupForm(FlaskForm):
    """When the carrier comes."""

    day = DateField(_("哪天来取"), [InputRequired(_("请选一天"))])


class PostedForm(FlaskForm):
    """She handed the parcel over."""

    tracking_number = StringField(
        _("快递单号"), [Optional(), Length(max=40)], render_kw={"maxlength": 40, "autocomplete": "off"}
    )


class QuoteForm(FlaskForm):
    """What an old appliance would take off a new one's price."""

    category_code = SelectField(_("旧家电是哪一种"), [DataRequired(_("请选一种"))])
    age_years = IntegerField(
        _("用了几年"),
        [InputRequired(_("请填几年，不满一年填 0")), NumberRange(0, 50, _("请填 0 到 50"))],
        render_kw={"inputmode": "numeric", "min": 0, "max": 50},
    )
    works = BooleanField(_("通电还能用"))
    complete = BooleanField(_("主要零件都在，没有拆过"))
