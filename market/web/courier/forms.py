"""Forms of a stop. What must be true of them (cash, checklist) is the room's to refuse."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from market.delivery.drive import checks_for
from market.delivery.models import JobKind, Stop
from market.web.delivery_text import CHECKS, FAILURES, is_old_appliance


class _Boxes(SelectMultipleField):
    """One checkbox per choice, each a full-width target."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DoneForm(FlaskForm):
    """What the courier leaves at a stop and takes from it."""

    recipient_name = StringField(
        _("谁收的"),
        [DataRequired(_("请写下收货人的名字")), Length(max=40, message=_("请写 40 个字以内"))],
        render_kw={"autocomplete": "off"},
    )
    serial_numbers = TextAreaField(
        _("机身序列号"),
        [Length(max=2000, message=_("太长了，请检查"))],
        description=_("每台一行，印在机身铭牌上；补贴审核要用"),
        render_kw={"rows": 2, "autocomplete": "off", "autocapitalize": "characters"},
    )
    label_codes = TextAreaField(
        _("能效标识上的二维码"),
        [Length(max=2000, message=_("太长了，请检查"))],
        description=_("扫出来的内容或备案号，每台一行；补贴审核要用"),
        render_kw={"rows": 2, "autocomplete": "off"},
    )
    with_keeper = BooleanField(_("交给站长代收，买家凭取货码来取"))
    pickup_code = StringField(
        _("收货码"),
        [Regexp(r"\s*([0-9]{6})?\s*$", message=_("收货码是 6 位数字"))],
        description=_("请收货人报一下手机订单上的 6 位数；报不出也能收货"),
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 8},
    )
    is_confirmed = BooleanField(_("收货人当面看过货和补贴金额，要装的已装好"))
    checks = _Boxes(_("安装检查"), description=_("做完一项勾一项"))
    not_handed_in = _Boxes(_("没有交出来的东西"), description=_("都收走了就不用勾"))
    refused = _Boxes(_("收货人拒收的货"), description=_("拒收的不收钱，带回中心；都收了就不用勾"))
    cash = BooleanField(_("现金已收齐"))
    photo = FileField(
        _("现场照片"),
        description=_("照片会缩小；拍摄地点只记在签收凭证里，照片本身不带"),
        render_kw={"accept": "image/*", "capture": "environment"},
    )
    note = TextAreaField(
        _("备注（可不填）"), [Length(max=300, message=_("请写 300 个字以内"))], render_kw={"rows": 2}
    )

    def of(self, stop: Stop) -> "DoneForm":
        """The form with only what `stop` asks for."""
        collected = [job for job in stop.jobs if job.kind is JobKind.collect]
        delivered = [job for job in stop.jobs if job.kind is JobKind.deliver]
        self.refused.choices = [(str(job.id), f"{job.order_number} {job.items[0][0]}") for job in delivered]
        self.checks.choices = [(code, CHECKS[code]) for code in checks_for(stop)]
        self.not_handed_in.choices = [
            (str(job.id), _("旧家电没有交出") if is_old_appliance(job) else job.items[0][0])
            for job in collected
        ]
        for field, wanted in (
            ("checks", self.checks.choices),
            ("not_handed_in", self.not_handed_in.choices),
            ("refused", len(delivered) > 1),
            ("cash", stop.cash_due_fen),
            ("with_keeper", any(job.station_id for job in delivered) and not stop.cash_due_fen),
            ("pickup_code", delivered),
            ("serial_numbers", len(collected) < len(stop.jobs)),
            ("label_codes", len(collected) < len(stop.jobs)),
            ("is_confirmed", len(collected) < len(stop.jobs)),
        ):
            if not wanted:
                delattr(self, field)
        return self


class FailedForm(FlaskForm):
    """Why it could not be delivered."""

    reason = RadioField(
        _("没送成的原因"), [DataRequired(_("请选没送成的原因"))], choices=list(FAILURES.items())
    )
