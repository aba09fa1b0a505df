"""The scenes and what is wrong with a part, in words."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from market.scenes.rules import Missing, Scene

SCENES: dict[Scene, LazyString] = {
    Scene.kitchen: _("智慧厨房"),
    Scene.sleep: _("安睡"),
    Scene.bath: _("卫浴"),
    Scene.air: _("好空气"),
    Scene.security: _("看家安防"),
}
MISSING: dict[Missing, LazyString] = {
    Missing.recalled: _("正在召回"),
    Missing.gone: _("现在不卖"),
    Missing.short: _("库存不够"),
}
