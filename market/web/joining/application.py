"""A business asks to sell in its county."""

from flask import redirect, render_template, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from market.catalog.queries import categories
from market.kernel import clock
from market.kernel.db import db
from market.shops.apply import Application, apply
from market.shops.queries import shop_of
from market.web.county_choice import all_counties, visitor_county
from market.web.guards import signed_in
from market.web.joining import bp
from market.web.once import once
from market.web.refusals import attempt
from market.web.text import local_name

Page = str | Response | tuple[str, int]
COMMISSION_BP = 300
_required = DataRequired(_("请填写这一项"))


class ApplyForm(FlaskForm):
    """What a shop says of itself."""

    county_code = SelectField(_("在哪个县开店"))
    name = StringField(_("店名"), [_required, Length(2, 40, _("请写 2 到 40 个字"))])
    licence_number = StringField(
        _("统一社会信用代码"),
        [_required],
        description=_("18 位，照营业执照抄"),
        render_kw={"autocomplete": "off", "maxlength": 18},
    )
    phone = StringField(
        _("店里的电话"), [_required, Length(7, 20, _("请填 7 到 20 位"))], render_kw={"type": "tel"}
    )
    address = StringField(_("店在哪里"), [_required, Length(4, 120, _("请写 4 到 120 个字"))])
    categories = SelectMultipleField(
        _("打算卖哪些"),
        [DataRequired(_("请至少选一类"))],
        description=_("有的类别要许可证，选了才知道要交哪些材料"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def application(self) -> Application:
        """What was typed; the commission is the market's own."""
        texts = (self.name, self.licence_number, self.phone, self.address)
        name, licence, phone, address = (str(field.data or "").strip() for field in texts)
        return Application(
            str(self.county_code.data),
            name,
            licence,
            phone,
            address,
            commission_bp=COMMISSION_BP,
            categories=tuple(self.categories.data or ()),
        )


@bp.get("/apply")
@signed_in
def application() -> Page:
    """The form; who works for a shop is led to its desk."""
    if shop_of(db.session(), current_user.id):
        return redirect(url_for("shop.papers"), 303)
    form = _with_choices(ApplyForm(formdata=None))
    form.county_code.data = visitor_county().code
    return render_template("joining/apply.html", form=form)


@bp.post("/apply", endpoint="send_application")
@signed_in
@once("joining.apply")
def send_application() -> Page:
    """Apply, and go on to the papers."""
    form = _with_choices(ApplyForm())
    if attempt(form, lambda: apply(db.session(), form.application(), current_user.id, clock.now())):
        return redirect(url_for("shop.papers"), 303)
    return render_template("joining/apply.html", form=form), 422


def _with_choices(form: ApplyForm) -> ApplyForm:
    form.county_code.choices = [(county.code, county.name) for county in all_counties()]
    form.categories.choices = [(it.code, local_name(it)) for it in categories(db.session())]
    return form
