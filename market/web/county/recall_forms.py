"""Forms of the recall pages."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from market.catalog.recall_rule import Scope, ScopeKind
from market.recalls.declare import Declaration
from market.recalls.states import Remedy
from market.web.recall_text import REMEDIES, SCOPES
from market.web.yuan_field import YuanField

_text = {"maxlength": 300, "rows": 2}
_number = {"maxlength": 40, "autocomplete": "off", "autocapitalize": "characters"}
_long = Length(max=300, message=_("最多写 300 个字"))


class DeclareForm(FlaskForm):
    """The news of a danger."""

    kind = RadioField(
        _("召回哪些"),
        choices=[(kind.value, words) for kind, words in SCOPES.items()],
        default=ScopeKind.model.value,
    )
    batch = StringField(_("批次"), description=_("按批次召回时填"), render_kw=_number)
    first_serial = StringField(_("从哪个序列号"), description=_("按序列号召回时填"), render_kw=_number)
    last_serial = StringField(_("到哪个序列号"), render_kw=_number)
    maker = StringField(_("生产者"), description=_("费用由生产者承担"), render_kw={"maxlength": 80})
    hazard = TextAreaField(_("有什么危险"), [_long], description=_("买家会看到"), render_kw=_text)
    advice = TextAreaField(
        _("请买家马上怎么做"), [_long], description=_("例如：拔掉插头，不要再用"), render_kw=_text
    )
    remedies = SelectMultipleField(
        _("买家可以选"),
        choices=[(remedy.value, words) for remedy, words in REMEDIES.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    source = TextAreaField(_("消息从哪里来"), [_long], description=_("文号、通报、投诉单号"), render_kw=_text)

    def declaration(self) -> Declaration:
        """What was written."""
        return Declaration(
            scope=Scope(
                ScopeKind(self.kind.data),
                self.batch.data,
                self.first_serial.data,
                self.last_serial.data,
            ),
            maker=self.maker.data or "",
            hazard=self.hazard.data or "",
            advice=self.advice.data or "",
            remedies=tuple(Remedy(value) for value in self.remedies.data or ()),
            source=self.source.data or "",
        )


class NoteForm(FlaskForm):
    """A sentence that is kept with what was done."""

    note = TextAreaField(_("说明"), [_long], render_kw=_text)


class ChooseForm(FlaskForm):
    """What the buyer said on the telephone."""

    remedy = RadioField(_("买家选"), choices=[(remedy.value, words) for remedy, words in REMEDIES.items()])


class CompleteForm(NoteForm):
    """What was done, and what it cost."""

    cost = YuanField(_("花了多少钱（元）"), description=_("修理、换机、上门的费用；退给买家的钱会自己加上"))


class PlateForm(FlaskForm):
    """The number on the name plate."""

    serial = StringField(_("铭牌上的序列号"), render_kw=_number)


class CallForm(FlaskForm):
    """How a call went."""

    reached = HiddenField()
    note = StringField(_("说明"), [Length(max=200)], render_kw={"maxlength": 200, "autocomplete": "off"})


class PaidInForm(FlaskForm):
    """What the maker has paid."""

    amount = YuanField(_("到账多少钱"), [InputRequired(_("请填元数，例如 320 或 320.50"))])
    bank_reference = StringField(
        _("银行回单号"),
        [InputRequired(_("请填银行回单号")), Length(max=40)],
        render_kw={"maxlength": 40, "autocomplete": "off"},
    )
