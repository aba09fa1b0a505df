"""The form of a programme's draft: the fields that matter. The rest stays as in the version before."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from market.kernel.clock import at, local_date
from market.subsidies import queries
from market.subsidies.draft import DraftInput
from market.subsidies.models import ProgrammeRow
from market.subsidies.schema import RESTORES_QUOTA, Issue, Programme
from market.web.day_field import DayField
from market.web.programme_text import percent
from market.web.yuan_field import YuanField

_LAST_SECOND = time(23, 59, 59)
_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
_WHOLE = _("请填一个整数，例如 1")
_KNOWN = {None: "unknown", True: "yes", False: "no"}
# What a rate is set for: the grades a rule names; None is an appliance whose grade nobody has proven.
BUCKETS: dict[str, tuple[int | None, ...]] = {"one": (1,), "two": (2,), "low": (3, 4, 5), "none": (None,)}


class WholeField(IntegerField):
    """A whole number, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_WHOLE)) from error


class PercentField(StringField):
    """A percentage; `data` is the rate as an exact text (``15`` gives ``0.15``), None where left empty."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip().rstrip("%％") if valuelist else ""
        try:
            rate = Decimal(text) / 100 if text else None
        except InvalidOperation:
            rate = Decimal(-1)
        if rate is not None and not (rate.is_finite() and 0 <= rate <= 1):
            raise ValueError(str(_("请填 0 到 100 之间的百分数，例如 15")))
        self.data = None if rate is None else f"{rate.normalize():f}"

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else percent(Decimal(self.data))


def _percent(label: Any) -> PercentField:
    return PercentField(label, description=_("不补填 0；还不知道就空着，先不补"), render_kw=_NUMBER)


def _cap() -> YuanField:
    return YuanField(_("每件最多（元）"), [Optional()], description=_("没有上限就空着"))


class ProgrammeForm(FlaskForm):
    """One draft. Quantities a person may buy have fields of their own, one a category: see `form_for`."""

    name_zh = StringField(
        _("中文名"), [DataRequired(_("请写中文名")), Length(max=60, message=_("请写 60 个字以内"))]
    )
    name_en = StringField(
        _("英文名"), [DataRequired(_("请写英文名")), Length(max=90, message=_("请写 90 个字以内"))]
    )
    source = StringField(
        _("出处（文件名和文号）"),
        [DataRequired(_("请写出处，大家都看得到")), Length(max=300, message=_("请写 300 个字以内"))],
    )
    verified = BooleanField(_("已与文件核对（不勾，页面上写“参考值”）"))
    first_day = DayField(_("第一天"), [InputRequired(_("请填日期，例如 2026-12-31"))])
    valid_to = DayField(_("最后一天"), [InputRequired(_("请填日期，例如 2026-12-31"))])
    rate_one = _percent(_("1 级补百分之几"))
    cap_one = _cap()
    rate_two = _percent(_("2 级补百分之几"))
    cap_two = _cap()
    rate_low = _percent(_("3 到 5 级补百分之几"))
    cap_low = _cap()
    rate_none = _percent(_("没有标识的补百分之几"))
    cap_none = _cap()
    ceiling_fen = YuanField(_("超过多少元不补"), [Optional()], description=_("没有上限就空着"))
    requires_trade_in = BooleanField(_("交旧家电才补"))
    same_category = BooleanField(_("旧家电要和新的同一类"))
    old_reduces_base = SelectField(
        _("旧机折价减不减补贴基数"),
        choices=[("unknown", _("还不知道（按不减算）")), ("yes", _("减")), ("no", _("不减"))],
    )
    deadline_days = WholeField(
        _("下单后几天内送到"),
        [Optional(), NumberRange(1, 365, _("请填 1 到 365 天"))],
        description=_("没有期限就空着"),
    )
    total_limit = WholeField(
        _("每人一共几件"),
        [Optional(), NumberRange(1, 999, _("请填 1 到 999 件"))],
        description=_("不限就空着"),
    )
    restores_quota = BooleanField(_("全部退货后把名额还给本人"))
    requires_real_name = BooleanField(_("要核验实名"))
    coupon = SelectField(
        _("补贴资格怎样领"),
        choices=[("", _("不用领")), ("first_come", _("先到先得")), ("lottery", _("登记后摇号"))],
    )
    ttl_days = WholeField(
        _("资格几天内有效"), [InputRequired(_WHOLE), NumberRange(1, 365, _("请填 1 到 365 天"))]
    )
    chances = WholeField(
        _("每件有几次机会"), [InputRequired(_WHOLE), NumberRange(1, 99, _("请填 1 到 99 次"))]
    )

    @property
    def limit_fields(self) -> list[WholeField]:
        """Pieces a person, by category."""
        return [field for field in self if field.name.startswith("limit_")]


def form_for(row: ProgrammeRow, names: Mapping[str, str]) -> ProgrammeForm:
    """The form of a draft, with a field for each category of `names` (code to name)."""
    programme = queries.parsed(row)
    validators = [InputRequired(_WHOLE), NumberRange(0, 99, _("请填 0 到 99 件"))]
    named = dict.fromkeys([*names, *programme.quantity_limits])
    fields = {
        f"limit_{code}": WholeField(names.get(code, code), validators, render_kw=_NUMBER) for code in named
    }
    kind = type("FormOfCategories", (ProgrammeForm,), fields)
    form: ProgrammeForm = kind(data=_shown(row, programme, list(fields)))
    return form


def _shown(row: ProgrammeRow, programme: Programme, limits: list[str]) -> dict[str, Any]:
    coupons = programme.coupons
    shown = {
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "source": row.source,
        "verified": row.verified,
        "first_day": local_date(row.valid_from),
        "valid_to": local_date(row.valid_to),
        "ceiling_fen": programme.ceiling_fen,
        "requires_trade_in": programme.requires_trade_in,
        "same_category": programme.trade_in_same_category,
        "old_reduces_base": _KNOWN[programme.trade_in_reduces_base],
        "deadline_days": programme.delivery_deadline_days,
        "total_limit": programme.total_limit,
        "restores_quota": programme.restores_quota,
        "requires_real_name": programme.requires_real_name,
        "coupon": coupons.issue.value if coupons else "",
        "ttl_days": coupons.ttl_days if coupons else 2,
        "chances": coupons.chances if coupons else 3,
    }
    for name, grades in BUCKETS.items():
        rule = next((rule for rule in programme.rates if rule.covers(grades[0])), None)
        shown[f"rate_{name}"] = None if rule is None or rule.rate is None else str(rule.rate)
        shown[f"cap_{name}"] = rule.cap_fen if rule else None
    return shown | {name: programme.quantity_limits.get(name.removeprefix("limit_"), 0) for name in limits}


def written(form: ProgrammeForm, row: ProgrammeRow) -> DraftInput:
    """What the (valid) form says, over what the draft said before."""
    data: dict[str, Any] = form.data
    first, last = data["first_day"], data["valid_to"]
    return DraftInput(
        name_zh=data["name_zh"].strip(),
        name_en=data["name_en"].strip(),
        valid_from=at(first, time.min),
        valid_to=at(last, _LAST_SECOND),
        rules=_rules(data, deepcopy(row.rules), last),
        source=data["source"].strip(),
        verified=data["verified"],
    )


def _rules(data: dict[str, Any], rules: dict[str, Any], last: date) -> dict[str, Any]:
    limits = {name.removeprefix("limit_"): n for name, n in data.items() if name.startswith("limit_")}
    rules["categories"] = {code: {"qty_limit": number} for code, number in limits.items() if number}
    tiers = {code: rows for code, rows in (rules.get("price_tiers") or {}).items() if limits.get(code)}
    rules["price_tiers"] = tiers or None
    rules["rate_rules"] = _rate_rules(data)
    rules["price_ceiling_fen"] = data["ceiling_fen"]
    rules["requires_trade_in"] = data["requires_trade_in"]
    rules["trade_in_same_category"] = data["same_category"]
    reduces = {word: known for known, word in _KNOWN.items()}[data["old_reduces_base"]]
    rules["base"] = rules["base"] | {"trade_in_credit_reduces_base": reduces}
    rules["delivery_deadline_days"] = data["deadline_days"]
    if rules.get("hard_delivery_cutoff"):
        rules["hard_delivery_cutoff"] = last.isoformat()
    rules["total_qty_limit"] = data["total_limit"]
    full = RESTORES_QUOTA if data["restores_quota"] else "CONSUME_QUOTA"
    rules["refund"] = (rules.get("refund") or {}) | {"full": full}
    beneficiary = rules.get("beneficiary") or {"type": "individual"}
    rules["beneficiary"] = beneficiary | {"requires_real_name": data["requires_real_name"]}
    rules["coupon"] = _coupon(data)
    return rules


def _rate_rules(data: dict[str, Any]) -> list[dict[str, Any]]:
    found = [(data[f"rate_{name}"], data[f"cap_{name}"]) for name in BUCKETS]
    if len(set(found)) == 1:
        return [{"when": {}, "rate": found[0][0], "cap_per_item": found[0][1]}]
    return [
        {"when": {"efficiency_grade": list(grades)}, "rate": rate, "cap_per_item": cap}
        for grades, (rate, cap) in zip(BUCKETS.values(), found, strict=True)
    ]


def _coupon(data: dict[str, Any]) -> dict[str, Any] | None:
    if not data["coupon"]:
        return None
    return {
        "issue": Issue(data["coupon"]).value,
        "ttl": f"P{data['ttl_days']}D",
        "reclaims": data["chances"],
        "geo_required": False,
    }
