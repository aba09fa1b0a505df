"""Forms of the account. What rules say (phone numbers, passwords) is the room's to refuse, not the form's."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, Length

_required = DataRequired(_("请填写这一项"))
_name = Length(1, 40, _("请写 1 到 40 个字"))
_phone = {"type": "tel", "autocomplete": "username", "maxlength": 20}


class SignInForm(FlaskForm):
    phone = StringField(_("手机号"), [_required], render_kw=_phone)
    password = PasswordField(
        _("密码"), [_required], render_kw={"autocomplete": "current-password", "maxlength": 128}
    )
    next = HiddenField()


class RegisterForm(FlaskForm):
    phone = StringField(_("手机号"), [_required], render_kw=_phone)
    name = StringField(
        _("怎么称呼您"), [_required, _name], render_kw={"autocomplete": "name", "maxlength": 40}
    )
    password = PasswordField(
        _("密码"),
        [_required],
        description=_("至少 8 个字符，不要用生日或手机号"),
        render_kw={"autocomplete": "new-password", "maxlength": 128},
    )
    next = HiddenField()


class ProfileForm(FlaskForm):
    name = StringField(
        _("怎么称呼您"), [_required, _name], render_kw={"autocomplete": "name", "maxlength": 40}
    )
    locale = RadioField(_("页面语言"), choices=[SelectChoice("zh", "中文"), SelectChoice("en", "English")])


class PasswordForm(FlaskForm):
    current = PasswordField(
        _("现在的密码"), [_required], render_kw={"autocomplete": "current-password", "maxlength": 128}
    )
    password = PasswordField(
        _("新密码"),
        [_required],
        description=_("至少 8 个字符，不要用生日或手机号"),
        render_kw={"autocomplete": "new-password", "maxlength": 128},
    )


class CloseForm(FlaskForm):
    password = PasswordField(
        _("密码"), [_required], render_kw={"autocomplete": "current-password", "maxlength": 128}
    )
    agrees = BooleanField(_("我知道：积分作废，注销以后不能恢复"), [DataRequired(_("请先勾上，再注销"))])


class AddressForm(FlaskForm):
    county_code = SelectField(_("县"))
    township_code = SelectField(_("乡镇"), [DataRequired(_("请选择乡镇"))])
    village_code = SelectField(_("村"), [DataRequired(_("请选择村"))])
    detail = StringField(
        _("组和门牌"),
        [_required, Length(1, 120, _("请写 1 到 120 个字"))],
        description=_("写到师傅能找到：几组、几号、旁边有什么"),
        render_kw={"autocomplete": "street-address", "maxlength": 120},
    )
    recipient_name = StringField(
        _("收货人"), [_required, _name], render_kw={"autocomplete": "name", "maxlength": 40}
    )
    phone = StringField(
        _("收货人手机号"), [_required], render_kw={"type": "tel", "autocomplete": "tel", "maxlength": 20}
    )
    next = HiddenField()
