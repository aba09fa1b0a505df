"""Words of shops, their states, papers and people, the same at every door."""

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _

from market.shops.models import PaperState, ShopRole, ShopState
from market.shops.papers import Requirement, requirements

STATES: dict[ShopState, tuple[LazyString, str]] = {
    ShopState.applied: (_("等交材料"), "wait"),
    ShopState.in_review: (_("审核中"), "wait"),
    ShopState.open: (_("营业"), "good"),
    ShopState.holiday: (_("休息"), "wait"),
    ShopState.suspended: (_("停业"), "bad"),
    ShopState.closed: (_("已关门"), "off"),
}
PAPER_STATES: dict[PaperState, tuple[LazyString, str]] = {
    PaperState.missing: (_("还没交"), "bad"),
    PaperState.submitted: (_("等县里看"), "wait"),
    PaperState.accepted: (_("通过"), "good"),
    PaperState.rejected: (_("没通过"), "bad"),
    PaperState.waived: (_("不用交"), "off"),
    PaperState.expired: (_("过期"), "bad"),
}
ROLES: dict[ShopRole, LazyString] = {
    ShopRole.owner: _("店主"),
    ShopRole.clerk: _("店员"),
    ShopRole.driver: _("送货人"),
}
_THINGS: dict[str, LazyString] = {"shop": _("店铺"), "staff": _("人员"), "holiday": _("休息")}
_ACTS: dict[str, LazyString] = {
    "planned": _("定了日子"),
    "ended": _("提前结束"),
    "invited": _("邀请"),
    "joined": _("加入"),
    "removed": _("离开"),
    "factor_reset": _("二次验证撤掉重开"),
}


def paper_name(requirement: Requirement) -> str:
    """What the paper is called in the reader's language."""
    return requirement.name_en if str(get_locale()) == "en" else requirement.name_zh


def paper(kind: str) -> str:
    """The name of a kind of paper; the kind itself where it is no longer asked for."""
    found = requirements().get(kind)
    return paper_name(found) if found else kind


def thing(what: str) -> LazyString | str:
    """What a line of a shop's history is about."""
    return _THINGS.get(what) or paper(what)


def became(what: str, state: str) -> LazyString | str:
    """What it became."""
    if what in ("staff", "holiday"):
        return _ACTS.get(state, state)
    if what == "shop":
        return STATES[ShopState(state)][0]
    return PAPER_STATES[PaperState(state)][0]


def why(what: str, state: str, reason: str) -> str:
    """Why, in words; of staff who came or went it is who, and the word of the role."""
    who, _space, role = reason.rpartition(" ")
    found = next((it for it in ShopRole if it.value == role), None)
    if what == "staff" and state in ("invited", "joined", "removed") and found:
        return f"{who} {ROLES[found]}"
    return reason
