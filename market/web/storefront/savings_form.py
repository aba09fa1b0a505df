"""What the three accounts start from. It is a GET form: a page of sums can be kept and passed on."""

from decimal import Decimal

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional

from market.savings.rules import HAZARDS

HAZARD_WORDS = {
    "leak": _("漏水、漏电"),
    "burnt_smell": _("有焦糊味"),
    "no_earth": _("没有接地线"),
    "gas_smell": _("有燃气味"),
}
# By category: the plate's figures that tell what the old one uses (name of the label, words, unit).
FIGURES = {
    "ac": (("rated_cooling_w", _("制冷量"), _("瓦")), ("apf", _("能效比（APF）"), "")),
    "fridge": (("kwh_per_24h", _("一天用电"), _("度")),),
    "washer": (
        ("capacity_kg", _("洗涤容量"), _("公斤")),
        ("kwh_per_cycle_kg", _("每公斤洗一次用电"), _("度")),
        ("wash_liters", _("洗一次用水"), _("升")),
    ),
    "water_heater": (("cop", _("能效（电热的填 1）"), ""),),
}


def _number(label: object, least: str, most: str, hint: object = "") -> DecimalField:
    said = _("请填 %(least)s 到 %(most)s 之间的数", least=least, most=most)
    return DecimalField(
        label, [Optional(), NumberRange(Decimal(least), Decimal(most), said)], places=None, description=hint,
        render_kw={"inputmode": "decimal"},
    )  # fmt: skip


class SavingsForm(FlaskForm):
    """Every input can be changed; an empty one takes its default, or leaves its account unknown."""

    class Meta:
        csrf = False

    bought_on = DateField(_("旧的哪天买的"), [Optional()])
    installed_on = DateField(_("哪天装好的"), [Optional()])
    declared_life_years = IntegerField(
        _("铭牌写的安全年限"), [Optional(), NumberRange(1, 40, _("请填 1 到 40"))],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    hazards = SelectMultipleField(_("有这些情况吗？有就打勾"), [Optional()])
    rated_cooling_w = _number("", "500", "20000")
    apf = _number("", "1", "8")
    kwh_per_24h = _number("", "0.05", "10")
    capacity_kg = _number("", "1", "25")
    kwh_per_cycle_kg = _number("", "0.001", "1")
    wash_liters = _number("", "1", "500")
    cop = _number("", "0.5", "8")
    year_kwh = _number(_("旧的一年用电"), "1", "20000", _("知道就填，不用再算"))
    new_year_kwh = _number(_("新的一年用电"), "1", "20000", _("标识上没有就要您填"))
    new_wash_liters = _number(_("新的洗一次用水"), "1", "500")
    ageing = _number(_("老化系数"), "1", "3", _("旧了费电才加，1 是不加"))
    usage = _number(_("用得多少"), "0.2", "2", _("1 是标识的用法，少用就小于 1"))
    cycles = _number(_("一年洗几次"), "1", "2000")
    region = SelectField(_("哪里的电价"), [Optional()])
    tariff = _number(_("电价"), "0.1", "3", _("照电费单填，填了就按您的算"))
    month_kwh = _number(_("家里一个月用电"), "1", "5000", _("填了才能按阶梯电价算"))
    water_price = _number(_("水价"), "0.1", "20")
    value = _number(_("旧的能折多少"), "0", "20000")
    repairs = _number(_("旧的一年修理费"), "0", "5000")
    rate = _number(_("折现率"), "0", "20", _("钱以后值多少，一般填 3"))
    years = IntegerField(
        _("新的打算用几年"), [Optional(), NumberRange(1, 30, _("请填 1 到 30"))],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip

    def of(self, category_code: str, regions: list[tuple[str, str]]) -> "SavingsForm":
        """Only what this category's plate has, in its words."""
        self.hazards.choices = [(code, HAZARD_WORDS[code]) for code in HAZARDS]
        self.region.choices = regions
        names = {name for name, _words, _unit in FIGURES.get(category_code, ())}
        every = {name for figures in FIGURES.values() for name, _words, _unit in figures}
        washes = {"cycles", "new_wash_liters", "water_price"} if category_code != "washer" else set()
        for name in (every - names) | washes:
            del self[name]
        for name, words, _unit in FIGURES.get(category_code, ()):
            self[name].label.text = words
        return self
