"""Numbers as people write them: 2000, 两千, 一千五, 2.5千, 1万."""

import re
from decimal import Decimal

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
CHINESE = "零〇一二两俩三四五六七八九十百千万半点"
NUMBER = rf"(?:\d+(?:\.\d+)?[千万]?|[{CHINESE}]+)"
_ARABIC = re.compile(r"(\d+(?:\.\d+)?)([千万]?)")


def number(text: str) -> Decimal | None:
    """The value of a numeral below 100 million, or None where it is none.

    ``一千五`` is 1,500, as it is said; ``两千零五`` is 2,005; ``一点五`` is 1.5; ``半`` is 0.5.
    """
    if found := _ARABIC.fullmatch(text):
        return Decimal(found[1]) * _UNITS.get(found[2], 1)
    if "点" in text:
        return _with_point(*text.split("点", 1))
    if text == "半":
        return Decimal("0.5")
    return _chinese(text)


def _with_point(whole: str, part: str) -> Decimal | None:
    before = _chinese(whole)
    if before is None or not part or any(char not in _DIGITS for char in part):
        return None
    return before + Decimal("0." + "".join(str(_DIGITS[char]) for char in part))


def _chinese(text: str) -> Decimal | None:
    """Read from the left: digits wait for their unit, and the last one without takes the next lower."""
    total, group, digit, unit = 0, 0, None, 1
    for char in text:
        if char in _DIGITS:
            if digit:  # two digits side by side are no numeral of this kind
                return None
            digit, unit = _DIGITS[char], 1 if char in "零〇" else unit
        elif char == "万":
            total, group, digit, unit = (total + group + (digit or 0)) * 10_000, 0, None, 10_000
        elif char in _UNITS:
            if digit is None and char != "十":
                return None
            group, digit, unit = group + (1 if digit is None else digit) * _UNITS[char], None, _UNITS[char]
        else:
            return None
    last = (digit or 0) * (unit // 10 if unit > 10 else 1)
    return Decimal(total + group + last) if text else None


def chinese(value: int) -> str:
    """`value` from 0 to 99,999,999 written out: 2005 gives ``二千零五``."""
    if value >= 10_000:
        rest = value % 10_000
        zero = "零" if 0 < rest < 1000 else ""
        return chinese(value // 10_000) + "万" + (zero + chinese(rest) if rest else "")
    out, gap = "", False
    for unit, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            out += ("零" if gap and out else "") + "零一二三四五六七八九"[digit] + mark
        gap = digit == 0
    return out or "零"
