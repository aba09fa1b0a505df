"""How an invoice is hashed and how its amount is written out. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the document's canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def in_capitals(fen: int) -> str:
    """An amount as it is written on Chinese documents: 1050 fen is 壹拾元伍角整; negative ones begin with 负.

    Raises ValueError from a trillion yuan on.
    """
    yuan, rest = divmod(abs(fen), 100)
    if yuan >= 10**12:
        raise ValueError("no invoice is that large")
    jiao, last = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        text = (text or "零元") + "整"
    else:
        if jiao:
            text += f"{_DIGITS[jiao]}角"
        elif yuan:
            text += "零"
        text += f"{_DIGITS[last]}分" if last else "整"
    return ("负" if fen < 0 else "") + text


def _whole(number: int) -> str:
    text, zero = "", False
    for group in (2, 1, 0):
        part = number // 10_000**group % 10_000
        if part == 0:
            zero = bool(text)
            continue
        if text and (zero or part < 1_000):
            text += "零"
        text += _group(part) + _GROUPS[group]
        zero = False
    return text


def _group(part: int) -> str:
    text, zero = "", False
    for place in (3, 2, 1, 0):
        digit = part // 10**place % 10
        if digit == 0:
            zero = bool(text)
            continue
        text += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place]
        zero = False
    return text
