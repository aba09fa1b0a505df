"""What the lines of a product's specifications are called in the reader's language.

Shops write their own; the ones that the market's own list of products uses have English names. Any other
stays as its shop wrote it.
"""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

NAMES: dict[str, LazyString] = {
    "制冷量": _("制冷量"),
    "适用面积": _("适用面积"),
    "年耗电": _("年耗电"),
    "总容积": _("总容积"),
    "日耗电": _("日耗电"),
    "冷却": _("冷却"),
    "洗涤容量": _("洗涤容量"),
    "每次用水": _("每次用水"),
    "烘干容量": _("烘干容量"),
    "屏幕": _("屏幕"),
    "分辨率": _("分辨率"),
    "容积": _("容积"),
    "功率": _("功率"),
    "热水产率": _("热水产率"),
    "气种": _("气种"),
    "水箱": _("水箱"),
    "制热量": _("制热量"),
    "制热量(-12℃)": _("制热量(-12℃)"),
    "供暖面积": _("供暖面积"),
    "额定热负荷": _("额定热负荷"),
    "采光面积": _("采光面积"),
    "可用容量": _("可用容量"),
    "电芯": _("电芯"),
    "输出": _("输出"),
    "热效率": _("热效率"),
    "燃料": _("燃料"),
    "热负荷": _("热负荷"),
    "熄火保护": _("熄火保护"),
    "风量": _("风量"),
    "通量": _("通量"),
    "电池": _("电池"),
    "内存": _("内存"),
    "续航": _("续航"),
    "心率": _("心率"),
    "一键呼叫": _("一键呼叫"),
    "开锁": _("开锁"),
    "清晰度": _("清晰度"),
    "本地存储": _("本地存储"),
    "切断阀联动": _("切断阀联动"),
    "电池寿命": _("电池寿命"),
    "离线语音": _("离线语音"),
    "防水": _("防水"),
    "供电": _("供电"),
    "协议": _("协议"),
}
VALUES: dict[str, LazyString] = {
    "直冷": _("直冷"),
    "风冷无霜": _("风冷无霜"),
    "天然气/液化气": _("天然气/液化气"),
    "磷酸铁锂": _("磷酸铁锂"),
    "木柴、秸秆压块": _("木柴、秸秆压块"),
    "有": _("有"),
    "充电": _("充电"),
    "指纹/密码/钥匙": _("指纹/密码/钥匙"),
}
UNITS: dict[str, LazyString] = {"英寸": _("英寸"), "天": _("天"), "年": _("年")}


def spec_name(name: str) -> str:
    """What a line is called."""
    return str(NAMES.get(name, name))


def spec_value(value: object) -> str:
    """What it says: a measure as it is, a word in the reader's language."""
    number, _space, unit = str(value).partition(" ")
    if unit in UNITS:
        return f"{number} {UNITS[unit]}"
    return str(VALUES.get(str(value), value))
