"""Forms of the recycler's door. What a weight, a seal or a fault may be is the room's to refuse."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from market.recycling.custody_models import LEAST_WARRANTY_MONTHS
from market.recycling.models import DESTROYING, DeviceGrade, WipeMethod
from market.web.recycling_text import WIPE_METHODS
from market.web.yuan_field import YuanField

_required = DataRequired(_("请填写这一项"))
_camera = {"accept": "image/*", "capture": "environment"}


class WeightForm(FlaskForm):
    weight_grams = IntegerField(
        _("称得多重"), [InputRequired(_("请填克数"))], render_kw={"inputmode": "numeric", "min": 1}
    )


class ReceiveForm(WeightForm):
    seal_number = StringField(
        _("封条号"), [_required, Length(max=40)], render_kw={"maxlength": 40, "autocomplete": "off"}
    )
    photo = FileField(_("收到时的照片"), [FileRequired(_("请拍一张照片"))], render_kw=_camera)


class AssessForm(FlaskForm):
    age_years = IntegerField(
        _("看得出用了几年"), [InputRequired(_("请填年数"))], render_kw={"inputmode": "numeric", "min": 0}
    )
    faults = SelectMultipleField(_("查出的情况"), [Optional()])
    note = TextAreaField(_("说明"), [Optional(), Length(max=300)], render_kw={"maxlength": 300, "rows": 3})
    photo = FileField(_("验机照片"), description=_("有差别时一定要拍，客户看得到"), render_kw=_camera)


class AssessTradeInForm(WeightForm):
    """An old appliance: as the buyer told, until somebody ticks something else."""

    age_years = IntegerField(
        _("看得出用了几年"), [InputRequired(_("请填年数"))], render_kw={"inputmode": "numeric", "min": 0}
    )
    faults = SelectMultipleField(_("查出的情况"), [Optional()])
    note = TextAreaField(_("说明"), [Optional(), Length(max=300)], render_kw={"maxlength": 300, "rows": 3})
    photo = FileField(_("验货照片"), description=_("比说的差就一定要拍，客户看得到"), render_kw=_camera)


class WipeForm(FlaskForm):
    serial_number = StringField(
        _("机身序列号"), [_required, Length(max=60)], render_kw={"maxlength": 60, "autocomplete": "off"}
    )
    method = RadioField(
        _("擦除方法"),
        [DataRequired(_("请选一个"))],
        choices=[(method.value, WIPE_METHODS[method]) for method in WipeMethod if method not in DESTROYING],
    )
    verification = StringField(
        _("怎么核验的"),
        [_required, Length(max=200)],
        description=_("例如：抽读 5 处，全为 0"),
        render_kw={"maxlength": 200},
    )


class DestroyForm(FlaskForm):
    """A memory that no software reaches."""

    serial_number = StringField(
        _("机身序列号"),
        [Optional(), Length(max=60)],
        description=_("看不清就空着，按编号记"),
        render_kw={"maxlength": 60, "autocomplete": "off"},
    )
    method = RadioField(
        _("怎么毁的"),
        [DataRequired(_("请选一个"))],
        choices=[(method.value, WIPE_METHODS[method]) for method in WipeMethod if method in DESTROYING],
    )
    standard = StringField(
        _("照哪个标准"),
        [_required, Length(max=60)],
        description=_("例如：ISO/IEC 21964 E-4"),
        render_kw={"maxlength": 60},
    )
    found = StringField(
        _("毁完是什么样"),
        [_required, Length(max=200)],
        description=_("例如：碎片小于 30 平方毫米，芯片已断"),
        render_kw={"maxlength": 200},
    )


class GradeForm(FlaskForm):
    brand = StringField(
        _("机身上的品牌"),
        [Optional(), Length(max=40)],
        description=_("看不清就不填，公开账上会算作“品牌不明”"),
        render_kw={"maxlength": 40, "autocomplete": "off"},
    )
    grade = RadioField(
        _("定级"),
        [DataRequired(_("请选一个"))],
        choices=[
            (grade.value, _("报废") if grade is DeviceGrade.scrap else grade.value) for grade in DeviceGrade
        ],
    )


class SaleForm(FlaskForm):
    serial_number = StringField(
        _("机身序列号"), [_required, Length(max=60)], render_kw={"maxlength": 60, "autocomplete": "off"}
    )
    price_fen = YuanField(_("卖多少钱"), [InputRequired(_("请填元数，例如 320 或 320.50"))])
    warranty_months = IntegerField(
        _("保修"),
        [InputRequired(_("请填月数"))],
        default=LEAST_WARRANTY_MONTHS,
        render_kw={"inputmode": "numeric", "min": LEAST_WARRANTY_MONTHS},
    )


class TrackingForm(FlaskForm):
    tracking_number = StringField(
        _("寄回的快递单号"), [_required, Length(max=40)], render_kw={"maxlength": 40, "autocomplete": "off"}
    )
