"""Amounts in words, as they are read out: on a large-print page a misplaced point is a month's pension.

Of the libraries for numbers in words those with wheels know either Chinese or English, not both.
"""

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_MYRIADS = ("", "万", "亿")

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_THOUSANDS = ("", " thousand", " million", " billion")


def yuan_in_chinese(fen: int) -> str:
    """``一百二十元零五分`` for 12005; below zero after 负. ValueError from a trillion yuan on."""
    yuan, jiao, cents = _split(fen)
    words = f"{_chinese(yuan)}元" if yuan or not (jiao or cents) else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif cents and yuan:
        words += "零"
    if cents:
        words += f"{_DIGITS[cents]}分"
    return ("负" if fen < 0 else "") + words


def yuan_in_english(fen: int) -> str:
    """``one hundred twenty yuan and five fen`` for 12005. ValueError from a trillion yuan on."""
    yuan, jiao, cents = _split(fen)
    rest = jiao * 10 + cents
    words = [f"{_english(yuan)} yuan"] if yuan or not rest else []
    if rest:
        words.append(f"{_english(rest)} fen")
    return ("minus " if fen < 0 else "") + " and ".join(words)


def _split(fen: int) -> tuple[int, int, int]:
    """Yuan, jiao and fen of the amount without its sign."""
    yuan, rest = divmod(abs(fen), 100)
    if yuan >= 10**12:
        raise ValueError(fen)
    return yuan, *divmod(rest, 10)


def _chinese(number: int) -> str:
    words, gap = "", False
    for at in (2, 1, 0):
        part = number // 10_000**at % 10_000
        if part:
            zero = words and (gap or part < 1_000)
            words += ("零" if zero else "") + _up_to_myriad(part) + _MYRIADS[at]
        gap = bool(words) and not part
    return ("十" + words[2:] if words.startswith("一十") else words) or "零"


def _up_to_myriad(part: int) -> str:
    words, gap = "", False
    for at in (3, 2, 1, 0):
        digit = part // 10**at % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[at]
        gap = not digit
    return words


def _english(number: int) -> str:
    groups = []
    for at in (3, 2, 1, 0):
        part = number // 1_000**at % 1_000
        if part:
            groups.append(_up_to_thousand(part) + _THOUSANDS[at])
    return " ".join(groups) or "zero"


def _up_to_thousand(part: int) -> str:
    hundreds, rest = divmod(part, 100)
    words = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10] + (f"-{_SMALL[rest % 10]}" if rest % 10 else ""))
    elif rest:
        words.append(_SMALL[rest])
    return " ".join(words)
