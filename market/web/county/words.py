"""What the codes of a plan and of the courier say to the operator."""

from flask_babel import lazy_gettext as _

from market.web.delivery_text import ENDINGS

REASONS = {
    "no_vehicle": _("没有可用的车"),
    "too_heavy": _("太重，没有车装得动"),
    "too_bulky": _("体积太大，没有车装得下"),
    "too_long": _("太长，没有车放得进"),
    "too_few_people": _("要两个人搬，没有双人车"),
    "skill_missing": _("没有持证的安装工"),
    "no_vehicle_fits_all": _("没有一辆车同时满足载重、人手和证件"),
    "out_of_reach": _("太远，一个班次来不及往返"),
    "shift_full": _("当天的班次排满了"),
    "not_worth_the_way": _("单独跑一趟不划算，等下一批"),
    "not_handed_in": _("旧家电没有交出来"),
    **ENDINGS,
}
