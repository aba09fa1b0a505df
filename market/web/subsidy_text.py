"""Why a line gets no subsidy, in words that a villager understands."""

from flask_babel import LazyString, gettext, lazy_gettext

from market.kernel.money import format_yuan
from market.subsidies.rules import Decision, Reason

_SENTENCES: dict[Reason, LazyString] = {
    Reason.no_programme: lazy_gettext("这类商品目前没有补贴"),
    Reason.other_region: lazy_gettext("这项补贴不管这个县"),
    Reason.hukou_unknown: lazy_gettext("这项补贴只给农村户口，平台核对不了"),
    Reason.rate_unknown: lazy_gettext("这类补贴的标准还没有公布，先不补"),
    Reason.grade_not_eligible: lazy_gettext("等级没达到补贴的要求，或还没有核实"),
    Reason.price_ceiling: lazy_gettext("超过 %(ceiling)s 元不补"),
    Reason.trade_in_missing: lazy_gettext("要交一台旧家电才补，结算时选“交旧家电”"),
    Reason.quota_used: lazy_gettext("您这一类的补贴名额已用完（每人 %(limit)s 件）"),
    Reason.coupon_missing: lazy_gettext("先领这一类的补贴资格，再下单"),
    Reason.pot_empty: lazy_gettext("本县这项补贴的余额不够了"),
}
_UNPROVEN = lazy_gettext("等级还没有核实，核实是 %(grades)s 级才补")
_TOO_LOW = lazy_gettext("%(grade)s 级：现在只补 %(grades)s 级")


def why(decision: Decision) -> str:
    """The one condition that failed; empty where the line is paid for."""
    if decision.reason is None:
        return ""
    values = dict(decision.values)
    ceiling_fen = values.get("ceiling_fen")
    values["ceiling"] = _yuan(ceiling_fen) if ceiling_fen is not None else "—"
    values["grades"] = gettext("、").join(map(str, values.get("grades", [])))
    return str(_sentence(decision.reason, values)) % values


def _sentence(reason: Reason, values: dict[str, object]) -> LazyString:
    if reason is Reason.grade_not_eligible and values["grades"]:
        return _UNPROVEN if values["grade"] is None else _TOO_LOW
    return _SENTENCES[reason]


def _yuan(fen: int) -> str:
    """Without decimals where there are none: people say 6000 元."""
    return str(fen // 100) if fen % 100 == 0 else format_yuan(fen)
