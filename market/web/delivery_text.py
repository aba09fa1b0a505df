"""What the codes of installation checks and failed stops say to people, at every door."""

from flask_babel import lazy_gettext as _

from market.delivery.models import Job, JobKind

DAY_PARTS = {
    "any": _("都行，哪一班顺路哪一班送"),
    "morning": _("上午（8 点到 12 点）"),
    "afternoon": _("下午（13 点到 18 点）"),
}
CHECKS = {
    "breaker": _("空气开关和线径合适"),
    "drain": _("排水通畅、不漏水"),
    "earthing": _("插座接地可靠"),
    "flue": _("烟管装牢、通到室外"),
    "gas_leak_test": _("接口用肥皂水试过，不漏气"),
    "level": _("放平放稳"),
    "shown": _("教会用户怎么用"),
}
FAILURES = {
    "nobody_home": _("家里没人，电话也没接"),
    "asked_later": _("收货人要求改天"),
    "refused": _("收货人拒收"),
    "wrong_address": _("地址不对，找不到"),
    "road_closed": _("路不通"),
    "damaged": _("货有损坏"),
}
ITEM_FAILURES = {"refused": FAILURES["refused"], "damaged": FAILURES["damaged"], "missing": _("车上没找到")}
RUN_FAILURES = {
    "breakdown": _("车坏了"),
    "road_closed": FAILURES["road_closed"],
    "weather": _("雨雪太大，不安全"),
    "unwell": _("人不舒服，开不了"),
}
SKILLS = {"electric": _("电工"), "gas": _("燃气安装"), "general": _("安装")}
ENDINGS = {**FAILURES, **ITEM_FAILURES, **RUN_FAILURES, "canceled": _("已取消")}


def is_old_appliance(job: Job) -> bool:
    """Whether what is fetched is an old appliance, and not a new one that goes back or to be mended."""
    return job.kind is JobKind.collect and not job.reference.startswith(("return:", "repair:", "sent_back:"))
