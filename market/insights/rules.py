"""Bars whose parts sum to the whole, and columns that stand side by side. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from market.kernel.money import allocate


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: its name, its amount, and where it lies in units of the drawing."""

    key: str
    amount: int
    x: int
    width: int


def bar(parts: Sequence[tuple[str, int]], width: int) -> list[Segment]:
    """`parts` (name, amount) side by side over `width` units, none where all are nothing."""
    amounts = [amount for _, amount in parts]
    if not sum(amounts):
        return []
    segments, x = [], 0
    for (key, amount), wide in zip(parts, allocate(width, amounts), strict=True):
        segments.append(Segment(key, amount, x, wide))
        x += wide
    return segments


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart, in units of the drawing, `y` from the top."""

    x: int
    y: int
    width: int
    height: int


def columns(amounts: Sequence[int], width: int, height: int) -> list[Column]:
    """A column for each amount, the largest as high as the drawing; what is not nothing can be seen.

    A fifth of each place stays free.
    """
    if not amounts:
        return []
    place, most = width // len(amounts), max(*amounts, 1)
    wide = place * 4 // 5
    high = [max(1, amount * height // most) if amount > 0 else 0 for amount in amounts]
    return [Column(n * place + (place - wide) // 2, height - tall, wide, tall) for n, tall in enumerate(high)]
