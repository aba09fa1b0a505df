"""What a filter and a reading say to the visitor."""

from collections.abc import Mapping
from decimal import Decimal

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from market.kernel.money import format_yuan
from market.search.asked import Between, Filter, Kind, Reading, Why
from market.search.vocabulary import Name
from market.web.text import local_name

TRAITS = {
    "doors=1": _("单门"),
    "doors=2": _("双门"),
    "doors=3": _("三门"),
    "doors=4": _("四门"),
    "inverter": _("变频"),
    "smart": _("智能"),
    "quiet": _("静音"),
    "elder": _("适合老人"),
    "drum": _("滚筒"),
    "pulsator": _("波轮"),
    "frost_free": _("风冷无霜"),
    "dryer": _("洗烘一体"),
}
UNITS = {"L": _("升"), "kg": _("公斤"), "inch": _("英寸"), "hp": _("匹")}
WHYS = {
    Why.pinyin: _("拼音“%(typed)s”按“%(meant)s”找"),
    Why.sound: _("“%(typed)s”按同音的“%(meant)s”找"),
    Why.slip: _("“%(typed)s”按“%(meant)s”找"),
    Why.dialect: _("“%(typed)s”按“%(meant)s”找，%(region)s的说法"),
}


def filter_text(one: Filter, names: Mapping[str, Name]) -> str:
    """The filter in a few words."""
    match one.kind:
        case Kind.category:
            return local_name(names[one.value]) if one.value in names else one.value
        case Kind.price_from:
            return str(gettext("售价 %(yuan)s 元以上", yuan=_yuan(one.value)))
        case Kind.price_upto:
            return str(gettext("售价 %(yuan)s 元以内", yuan=_yuan(one.value)))
        case Kind.paid_from:
            return str(gettext("补贴后 %(yuan)s 元以上", yuan=_yuan(one.value)))
        case Kind.paid_upto:
            return str(gettext("补贴后 %(yuan)s 元以内", yuan=_yuan(one.value)))
        case Kind.grade | Kind.water:
            return _grade(one)
        case Kind.trait:
            return str(TRAITS.get(one.value, one.value))
        case Kind.size:
            return _size(Between.read(one.value))
        case Kind.subsidized:
            return str(gettext("有补贴"))
        case Kind.cheap:
            return str(gettext("便宜的在前"))
    return one.value


def _yuan(fen: str) -> str:
    return format_yuan(int(fen)).removesuffix(".00")


def _grade(one: Filter) -> str:
    if one.kind is Kind.water:
        return str(gettext("%(n)s 级水效以上", n=one.value))
    return str(gettext("1 级能效") if one.value == "1" else gettext("%(n)s 级能效以上", n=one.value))


def _size(size: Between) -> str:
    unit = UNITS[size.unit]
    if size.least is None:
        return str(gettext("%(most)s %(unit)s以内", most=_short(size.most), unit=unit))
    if size.most is None:
        return str(gettext("%(least)s %(unit)s以上", least=_short(size.least), unit=unit))
    return f"{_short(size.least)}–{_short(size.most)} {unit}"


def _short(value: Decimal | None) -> str:
    return f"{value:g}" if value is not None else ""


def reading_text(reading: Reading) -> str:
    """What was read as what."""
    parts = {"typed": reading.typed, "meant": reading.meant, "region": reading.region}
    return str(WHYS[reading.why]) % parts


def count_text(count: int, is_more: bool) -> str:
    """A facet's count: exact, or "at least" once there was too much to count; a hundred is enough to know."""
    if count >= MOST_SHOWN:
        return f"{MOST_SHOWN}+"
    return f"{count}+" if is_more else str(count)


MOST_SHOWN = 100
