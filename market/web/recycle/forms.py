"""Forms of the consumer's recycling pages."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from market.recycling.ways import Hazard, asked

_yes_no = [("no", _("没有")), ("yes", _("有"))]
_can = [("yes", _("能")), ("no", _("不能"))]
_whole = [("yes", _("齐")), ("no", _("不齐"))]
_answer = DataRequired(_("请选一个"))
QUESTIONS = {
    Hazard.swollen_or_leaking: _("电池鼓包、漏液、发烫或烧过吗？"),
    Hazard.power_bank: _("里面有充电宝吗？"),
    Hazard.loose_battery: _("有拆下来的散装电池吗？"),
    Hazard.e_bike_battery: _("有电动车的电池吗？"),
    Hazard.refrigerant: _("里面还有制冷剂（雪种、氟）吗？没拆过管子的都有。"),
    Hazard.gas_residue: _("接过燃气，里面可能还有余气吗？"),
}


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
    works = RadioField(_("能开机、能用吗？"), choices=_can, default="yes", validators=[Optional()])
    complete = RadioField(_("零件齐吗？"), choices=_whole, default="yes", validators=[Optional()])
    faults = SelectMultipleField(_("还有这些情况吗？有就打勾"), [Optional()], validate_choice=True)
    photos = MultipleFileField(
        _("拍几张照片"),
        [Optional()],
        description=_("最多 3 张，正面、背面、毛病处。没有也行"),
        render_kw={"accept": "image/*", "multiple": True},
    )

    def broken(self) -> list[str]:
        """The faults that the two questions told of."""
        said = {"not_working": self.works.data, "incomplete": self.complete.data}
        return [code for code, answer in said.items() if answer == "no"]


def safety_form(category_code: str) -> FlaskForm:
    """A question for each danger that things of the category may have."""
    fields = {
        code.value: RadioField(QUESTIONS[code], [_answer], choices=_yes_no) for code in asked(category_code)
    }
    return type("SafetyForm", (FlaskForm,), fields)()


class WayForm(FlaskForm):
    """Step 2: how it goes. The courier needs an address, what she carries a place."""

    way = HiddenField()
    address_id = SelectField(_("到哪里取"), validate_choice=False)
    drop_off = SelectField(_("交到哪里"), validate_choice=False)


class PayoutForm(FlaskForm):
    """Step 3: where the reward goes."""

    payout = RadioField(_("钱给到哪里"), [Optional()], default="points")
    holder = StringField(_("户名"), [Length(max=40)], render_kw={"maxlength": 40})
    bank = StringField(
        _("开户行"),
        [Length(max=40)],
        description=_("例如 信用社紫阳支行"),
        render_kw={"maxlength": 40},
    )
    number = StringField(
        _("银行卡号"),
        [Length(max=40)],
        render_kw={"maxlength": 40, "inputmode": "numeric", "autocomplete": "off"},
    )


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
