"""Bars whose parts sum to the whole. Pure."""

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
