"""Fairs and vans in words."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from market.fairs.models import FairKind, FairState

FAIRS: dict[FairState, LazyString] = {
    FairState.planned: _("要办"),
    FairState.over: _("已结束"),
    FairState.canceled: _("已取消"),
}
KINDS: dict[FairKind, LazyString] = {
    FairKind.fair: _("展销会"),
    FairKind.van: _("流动车"),
}
