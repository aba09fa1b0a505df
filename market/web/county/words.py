"""What the codes of a plan and of the courier say to the operator, and what would help."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from market.delivery.planner import Reason
from market.delivery.timetable import Broken, Rule
from market.delivery.waiting import Why
from market.web.delivery_text import ENDINGS, SKILLS
from market.web.text import local_day

REASONS = {
    "not_at_hub": _("店铺还没把货交到中心"),
    "goods_not_at_hub": _("要和新货一起去，新货还没到中心"),
    "next_batch": _("已在中心，等下一次截单"),
    "hub_closed": _("中心放假"),
    "fuller_day": _("不急，等人多的一天"),
    "taken_out": _("从方案里拿下来的"),
    "no_vehicle": _("没有可用的车"),
    "too_heavy": _("太重，没有车装得动"),
    "too_bulky": _("体积太大，没有车装得下"),
    "too_long": _("太长，没有车放得进"),
    "too_few_people": _("要两个人搬，没有双人车"),
    "skill_missing": _("没有持证的安装工"),
    "no_vehicle_fits_all": _("没有一辆车同时满足载重、人手和证件"),
    "out_of_reach": _("太远，一个班次来不及往返"),
    "window_missed": _("约定的时段赶不上"),
    "no_break": _("这么跑一趟，路上排不下休息"),
    "shift_full": _("当天的班次排满了"),
    "not_worth_the_way": _("单独跑一趟不划算，等下一批"),
    "not_handed_in": _("旧家电没有交出来"),
    **ENDINGS,
}
FIXES = {
    "hub_closed": _("%(day)s 送"),
    "fuller_day": _("最晚 %(day)s 送"),
    "no_vehicle": _("启用一辆车，下一批就能排"),
    "too_heavy": _("这一站 %(needed)s，最大的车装 %(best)s：借一辆大车，或请店铺分开交货"),
    "too_bulky": _("这一站 %(needed)s，最大的车装 %(best)s：借一辆大车，或请店铺分开交货"),
    "too_long": _("最长的一件 %(needed)s，车里最长 %(best)s：借一辆长车"),
    "too_few_people": _("要 %(needed)s 人，现在一车最多 %(best)s 人：给一辆车加个帮手"),
    "skill_missing": _("缺的是%(needed)s：安排会的人上车"),
    "no_vehicle_fits_all": _("把人手和证件配到装得下的那辆车上"),
    "out_of_reach": _("放长一辆车的班次，或请收货人改到近处的服务站"),
    "window_missed": _("最早 %(needed)s 能到，约的是 %(best)s 以前：打电话换个时段，或让车早点出发"),
    "no_break": _("把这一站的活分成两天做"),
    "shift_full": _("多出一辆车，或放长班次"),
    "not_worth_the_way": _("等顺路的一批，或自己放进一个车次"),
}
_BROKEN = {
    Rule.too_heavy: _("第 %(trip)s 趟装 %(needed)s，这辆车只装 %(best)s"),
    Rule.too_bulky: _("第 %(trip)s 趟装 %(needed)s，这辆车只装 %(best)s"),
    Rule.too_long: _("%(where)s：最长的一件 %(needed)s，这辆车最长 %(best)s"),
    Rule.too_few_people: _("%(where)s：要 %(needed)s 人，这辆车 %(best)s 人"),
    Rule.skill_missing: _("%(where)s：要会%(needed)s的人，这辆车上没有"),
    Rule.too_late: _("%(where)s：%(needed)s 才到，要在 %(best)s 以前"),
    Rule.shift_over: _("%(needed)s 才回到中心，班次到 %(best)s"),
    Rule.too_many_trips: _("%(needed)s 趟，一天最多 %(best)s 趟"),
    Rule.no_break: _("排不下 %(needed)s 分钟休息：要在 %(best)s 之间开始，连续开车不超过 4 小时"),
}


def why_text(why: Why) -> str:
    """Why a job waits."""
    return str(REASONS.get(why.code, why.code))


def fix_text(why: Why) -> str:
    """What would get it onto a truck, or until when it goes; empty where there is nothing to do."""
    if why.code not in FIXES:
        return ""
    needed, best = _measure(why.code, why.needed), _measure(why.code, why.best)
    return str(FIXES[why.code]) % {"needed": needed, "best": best, "day": local_day(why.day)}


def broken_text(broken: Broken, where: str) -> str:
    """Which rule a run breaks; `where` names the stop."""
    needed, best = _measure(broken.rule, broken.needed), _measure(broken.rule, broken.best)
    said = {"needed": needed, "best": best, "where": where, "trip": broken.trip}
    return str(_BROKEN[broken.rule]) % said


def _measure(code: str, value: str) -> str:
    """A measure in the unit that people use."""
    if not value:
        return ""
    if code == "too_heavy":
        return str(gettext("%(n)s 公斤", n=f"{int(value) / 1000:g}"))
    if code == "too_bulky":
        return str(gettext("%(n)s 升", n=f"{int(value) / 1000:g}"))
    if code == "too_long":
        return str(gettext("%(n)s 厘米", n=f"{int(value) / 10:g}"))
    if code == "skill_missing":
        return str(gettext("、")).join(str(SKILLS.get(skill, skill)) for skill in value.split(","))
    if code in (Rule.too_late, Rule.shift_over, Reason.window_missed):
        return hour_of(int(value))
    if code == Rule.no_break:
        hours = [int(part) for part in value.split("-")]
        return "–".join(map(hour_of, hours)) if len(hours) > 1 else str(hours[0] // 60)
    return value


def hour_of(second: int) -> str:
    """A second of the day as clocks show it."""
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"
