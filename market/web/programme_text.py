"""A programme's rules in words; what nobody knows is said to be unknown."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from flask_babel import LazyString, gettext, lazy_gettext

from market.catalog.models import Category
from market.kernel.money import format_yuan
from market.subsidies import queries
from market.subsidies.models import ProgrammeRow
from market.subsidies.schema import Basis, Coupons, Issue, Programme, Rate, Reset, Tier
from market.web.text import local_day, local_name


def _(text: str, **values: object) -> str:
    return str(gettext(text, **values))


BASES: dict[Basis, LazyString] = {
    Basis.order_time: lazy_gettext("按下单时间"),
    Basis.payment_time: lazy_gettext("按付款时间"),
    Basis.invoice_date: lazy_gettext("按发票日期"),
}


def names_of(kinds: Iterable[Category]) -> dict[str, str]:
    """The names of `kinds` by their own code and by the one that programmes call them by."""
    return {code: local_name(kind) for kind in kinds for code in (kind.code, kind.subsidy_category) if code}


def facts(row: ProgrammeRow, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the programme says, as names and values. `names` are the categories'."""
    programme = queries.parsed(row)
    found = [
        (
            _("补哪些"),
            _("；").join(_limit(_name(names, code), n) for code, n in programme.quantity_limits.items()),
        ),
        (_("补多少"), _("；").join(_rates(programme, names))),
    ]
    if programme.ceiling_fen is not None:
        most = format_yuan(programme.ceiling_fen)
        found.append(
            (_("价格上限"), _("%(most)s 元（含）", most=most) if programme.ceiling_inclusive else most)
        )
    if programme.total_limit is not None:
        found.append((_("合计"), _("每人一共 %(n)s 件", n=programme.total_limit)))
    return found + _conditions(programme)


def _conditions(programme: Programme) -> list[tuple[str, str]]:
    old = {None: _("未知，按不减算（参考值）"), True: _("减"), False: _("不减")}
    year = programme.period_reset is Reset.calendar_year
    found = [
        (_("按什么时间算"), str(BASES[programme.effective_basis])),
        (_("交旧"), _("必须交旧") if programme.requires_trade_in else _("不必交旧")),
        (_("旧机折价减不减补贴基数"), old[programme.trade_in_reduces_base]),
        (_("名额"), _("每年重算") if year else _("整个期间只算一次")),
        (_("退货后名额"), _("还给本人") if programme.restores_quota else _("不退")),
        (_("零头"), _("舍到分")),
    ]
    if programme.jurisdictions != ("*",):
        found.append((_("适用地区代码"), _("、").join(programme.jurisdictions)))
    if programme.rural_hukou_required:
        found.append((_("对象"), _("农村户口")))
    if programme.delivery_deadline_days is not None:
        found.append((_("送达期限"), _("下单后 %(n)s 天内", n=programme.delivery_deadline_days)))
    if programme.hard_delivery_cutoff is not None:
        found.append((_("最晚送达"), local_day(programme.hard_delivery_cutoff)))
    if programme.coupons is not None:
        found.append((_("补贴资格"), _coupons(programme.coupons)))
    return found


def _name(names: Mapping[str, str], code: str) -> str:
    """A kind's name; old programmes pay for some that no county sells under them."""
    return names.get(code) or {"cooktop": _("灶具"), "induction_cooker": _("电磁炉")}.get(code, code)


def _limit(name: str, number: int) -> str:
    return _("%(name)s 每人 %(n)s 件", name=name, n=number)


def _rates(programme: Programme, names: Mapping[str, str]) -> Iterable[str]:
    for category, tiers in programme.tiers.items():
        yield _("%(kind)s：%(tiers)s", kind=_name(names, category), tiers=_tiers(tiers))
    if set(programme.quantity_limits) - set(programme.tiers):
        yield from (_rate(rule, len(programme.rates) == 1) for rule in programme.rates)


def _tiers(tiers: Iterable[Tier] | None) -> str:
    if tiers is None:
        return _("标准未知，先不补")
    return _("，").join(_tier(tier) for tier in tiers)


def _tier(tier: Tier) -> str:
    amount = (
        percent(tier.rate) + "%"
        if tier.rate is not None
        else _("%(yuan)s 元", yuan=format_yuan(tier.flat_fen or 0))
    )
    if tier.upto_fen is None:
        return _("再贵补 %(amount)s", amount=amount)
    return _("%(upto)s 元以内补 %(amount)s", upto=format_yuan(tier.upto_fen), amount=amount)


def _rate(rule: Rate, is_only: bool) -> str:
    who = _("一律") if is_only else _who(rule)
    if rule.rate is None:
        return _("%(who)s标准未知，先不补", who=who)
    if rule.rate == 0:
        return _("%(who)s不补", who=who)
    if rule.cap_fen is None:
        return _("%(who)s补 %(rate)s%%", who=who, rate=percent(rule.rate))
    cap = format_yuan(rule.cap_fen)
    return _("%(who)s补 %(rate)s%%，每件最多 %(cap)s 元", who=who, rate=percent(rule.rate), cap=cap)


def _who(rule: Rate) -> str:
    if rule.grades is None:
        return _("其余")
    grades = sorted(grade for grade in rule.grades if grade is not None)
    named = [_("%(grades)s 级", grades=_("、").join(map(str, grades)))] if grades else []
    return _("和").join([*named, _("没有标识的")] if None in rule.grades else named)


def _coupons(coupons: Coupons) -> str:
    how = _("摇号") if coupons.issue is Issue.lottery else _("先到先得")
    return _(
        "%(how)s，领后 %(days)s 天内有效（算领的当天），每件 %(chances)s 次机会",
        how=how,
        days=coupons.ttl_days,
        chances=coupons.chances,
    )


def percent(rate: Decimal | None) -> str:
    """``0.15`` as ``15``."""
    return "" if rate is None else f"{(rate * 100).normalize():f}"
