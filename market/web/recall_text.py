"""Words for recalls and traces, for every door."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from market.catalog.recall_rule import ScopeKind
from market.catalog.trace import TraceKind
from market.recalls.models import Recall
from market.recalls.states import Bearer, DutyKind, RecallState, Remedy, UnitState

RECALL_STATES: dict[RecallState, tuple[LazyString, str]] = {
    RecallState.signal: (_("收到消息"), "wait"),
    RecallState.investigating: (_("调查中"), "wait"),
    RecallState.confirmed: (_("已确认，等发布"), "wait"),
    RecallState.listing_frozen: (_("已停售，正在通知"), "bad"),
    RecallState.notice_sent: (_("已通知买家"), "bad"),
    RecallState.remedy: (_("正在处理"), "bad"),
    RecallState.progress: (_("正在处理，已报进展"), "bad"),
    RecallState.closed: (_("已了结"), "off"),
    RecallState.dismissed: (_("没有查实"), "off"),
}
UNIT_STATES: dict[UnitState, tuple[LazyString, str]] = {
    UnitState.listed: (_("在册"), "wait"),
    UnitState.told: (_("已通知"), "wait"),
    UnitState.reached: (_("已联系上"), "wait"),
    UnitState.chosen: (_("已选办法"), "wait"),
    UnitState.remedied: (_("已处理"), ""),
    UnitState.unreachable: (_("联系不上"), "bad"),
    UnitState.not_affected: (_("不在召回范围"), "off"),
    UnitState.pulled: (_("已下架"), ""),
}
REMEDIES: dict[Remedy, LazyString] = {
    Remedy.repair: _("上门修好"),
    Remedy.replacement: _("换一台"),
    Remedy.refund: _("退钱"),
    Remedy.collect: _("收走处理"),
}
SCOPES: dict[ScopeKind, LazyString] = {
    ScopeKind.model: _("整个型号"),
    ScopeKind.gtin: _("这个条码的全部"),
    ScopeKind.batch: _("一个批次"),
    ScopeKind.serials: _("一段序列号"),
}
DUTIES: dict[DutyKind, LazyString] = {
    DutyKind.report: _("报告市场监管部门（2 个工作日内）"),
    DutyKind.plan: _("提交召回计划（10 个工作日内）"),
    DutyKind.progress: _("报告进展（每 3 个月）"),
    DutyKind.summary: _("提交总结（15 个工作日内）"),
}
CALL_REASONS: dict[str, LazyString] = {
    "elder": _("60 岁以上"),
    "chosen": _("自己要打电话"),
    "no_text": _("没有同意收短信"),
}
TRACE: dict[TraceKind, LazyString] = {
    TraceKind.received: _("进店"),
    TraceKind.sold: _("卖出"),
    TraceKind.taken_back: _("退回店里"),
    TraceKind.delivered: _("送到买家"),
    TraceKind.installed: _("装好，检查合格"),
    TraceKind.subsidized: _("用过国家补贴"),
    TraceKind.repaired: _("修过"),
    TraceKind.recalled: _("列入召回"),
    TraceKind.remedied: _("召回处理完"),
    TraceKind.wiped: _("资料已擦除"),
    TraceKind.resold: _("作为旧货再卖"),
    TraceKind.dismantled: _("交给拆解厂"),
}
_DETAILS: dict[str, LazyString] = {
    "shop": _("店铺"),
    "programme": _("哪个补贴办法"),
    "recall": _("召回"),
    "remedy": _("办法"),
    "standard": _("标准"),
    "method": _("方式"),
    "mark": _("标记"),
    "manifest": _("联单"),
    "station": _("维修站"),
}
_METHODS: dict[str, LazyString] = {"overwrite": _("覆写"), "block_erase": _("块擦除")}


def scope_words(recall: Recall) -> str:
    """Which pieces a recall is of, in words."""
    words = str(SCOPES[recall.kind])
    if recall.batch:
        return f"{words} {recall.batch}"
    if recall.first_serial:
        return f"{words} {recall.first_serial} – {recall.last_serial}"
    return words


def details(row_details: dict[str, str]) -> list[tuple[LazyString | str, LazyString | str]]:
    """The details of a trace event by name and value, in words where there are some."""
    values: dict[str, LazyString] = {**_METHODS, **{kind.value: words for kind, words in REMEDIES.items()}}
    return [(_DETAILS.get(name, name), values.get(value, value)) for name, value in row_details.items()]


BEARERS = {Bearer.maker: _("生产者担"), Bearer.shop: _("店铺自担")}


def noted(note: str) -> str:
    """What a step's note says. The market's own begin with what they are about: a piece or a report."""
    about, _space, rest = note.partition(" ")
    key, _colon, why = rest.partition(": ")
    if about in DUTIES:
        return f"{DUTIES[DutyKind(about)]} · {why}"
    kind, colon, number = about.partition(":")
    if not colon or key not in _DONE:
        return note
    return " · ".join(filter(None, (number if kind == "serial" else "", str(_DONE[key]), why)))


_DONE: dict[str, LazyString] = {
    **{remedy.value: word for remedy, word in REMEDIES.items()},
    **{state.value: word for state, (word, _kind) in UNIT_STATES.items()},
}
