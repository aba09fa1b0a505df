"""Read the filters out of a sentence: prices, sizes, doors, grades and what else it should do."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from market.search.asked import Between, Filter, Kind
from market.words.numerals import NUMBER, number

_YUAN = r"(?:元钱?|块钱?|圆)"
_LEAST_BARE_YUAN = 50  # below, a number with no unit is a door, a person or a floor, no price
_UPTO = r"(?:以内|以下|之内|内|封顶|不到)"
_FROM = r"(?:以上|起|朝上)"
_ABOUT = r"(?:左右|上下|来块|出头|前后)"
_UNITS = {"升": "L", "l": "L", "公斤": "kg", "kg": "kg", "英寸": "inch", "寸": "inch", "吋": "inch"}
_UNITS |= {"匹": "hp", "p": "hp"}
_UNIT = r"(?:公斤|英寸|升|寸|吋|匹|kg(?![a-z])|l(?![a-z])|p(?![a-z]))"
_EXACT, _NEAR = Decimal("0.1"), Decimal("0.25")

Read = Callable[[re.Match[str]], Iterator[Filter]]


def _fen(text: str | None) -> int | None:
    value = number(text) if text else None
    return None if value is None else round(value * 100)


def _bounds(match: re.Match[str], least: int | None, most: int | None) -> Iterator[Filter]:
    if least is not None:
        yield Filter(Kind.price_from, str(least), match[0])
    if most is not None:
        yield Filter(Kind.price_upto, str(most), match[0])


def _price(match: re.Match[str]) -> Iterator[Filter]:
    parts = match.groupdict()
    fen = _fen(parts["n"])
    if fen is None:
        return
    most = _fen(parts.get("m")) or fen
    if not parts.get("unit") and most < _LEAST_BARE_YUAN * 100:
        return
    if parts.get("m"):
        yield from _bounds(match, *sorted((_like(fen, most), most)))
    elif parts.get("upto"):
        yield from _bounds(match, None, fen)
    elif parts.get("from"):
        yield from _bounds(match, fen, None)
    elif parts.get("about") or parts.get("unit"):
        yield from _bounds(match, fen * 4 // 5, fen * 6 // 5)


def _like(fen: int, most: int) -> int:
    """``一到两千`` means from one thousand."""
    scale = next((unit for unit in (1000, 100) if most % (unit * 100) == 0 and fen < 1000), 1)
    return fen * scale if fen * scale <= most else fen


def _size(match: re.Match[str]) -> Iterator[Filter]:
    value, unit = number(match["n"]), _UNITS[match["unit"]]
    if value is None:
        return
    least, most = value * (1 - _EXACT), value * (1 + _EXACT)
    if match["upto"]:
        least, most = None, value  # type: ignore[assignment]
    elif match["from"]:
        least, most = value, None  # type: ignore[assignment]
    elif match["about"]:
        least, most = value * (1 - _NEAR), value * (1 + _NEAR)
    yield Filter(Kind.size, str(Between(least, most, unit)), match[0])


def _says(kind: Kind, value: str) -> Read:
    def read(match: re.Match[str]) -> Iterator[Filter]:
        yield Filter(kind, value, match[0])

    return read


_BOUND = rf"(?:(?P<upto>{_UPTO})|(?P<from>{_FROM})|(?P<about>{_ABOUT}))"
_N, _M = rf"(?<![a-z\d./-])(?P<n>{NUMBER})", rf"(?P<m>{NUMBER})"
_OLD = r"(?:老年人|老人家|老人|老年|长辈|爸妈|父母|爷爷|奶奶|老爸|老妈|公婆|老头|老太)"
_TABLE: tuple[tuple[str, Read], ...] = (
    (rf"{_N}(?P<unit>{_UNIT}){_BOUND}?", _size),
    (rf"{_N}(?P<unit>{_YUAN})?(?:到|至|-|~|—){_M}{_YUAN}?(?:之间)?", _price),
    (rf"(?P<upto>不超过|低于|最多|少于|不到|小于|预算){_N}(?P<unit>{_YUAN})?{_UPTO}?", _price),
    (rf"(?P<from>高于|超过|至少|不低于){_N}(?P<unit>{_YUAN})?", _price),
    (rf"{_N}(?P<unit>{_YUAN})?{_BOUND}", _price),
    (rf"{_N}(?P<unit>{_YUAN})", _price),
    (r"(?:单|一|1)门", _says(Kind.trait, "doors=1")),
    (r"(?:双开|双|两|二|2|对开)门", _says(Kind.trait, "doors=2")),
    (r"(?:三|3)门", _says(Kind.trait, "doors=3")),
    (r"(?:十字四|十字开|十字|四|4)门", _says(Kind.trait, "doors=4")),
    (r"(?:能效)?(?:新?国标)?(?:一级|1级)(?:能效)?", _says(Kind.grade, "1")),
    (r"(?:能效)?(?:二级|2级)(?:能效)?(?:以上)?", _says(Kind.grade, "2")),
    (r"不怎么费电|不太费电|(?:费电|耗电|用电|电费)(?:比较)?(?:少|低|省)|(?:不|少)(?:费|耗)电|省电费?|节电|节能|低能耗",
     _says(Kind.grade, "2")),
    (r"(?:费水|用水|耗水)少|不费水|省水|节水", _says(Kind.water, "2")),
    (r"不吵人?|静音|安静|低噪音?|(?:声音|噪音|噪声|响声|动静)(?:比较)?小|没声音", _says(Kind.trait, "quiet")),
    (r"能?(?:用)?手机(?:能)?(?:控制|遥控)的?|智能(?!家居|手表|手环|眼镜|门锁)", _says(Kind.trait, "smart")),
    (r"变频", _says(Kind.trait, "inverter")),
    (rf"(?:给|送|适合)?(?:家里)?{_OLD}(?:使用|用|使)?", _says(Kind.trait, "elder")),
    (r"字大的?|大字(?:版)?|声音大", _says(Kind.trait, "elder")),
    (r"(?:有|带|能|可以|享受?)?(?:国家|政府)?(?:国补|补贴|补助)", _says(Kind.subsidized, "1")),
    (r"最?便宜(?:点|一点|些)?|最?实惠|低价|划算", _says(Kind.cheap, "1")),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), read) for pattern, read in _TABLE)


def read_phrases(text: str) -> tuple[list[Filter], str]:
    """The filters that a plain text asks for, one of a kind, and what of the text is left."""
    found: dict[str, Filter] = {}
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(text):
            filters = list(read(match))
            if filters:
                text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
            found |= {one.name: one for one in filters if one.name not in found}
    return list(found.values()), text
