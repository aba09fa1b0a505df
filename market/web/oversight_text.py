"""Words of oversight and of the register, the same at every door."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from market.oversight.rules import Figure
from market.oversight.states import CaseKind, CaseState, InspectionState, Outcome, Severity
from market.recycling.models import RecyclerState, RegisterAct

RECYCLER_STATES: dict[RecyclerState, tuple[LazyString, str]] = {
    RecyclerState.active: (_("可以收货"), ""),
    RecyclerState.suspended: (_("已暂停"), "bad"),
    RecyclerState.lapsed: (_("许可证已过期"), "bad"),
}
ACTS: dict[RegisterAct, LazyString] = {
    RegisterAct.added: _("登记"),
    RegisterAct.edited: _("改登记"),
    RegisterAct.renewed: _("换证"),
    RegisterAct.document_added: _("加材料"),
    RegisterAct.suspended: _("暂停"),
    RegisterAct.reopened: _("恢复"),
    RegisterAct.lapsed: _("许可证到期"),
}
INSPECTION_STATES: dict[InspectionState, tuple[LazyString, str]] = {
    InspectionState.draft: (_("检查中"), "wait"),
    InspectionState.confirmed: (_("等复核公布"), "wait"),
    InspectionState.published: (_("已公布，整改中"), "wait"),
    InspectionState.rectified: (_("整改完了"), ""),
    InspectionState.closed: (_("已办结"), "off"),
}
ITEMS: dict[str, LazyString] = {
    "licence": _("许可和备案"),
    "storage": _("分区存放"),
    "fire": _("消防"),
    "records": _("台账"),
    "wiping": _("资料擦除"),
    "dismantling": _("拆解"),
    "parts": _("零部件去向"),
    "waste": _("危险废物"),
    "marking": _("旧货标识"),
}
SEVERITIES: dict[Severity, tuple[LazyString, str]] = {
    Severity.minor: (_("轻微"), ""),
    Severity.major: (_("较重"), "wait"),
    Severity.critical: (_("严重"), "bad"),
}
CASE_KINDS: dict[CaseKind, LazyString] = {
    CaseKind.illegal_dismantling: _("私自拆解"),
    CaseKind.fake_parts: _("假冒翻新配件"),
    CaseKind.data_leak: _("泄露资料"),
    CaseKind.pollution: _("乱倒乱排"),
    CaseKind.price: _("乱压价"),
    CaseKind.other: _("别的"),
}
CASE_STATES: dict[CaseState, tuple[LazyString, str]] = {
    CaseState.filed: (_("等受理"), "wait"),
    CaseState.taken_up: (_("正在查"), "wait"),
    CaseState.answered: (_("已答复"), ""),
}
OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.borne_out: _("查实"),
    Outcome.not_borne_out: _("没有查实"),
    Outcome.not_ours: _("不归县里管，已转交"),
}
FIGURES: dict[Figure, LazyString] = {
    Figure.bait: _("验机后报价不到估价七成的"),
    Figure.wipe_failed: _("擦除没通过的"),
    Figure.returned: _("没谈成、寄回去的"),
}
