"""Money in integer fen (分, 1/100 yuan). No float ever holds an amount."""

import re
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

_YUAN = re.compile(r"\d{1,9}(\.\d{1,2})?")


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` so that the parts sum to `total` exactly.

    The largest-remainder method (Hamilton): each part is rounded down and the units left over go to the
    largest remainders, the last of equals first, as in the facts' worked example
    (100.00 over 3333, 3333, 3334 is 33.33, 33.33, 33.34). No part exceeds its exact share by a whole unit.

    Raises ValueError where a number is negative, or where there is something to split and no weight.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("amounts and weights are not negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to split by")
        return [0 for _ in weights]
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (remainders[i], i), reverse=True)
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def share(amount_fen: int, rate: Decimal) -> int:
    """`rate` of `amount_fen`, rounded down to the fen, so that it never exceeds the entitlement."""
    return int((amount_fen * rate).to_integral_value(ROUND_DOWN))


def parse_yuan(text: str) -> int | None:
    """Fen in a typed amount such as ``2599``, ``2,599.9`` or ``￥2599.90``; None where it is none."""
    bare = text.strip().lstrip("¥￥").replace(",", "").replace("，", "").removesuffix("元").strip()
    if not _YUAN.fullmatch(bare):
        return None
    return int(Decimal(bare) * 100)


def format_yuan(fen: int) -> str:
    """``259990`` as ``2,599.90``; whole yuan keep their two decimals so that columns line up."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
