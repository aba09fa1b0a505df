"""What the codes of returns and repairs say to people, at every door."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from market.aftersales.models import (
    Actor,
    AftersalesStep,
    Decision,
    Fault,
    Found,
    Outcome,
    Repair,
    ReturnRequest,
    Way,
)
from market.aftersales.rules import Ground, Remedy, Verdict, Warranty
from market.aftersales.states import RepairState as P
from market.aftersales.states import ReturnState as R
from market.web.text import local_time

Step = tuple[str, str, str]

GROUNDS: dict[Ground, LazyString] = {
    Ground.no_reason: _("不想要了，七天无理由"),
    Ground.fault: _("有毛病"),
    Ground.damaged: _("送到时就坏了"),
    Ground.wrong: _("送错了"),
    Ground.missing: _("少了东西"),
}
REMEDIES: dict[Remedy, LazyString] = {
    Remedy.refund: _("退货退款"),
    Remedy.exchange: _("换一台"),
    Remedy.price_cut: _("货留下，便宜些"),
}
FAULTS: dict[Fault, LazyString] = {
    Fault.no_power: _("通电没反应"),
    Fault.no_work: _("不制冷、不转、不加热"),
    Fault.noise: _("声音大、抖得厉害"),
    Fault.leak: _("漏水、漏电、漏气"),
    Fault.display: _("屏幕、按键失灵"),
    Fault.other: _("别的毛病"),
}
WAYS: dict[Way, LazyString] = {
    Way.pickup: _("等送货车顺路来取"),
    Way.bring: _("自己送来"),
}
FOUND: dict[Found, LazyString] = {
    Found.as_told: _("和买家说的一样"),
    Found.faulty: _("确有故障"),
    Found.damaged: _("有损坏"),
    Found.incomplete: _("缺配件"),
    Found.wrong: _("不是这件货"),
    Found.used: _("用过的痕迹重"),
}
ACTORS: dict[Actor, LazyString] = {
    Actor.buyer: _("买家"),
    Actor.shop: _("店铺"),
    Actor.county: _("县里"),
    Actor.courier: _("送货员"),
    Actor.clock: _("到期自动"),
}
DECISIONS: dict[Decision, LazyString] = {
    Decision.for_buyer: _("支持买家，照办"),
    Decision.for_shop: _("支持店铺，不办"),
}
OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.fixed: _("修好了"),
    Outcome.not_fixed: _("没修好"),
    Outcome.declined: _("没有修"),
    Outcome.replaced: _("换新的"),
}
LEGS: dict[str, LazyString] = {"pickup": _("取件这一趟"), "home": _("送回这一趟"), "new": _("送新货这一趟")}
RETURNS: dict[R, LazyString] = {
    R.requested: _("等店铺答复"),
    R.approved: _("同意了，等着交货"),
    R.refused: _("店铺没有同意"),
    R.disputed: _("县里在处理"),
    R.collected: _("已取走，在路上"),
    R.received: _("店铺收到了，在验货"),
    R.exchanging: _("验好了，换的货在路上"),
    R.settling: _("验好了，等县里批退款"),
    R.going_home: _("货送回给您"),
    R.refunded: _("退款已批准"),
    R.exchanged: _("换好了"),
    R.home: _("货已送回"),
    R.closed: _("没有办，已结束"),
    R.withdrawn: _("已撤回"),
}
REPAIRS: dict[P, LazyString] = {
    P.requested: _("等着送修"),
    P.collected: _("已取走，去维修站"),
    P.at_station: _("到维修站，在检查"),
    P.quoted: _("要您定修不修"),
    P.repairing: _("在修"),
    P.waiting_parts: _("等配件"),
    P.going_home: _("送回给您"),
    P.home: _("已送回"),
    P.replaced: _("修不好，换新的"),
    P.withdrawn: _("已撤回"),
}
RETURNS_AT_WORK: dict[R, LazyString] = RETURNS | {R.going_home: _("货送回给买家")}
REPAIRS_AT_WORK: dict[P, LazyString] = REPAIRS | {
    P.quoted: _("等买家定修不修"),
    P.going_home: _("送回给买家"),
}
_BAD = frozenset({R.refused, R.disputed, R.closed})
_WAITS = frozenset({R.requested, R.approved, R.received, P.quoted, P.requested})


def state_word(case: ReturnRequest | Repair) -> LazyString:
    """Where a case is, said to its buyer."""
    return RETURNS[case.state] if isinstance(case, ReturnRequest) else REPAIRS[case.state]


def state_at_work(case: ReturnRequest | Repair) -> LazyString:
    """The same, said to the shop and the county."""
    return RETURNS_AT_WORK[case.state] if isinstance(case, ReturnRequest) else REPAIRS_AT_WORK[case.state]


def pill_kind(case: ReturnRequest | Repair) -> str:
    """The look of a case's pill."""
    if case.state in _BAD:
        return "bad"
    return "wait" if case.state in _WAITS else ""


def trail_of(
    case: ReturnRequest | Repair, rows: Sequence[AftersalesStep], *, is_at_work: bool = False
) -> list[Step]:
    """What happened to a case, for the list of steps; what was said to a step follows its time."""
    words: Mapping[R, LazyString] | Mapping[P, LazyString]
    if isinstance(case, ReturnRequest):
        words = RETURNS_AT_WORK if is_at_work else RETURNS
    else:
        words = REPAIRS_AT_WORK if is_at_work else REPAIRS
    named = {state.value: word for state, word in words.items()}
    first = gettext("提出")
    return [
        (
            str(named[row.state]) if place else str(first),
            "failed" if row.state in ("refused", "closed") else "done",
            f"{local_time(row.at)} {ACTORS[row.by]}{'：' + row.note if row.note else ''}",
        )
        for place, row in enumerate(rows)
    ]


def warranty_sentence(found: Warranty) -> str:
    """What the warranty says, and why."""
    if found.verdict is Verdict.unknown or found.until is None:
        return str(gettext("三包里没有查到这一类的年限，以厂家保修卡为准，维修站会看。"))
    values = {"until": local_time(found.until), "days": found.paused // timedelta(days=1)}
    if found.verdict is Verdict.whole:
        said = gettext("整机三包到 %(until)s，期内免费修。", **values)
    elif found.verdict is Verdict.main_part:
        said = gettext("整机过了三包，主要部件保到 %(until)s，坏的是主要部件就免费修。", **values)
    else:
        said = gettext("三包 %(until)s 已到期，修要收费。先报价，您同意才修。", **values)
    if values["days"]:
        said += gettext("送修的 %(days)s 天不算在内，已经顺延。", **values)
    return str(said)
