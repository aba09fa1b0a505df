"""The words for what labels and certificates say, and why something is not in the green zone."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from market.catalog.zone_rule import ZoneReason
from market.web.text import local_day

METRICS = {
    "apf": lazy_gettext("全年能源消耗效率 APF"),
    "average_flush_liters": lazy_gettext("平均用水量（升）"),
    "capacity_kg": lazy_gettext("额定洗涤容量（公斤）"),
    "comprehensive_eei_percent": lazy_gettext("综合能效指数 ηt，百分之几"),
    "cop": lazy_gettext("性能系数 COP"),
    "ctp": lazy_gettext("能效系数 CTP"),
    "eei": lazy_gettext("能效指数 EEI"),
    "eer": lazy_gettext("能效比 EER"),
    "eta_larger_percent": lazy_gettext("热效率 η1，百分之几"),
    "eta_smaller_percent": lazy_gettext("热效率 η2，百分之几"),
    "fde_percent": lazy_gettext("全压效率 FDE，百分之几"),
    "full_flush_liters": lazy_gettext("全冲用水量（升）"),
    "heat_efficiency_percent": lazy_gettext("热效率，百分之几"),
    "hot_water_percent": lazy_gettext("热水输出率 μ，百分之几"),
    "hspf": lazy_gettext("制热季节性能系数 HSPF"),
    "kwh_per_24h": lazy_gettext("24 小时耗电（度）"),
    "kwh_per_cycle_kg": lazy_gettext("每公斤每次耗电（度）"),
    "liters_per_cycle_kg": lazy_gettext("每公斤每次用水（升）"),
    "loss_coefficient": lazy_gettext("24 小时固有能耗系数 ε"),
    "net_yield_percent": lazy_gettext("净水产水率，百分之几"),
    "rated_cooling_w": lazy_gettext("额定制冷量（瓦）"),
    "seer": lazy_gettext("制冷季节能效比 SEER"),
    "standard_eei_percent": lazy_gettext("标准能效指数 ηs，百分之几"),
    "teei_percent": lazy_gettext("总能效指数 TEEI，百分之几"),
    "wash_ratio": lazy_gettext("洗净比"),
}

VARIANTS = {
    "heat_pump_upto_4500_w": lazy_gettext("冷暖，4500 瓦以内"),
    "heat_pump_4500_to_7100_w": lazy_gettext("冷暖，4500 瓦以上到 7100 瓦"),
    "heat_pump_7100_to_14000_w": lazy_gettext("冷暖，7100 瓦以上到 14000 瓦"),
    "cooling_upto_4500_w": lazy_gettext("单冷，4500 瓦以内"),
    "cooling_4500_to_7100_w": lazy_gettext("单冷，4500 瓦以上到 7100 瓦"),
    "cooling_7100_to_14000_w": lazy_gettext("单冷，7100 瓦以上到 14000 瓦"),
    "top_load": lazy_gettext("波轮"),
    "front_load": lazy_gettext("滚筒"),
    "normal_once_through_or_circulating_under_10_kw": lazy_gettext("普通型，一次加热或循环加热，10 千瓦以内"),
    "normal_static_under_10_kw": lazy_gettext("普通型，静态加热，10 千瓦以内"),
    "low_temperature": lazy_gettext("低温型"),
    "compact": lazy_gettext("紧凑式"),
    "water_heater": lazy_gettext("燃气热水器"),
    "boiler_hot_water": lazy_gettext("壁挂炉，供热水"),
    "boiler_heating": lazy_gettext("壁挂炉，采暖"),
    "atmospheric_table_top": lazy_gettext("大气式，台式"),
    "atmospheric_built_in": lazy_gettext("大气式，嵌入式"),
    "atmospheric_integrated": lazy_gettext("大气式，集成灶"),
    "infrared_table_top": lazy_gettext("红外线，台式"),
    "infrared_built_in": lazy_gettext("红外线，嵌入式"),
    "infrared_integrated": lazy_gettext("红外线，集成灶"),
}
SCHEMES = {
    "ccc": lazy_gettext("强制性产品认证（CCC）"),
    "cqc_energy": lazy_gettext("CQC 节能认证"),
    "china_green": lazy_gettext("绿色产品认证"),
    "environmental": lazy_gettext("中国环境标志（十环）"),
    "water_efficiency": lazy_gettext("水效标识"),
}
CERTIFICATE_STATES = {
    "declared": lazy_gettext("等县里核实"),
    "valid": lazy_gettext("有效"),
    "suspended": lazy_gettext("已暂停"),
    "withdrawn": lazy_gettext("已撤销"),
    "rejected": lazy_gettext("没通过"),
}
CONDITIONS = {
    "recalled": lazy_gettext("没有未了结的召回"),
    "unverified": lazy_gettext("能效或水效标识经县里对着照片和备案库核实"),
    "label_expired": lazy_gettext("标识没有过期，最后一天算有效"),
    "grade_too_low": lazy_gettext("能效或水效等级在 %(grade)s 级以内"),
    "ccc_lapsed": lazy_gettext("登记过强制性产品认证（CCC）的，证书有效"),
}
_REASONS = {
    ZoneReason.recalled: lazy_gettext("这款产品正在召回"),
    ZoneReason.no_label: lazy_gettext("没有登记能效或水效标识"),
    ZoneReason.unverified: lazy_gettext("标识还在等县里核实"),
    ZoneReason.label_rejected: lazy_gettext("标识没有通过核实"),
    ZoneReason.label_expired: lazy_gettext("能效或水效标识已于%(day)s到期"),
    ZoneReason.grade_too_low: lazy_gettext("等级没到 2 级"),
    ZoneReason.ccc_lapsed: lazy_gettext("强制性产品认证（CCC）不在有效期，或被暂停、撤销"),
}


def zone_reason(reason: ZoneReason | str, ended_on: date | None) -> str:
    """Why it is not in the zone; the day that a label ended is in the sentence."""
    sentence = str(_REASONS[ZoneReason(reason)])
    return sentence % {"day": local_day(ended_on) if ended_on else _("未知的一天")}
