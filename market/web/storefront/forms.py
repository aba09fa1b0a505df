"""What the storefront asks people to fill in."""

import uuid
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from market.credit.models import TEXT_CHARS
from market.credit.review_models import MOST_PHOTOS
from market.delivery.windows import DayPart
from market.kernel.ids import parse_id
from market.orders.cart import MOST_PIECES
from market.orders.models import PaymentMethod, Place
from market.web.delivery_text import DAY_PARTS

_WHOLE_NUMBER = lazy_gettext("请填一个整数，例如 1")


def as_id(text: Any) -> uuid.UUID | None:
    """The id that a form field spells."""
    return text if isinstance(text, uuid.UUID) else parse_id(str(text))


class WholeNumberField(IntegerField):
    """A whole number, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_WHOLE_NUMBER)) from error


class QuantityForm(FlaskForm):
    """How many pieces; zero takes the line out."""

    quantity = WholeNumberField(
        lazy_gettext("数量"),
        validators=[
            InputRequired(_WHOLE_NUMBER),
            NumberRange(0, MOST_PIECES, lazy_gettext("一次最多买 99 件")),
        ],
    )


class PutForm(FlaskForm):
    """Put so many pieces of a listing into the cart."""

    listing_id = HiddenField(filters=[as_id], validators=[DataRequired()])
    quantity = WholeNumberField(
        lazy_gettext("数量"),
        default=1,
        validators=[
            InputRequired(_WHOLE_NUMBER),
            NumberRange(1, MOST_PIECES, lazy_gettext("请填 1 到 99 之间的数量")),
        ],
    )


class AddressForm(FlaskForm):
    """Which of the buyer's addresses; the choices are hers."""

    address_id = RadioField(
        lazy_gettext("送到哪个地址"), validators=[DataRequired(lazy_gettext("请选一个地址"))]
    )


class DeliveryForm(FlaskForm):
    """To the door, or to a village station if she agrees to that."""

    place = RadioField(
        lazy_gettext("怎样收货"),
        choices=[
            (Place.door.value, lazy_gettext("送到家门口（大件可上门安装）")),
            (Place.station.value, lazy_gettext("送到村服务站，自己去取（运费更低）")),
        ],
        validators=[DataRequired(lazy_gettext("请选一种收货方式"))],
    )
    day_part = RadioField(
        lazy_gettext("什么时候家里有人"),
        choices=list(DAY_PARTS.items()),
        default=DayPart.any.value,
        validators=[DataRequired(lazy_gettext("请选一个时段"))],
    )
    station_id = SelectField(lazy_gettext("村服务站"), validate_choice=False)
    station_consent = BooleanField(lazy_gettext("我同意把货放在这个服务站，由站长代收"))


class PaymentForm(FlaskForm):
    """How the rest is paid, and how many points go in first."""

    payment_method = RadioField(
        lazy_gettext("怎样付款"),
        choices=[
            (PaymentMethod.stripe.value, lazy_gettext("网上付款（支付宝、微信、银行卡）")),
            (PaymentMethod.cash.value, lazy_gettext("货到付款，把现金交给送货员")),
        ],
        validators=[DataRequired(lazy_gettext("请选一种付款方式"))],
    )
    points = WholeNumberField(
        lazy_gettext("用多少积分"),
        default=0,
        validators=[
            InputRequired(_WHOLE_NUMBER),
            NumberRange(0, message=lazy_gettext("积分不能少于 0")),
        ],
    )


class TradeInForm(FlaskForm):
    """What she says of the old appliance; the choices are the kinds we take."""

    category_code = SelectField(
        lazy_gettext("旧家电是哪一种"), validators=[DataRequired(lazy_gettext("请选一种"))]
    )
    age_years = WholeNumberField(
        lazy_gettext("用了几年"),
        description=lazy_gettext("不满一年填 0"),
        validators=[
            InputRequired(_WHOLE_NUMBER),
            NumberRange(0, 60, lazy_gettext("请填 0 到 60 之间的年数")),
        ],
    )
    works = BooleanField(lazy_gettext("通电还能用"))
    complete = BooleanField(lazy_gettext("主要零件都在，没有拆过"))


class PlaceOrderForm(FlaskForm):
    """What she was shown: the sum, and the mark of all that was chosen (`draft.Draft.shown`)."""

    expected_payable_fen = HiddenField(filters=[lambda text: int(text) if str(text).isdigit() else None])
    shown = HiddenField()


class EditReviewForm(FlaskForm):
    """Stars and words for something received."""

    stars = RadioField(
        lazy_gettext("打几颗星"),
        choices=[
            ("5", lazy_gettext("★★★★★ 很满意")),
            ("4", lazy_gettext("★★★★ 满意")),
            ("3", lazy_gettext("★★★ 一般")),
            ("2", lazy_gettext("★★ 不满意")),
            ("1", lazy_gettext("★ 很不满意")),
        ],
        validators=[DataRequired(lazy_gettext("请选几颗星"))],
    )
    text = TextAreaField(
        lazy_gettext("想说的话（可不填）"),
        validators=[Length(max=TEXT_CHARS, message=lazy_gettext("最多写 %(max)d 个字"))],
    )


class ReviewForm(EditReviewForm):
    """The same with photos, as it is written first."""

    photos = MultipleFileField(
        lazy_gettext("照片（可不填）"),
        description=lazy_gettext("最多 %(most)s 张，照片里的拍摄地点会去掉", most=MOST_PHOTOS),
        render_kw={"accept": "image/*", "multiple": True},
    )
