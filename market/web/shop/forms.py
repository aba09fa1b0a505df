"""Forms of the shop's desk. What rules say of prices, labels and stock is the rooms' to refuse."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from market.catalog.rules import INTEROP
from market.web.label_text import METRICS, SCHEMES
from market.web.second_factor import ProofForm
from market.web.shop.fields import FigureField, MeasureField, PiecesField, SpecsField
from market.web.yuan_field import YuanField

_required = DataRequired(_("请填写这一项"))
# DataRequired would hide the sentence of a figure that could not be read.
_figure = InputRequired(_("请填写这一项"))
_decimal = {"inputmode": "decimal", "autocomplete": "off"}
_numeric = {"inputmode": "numeric", "autocomplete": "off"}
_off = {"autocomplete": "off"}
F = TypeVar("F", bound="LabelForm")
MEASURED = "measured_"
PICTURES = "image/jpeg,image/png,image/webp"
SKILLS = [
    ("none", _("不用安装")),
    ("general", _("普通安装")),
    ("gas", _("燃气持证安装")),
    ("electric", _("电工持证安装")),
]


def _bare(text: str | None) -> str:
    return " ".join((text or "").split())


class ModelForm(FlaskForm):
    """Which model of which brand it is."""

    brand = StringField(
        _("品牌"), [_required, Length(1, 30, _("请写 1 到 30 个字"))], filters=[_bare], render_kw=_off
    )
    model = StringField(
        _("型号"),
        [_required, Length(1, 40, _("请写 1 到 40 个字"))],
        description=_("照铭牌抄"),
        filters=[_bare],
        render_kw=_off,
    )


class WordsForm(FlaskForm):
    """What people read of an item."""

    name_zh = StringField(
        _("商品名称"),
        [_required, Length(2, 60, _("请写 2 到 60 个字"))],
        description=_("品牌、大小、特点，例如“禾润 10 公斤滚筒洗衣机”"),
        filters=[_bare],
        render_kw=_off,
    )
    gtin = StringField(
        _("商品条码"),
        [Optional(), Regexp(r"^\d{13}$", message=_("条码是 13 位数字，印在包装上"))],
        filters=[_bare, lambda text: text or None],
        render_kw=_numeric | {"maxlength": 13},
    )
    specs = SpecsField(
        _("主要参数"),
        [Optional()],
        description=_("每行一条，例如“容量：10 公斤”"),
        default=dict,
        render_kw={"rows": 4},
    )
    interop = SelectMultipleField(
        _("能接入的智能家居系统"),
        choices=[(name, name) for name in INTEROP],
        description=_("没有就不选。买家会看到“商家自述”"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        default=list,
    )


class OwnForm(FlaskForm):
    """What is the shop's own affair."""

    own_number = StringField(
        _("店内编号"),
        [Optional(), Length(1, 40, _("请写 1 到 40 个字"))],
        description=_("您自己的货号，找起来快"),
        filters=[_bare, lambda text: text or None],
        render_kw=_off,
    )
    color = StringField(
        _("颜色或款式"),
        [Optional(), Length(1, 20, _("请写 20 个字以内"))],
        description=_("同一型号有几种才填，每种各有价格、库存和条码"),
        filters=[_bare],
        render_kw=_off,
    )
    low_at = IntegerField(
        _("剩几件时提醒"),
        [Optional(), NumberRange(0, 9999, _("请填 0 到 9999 之间的数"))],
        default=2,
        description=_("0 是不提醒"),
        render_kw=_numeric,
    )


class OfferForm(FlaskForm):
    """What it costs, and how many there are."""

    price = YuanField(_("售价"), [_figure], render_kw=_decimal)
    list_price = YuanField(_("备案价"), [Optional()], description=_("不填就等于售价"), render_kw=_decimal)
    stock = IntegerField(
        _("现在有几件"),
        [_figure, NumberRange(0, 9999, _("请填 0 到 9999 之间的数"))],
        default=1,
        render_kw=_numeric,
    )


class LabelForm(FlaskForm):
    """What the energy or water label says; without a grade there is none to declare.

    `label_fields` adds a field ``measured_NAME`` for every figure that a label of the category may show.
    """

    kind = RadioField(_("标识种类"), choices=[("energy", _("能效标识")), ("water", _("水效标识"))])
    grade = SelectField(_("标识上的等级"))
    standard_number = SelectField(_("标识上的标准号"), validate_choice=False)
    variant = SelectField(_("类型"), validate_choice=False, description=_("标准按类型分级的才选"))
    record_number = StringField(
        _("备案号"),
        description=_("标识二维码下面的一串，例如 20250310-440300-00000000000000001"),
        filters=[lambda text: re.sub(r"\s+", "", text or "").replace("－", "-")],
        render_kw=_numeric | {"maxlength": 40},
    )
    issued_on = DateField(_("备案日期"), [Optional()], description=_("不填就按备案号的前 8 位"))
    expires_on = DateField(_("有效期到"), [Optional()], description=_("标识上没写就不填"))
    produced_on = DateField(_("生产日期"), [Optional()], description=_("照铭牌抄，新旧标准按它分"))
    scan = FileField(
        _("标识照片"), description=_("正对着拍清楚，县里要对着照片核实"), render_kw={"accept": PICTURES}
    )

    @property
    def figures(self) -> list[Field]:
        """The fields for figures of the label."""
        return [field for field in self if field.short_name.startswith(MEASURED)]

    @property
    def measured(self) -> dict[str, Decimal]:
        """The figures typed, by metric."""
        typed = [field for field in self.figures if field.data is not None]
        return {field.short_name.removeprefix(MEASURED): field.data for field in typed}

    @property
    def issued_or_recorded_on(self) -> date | None:
        """The date typed, else the one the record number begins with."""
        if self.issued_on.data:
            return self.issued_on.data  # type: ignore[no-any-return]  # WTForms ships no types
        try:
            return datetime.strptime(self.record_number.data[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day
        except ValueError:
            return None

    def validate_scan(self, field: FileField) -> None:
        """A grade needs a picture of the label that shows it."""
        if self.grade.data and not field.data:
            raise ValidationError(gettext("请拍一张标识的照片，县里要对着看"))

    def validate_record_number(self, field: StringField) -> None:
        """A grade needs the record that proves it, with a date in it or beside it."""
        if not self.grade.data:
            return
        if not field.data:
            raise ValidationError(gettext("填了等级，就要填备案号"))
        if self.issued_or_recorded_on is None:
            raise ValidationError(gettext("备案号是“8 位日期-6 位数字-17 位数字”，请照标识再抄一遍"))


def label_fields(form: type[F], metrics: Iterable[str]) -> type[F]:
    """`form` with a field for each of the metrics."""
    figures = {
        MEASURED + name: FigureField(METRICS[name], [Optional()], render_kw=_decimal) for name in metrics
    }
    return type(form.__name__, (form,), figures)


class CertificateForm(FlaskForm):
    """What a certificate says."""

    scheme = SelectField(_("证书种类"), choices=[*SCHEMES.items()])
    number = StringField(_("证书编号"), [_required], filters=[_bare], render_kw=_off | {"maxlength": 60})
    holder = StringField(_("持证人"), [_required, Length(1, 80, _("请写 80 个字以内"))], filters=[_bare])
    model_scope = StringField(
        _("覆盖的型号"),
        [_required, Length(1, 200, _("请写 200 个字以内"))],
        description=_("照证书抄"),
        filters=[_bare],
    )
    issued_on = DateField(_("发证日期"), [_figure])
    expires_on = DateField(_("有效期到"), [Optional()], description=_("证书上没写就不填"))
    scan = FileField(
        _("证书照片"),
        [FileRequired(_("请拍一张证书的照片，县里要对着看"))],
        render_kw={"accept": PICTURES},
    )


class HandlingForm(FlaskForm):
    """What those who carry and install must know of it."""

    net_weight_grams = MeasureField(_("净重"), [_figure], scale=1000, render_kw=_decimal)
    packed_length_mm = MeasureField(_("包装长"), [_figure], scale=10, render_kw=_decimal)
    packed_width_mm = MeasureField(_("包装宽"), [_figure], scale=10, render_kw=_decimal)
    packed_height_mm = MeasureField(_("包装高"), [_figure], scale=10, render_kw=_decimal)
    upright = BooleanField(_("必须竖着放，不能倒"))
    people_required = RadioField(
        _("几个人搬"), choices=[(1, _("一个人能搬")), (2, _("要两个人"))], coerce=int
    )
    install_skill = SelectField(_("谁来安装"), choices=SKILLS)
    install_minutes = IntegerField(
        _("安装大约几分钟"),
        [_figure, NumberRange(0, 480, _("请填 0 到 480 之间的分钟数"))],
        description=_("不用安装就填 0"),
        render_kw=_numeric,
    )

    def validate_install_minutes(self, field: IntegerField) -> None:
        """Nobody installs for some minutes, and somebody does not install for none."""
        if field.data and self.install_skill.data == "none":
            raise ValidationError(gettext("选了不用安装，这里请填 0"))
        if not field.data and self.install_skill.data != "none":
            raise ValidationError(gettext("要安装就请填大约几分钟"))


class ItemForm(WordsForm, HandlingForm):
    """What can be said of an item."""


class EditForm(ItemForm, OwnForm):
    """What can be said anew of an item that is listed; a brand or model that is not sent stays."""

    brand = StringField(_("品牌"), [Optional(), Length(1, 30, _("请写 1 到 30 个字"))], filters=[_bare])
    model = StringField(_("型号"), [Optional(), Length(1, 40, _("请写 1 到 40 个字"))], filters=[_bare])


class ListingForm(ModelForm, OfferForm, ItemForm, LabelForm, OwnForm):
    """Everything of a new listing on one screen. Fields stand in the order of their classes above."""

    photos = MultipleFileField(
        _("商品照片"),
        description=_("可以一次选几张，第一张是封面。没有也行，先用品类的图画"),
        render_kw={"accept": PICTURES, "multiple": True},
    )


class PriceForm(FlaskForm):
    list_price = YuanField(
        _("备案价"), [_figure], description=_("划线比较用的价，7 天内涨过就不能拿来比"), render_kw=_decimal
    )
    price = YuanField(_("售价"), [_figure], description=_("不能高过备案价"), render_kw=_decimal)


class SerialsForm(FlaskForm):
    serials = TextAreaField(
        _("序列号"), [Optional()], description=_("照机身抄或连着扫，每行一个"), render_kw={"rows": 3}
    )

    def validate_serials(self, field: TextAreaField) -> None:
        """Numbers of a length that labels carry."""
        if not all(4 <= len(number) <= 40 for number in self.numbers):
            raise ValidationError(gettext("序列号是 4 到 40 个字符，每行一个"))

    @property
    def numbers(self) -> list[str]:
        """The serial numbers typed."""
        return list(dict.fromkeys(re.findall(r"[^\s,，;；、]+", self.serials.data or "")))


class HandOverForm(SerialsForm):
    """What leaves for the hub."""


class ReceiveForm(SerialsForm):
    quantity = PiecesField(_("进了几件"), description=_("扫了序列号可以不填，按个数算"), render_kw=_numeric)
    reason = StringField(
        _("从哪里来"), [Length(max=60, message=_("最多写 60 个字"))], default=_("进货"), render_kw=_off
    )

    batch = StringField(
        _("批次"),
        [Optional(), Length(max=40, message=_("最多写 40 个字"))],
        description=_("铭牌上有就填，召回时找得到"),
        render_kw=_off,
    )

    def validate_quantity(self, field: IntegerField) -> None:
        """At most one serial number a piece; where nothing is typed there are as many pieces as numbers."""
        if field.data is None and not field.errors:
            field.data = len(self.numbers) or None
        if field.data is None:
            raise ValidationError(gettext("请填数字"))
        if field.data is not None and 0 < field.data < len(self.numbers):
            raise ValidationError(gettext("序列号比件数多了"))


class AdjustForm(FlaskForm):
    quantity = IntegerField(
        _("多了或少了几件"),
        [InputRequired(_("请填数字"))],
        id="adjust-quantity",  # the form beside it on the page has a quantity and a reason as well
        description=_("少了写负数，例如 -1"),
        render_kw=_off,
    )
    reason = StringField(
        _("原因"),
        [Length(max=60, message=_("最多写 60 个字"))],
        id="adjust-reason",
        description=_("例如“盘点”“搬运损坏”"),
        render_kw=_off,
    )


class CountForm(FlaskForm):
    """A stocktake."""

    counted = IntegerField(
        _("数到几件"),
        [InputRequired(_("请填数字"))],
        description=_("店里实际有的，买家订了还没交的也算"),
        render_kw=_numeric,
    )
    reason = StringField(
        _("说明"),
        [Length(max=60, message=_("最多写 60 个字"))],
        id="count-reason",
        default=_("盘点"),
        render_kw=_off,
    )


class DeclineForm(FlaskForm):
    code = SelectField(
        _("为什么交不了"),
        choices=[
            ("out_of_stock", _("没货了")),
            ("damaged", _("货坏了")),
            ("cannot_reach", _("这个地方送不到")),
            ("price_wrong", _("价格标错了")),
            ("buyer_asked", _("买家不要了")),
            ("other", _("别的原因")),
        ],
        default="other",
        description=_("除了买家不要，都会记进店铺信用"),
    )
    reason = StringField(
        _("原因（买家会看到）"),
        [Length(max=80, message=_("最多写 80 个字"))],
        render_kw=_off | {"maxlength": 80},
    )


class BankAccountForm(ProofForm):
    """Where the shop is paid."""

    holder = StringField(
        _("户名"), [_required, Length(1, 60, _("请写 60 个字以内"))], description=_("与营业执照一致")
    )
    bank = StringField(_("开户行"), [_required, Length(1, 60, _("请写 60 个字以内"))], render_kw=_off)
    number = StringField(_("账号"), [_required, Length(1, 40, _("请写 40 个字以内"))], render_kw=_numeric)


class MadeToOrderForm(FlaskForm):
    words = TextAreaField(
        _("按买家的什么要求做"),
        [Length(max=200, message=_("最多写 200 个字"))],
        description=_("例如：按灶台量尺寸做的油烟机。只挑颜色、型号不算"),
        render_kw={"maxlength": 200, "rows": 2},
    )
