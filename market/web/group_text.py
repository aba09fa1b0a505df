"""Groups and places in words, and the deposit rule that a joining buyer agrees to."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from market.groups.states import GroupState, PlaceState

GROUPS: dict[GroupState, LazyString] = {
    GroupState.open: _("正在拼"),
    GroupState.confirmed: _("拼成了，正在做"),
    GroupState.ready: _("货到店了，付尾款"),
    GroupState.closed: _("已结束"),
    GroupState.missed: _("人数没够，没拼成"),
    GroupState.canceled: _("已取消"),
}
PLACES: dict[PlaceState, LazyString] = {
    PlaceState.held: _("等您付定金"),
    PlaceState.joined: _("已加入"),
    PlaceState.ordered: _("已下单"),
    PlaceState.lapsed: _("没付定金，位置已让出"),
    PlaceState.left: _("已退出，定金退回"),
    PlaceState.returned: _("定金退回"),
    PlaceState.forfeited: _("过期没付尾款，定金不退"),
}
# The text of `market.groups.rules.TERMS_VERSION`: a change here is a new version there.
TERMS: tuple[LazyString, ...] = (
    _("定金每件 ¥%(deposit)s，抵货款。截止以前可以随时退出，定金原路全退。"),
    _("人数没够、拼成以前店里取消、货不能卖了：定金都自己原路全退。"),
    _("拼成以后货到店，您有 %(days)s 天付尾款。到时不付，定金归店里，不退（民法典 587 条）。"),
    _("拼成以后店里不交货、没按日子到货：定金原路全退，另赔一倍，到共配中心领现金（民法典 587 条）。"),
    _("国家补贴在付尾款那一刻按当时的规则算，现在不占名额，也不保证还有。"),
)
CONSENT = _("我看清了上面的定金规则，同意")


def chosen_words(chosen: Mapping[str, str]) -> str:
    """What was chosen, on one line."""
    return "，".join(f"{name}：{choice}" for name, choice in chosen.items())
