"""What a title and the specs say of an appliance that people ask for by word: doors, size, for the old."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_DOORS = (
    ("doors=1", ("单门",)),
    ("doors=2", ("双门", "两门", "对开门")),
    ("doors=3", ("三门",)),
    ("doors=4", ("四门", "十字")),
)
WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    *_DOORS,
    ("inverter", ("变频",)),
    ("smart", ("智能",)),
    ("quiet", ("静音", "低噪")),
    ("elder", ("长辈", "老人", "大字", "大声", "一键呼叫", "适老")),
    ("drum", ("滚筒",)),
    ("pulsator", ("波轮",)),
    ("frost_free", ("风冷", "无霜")),
    ("dryer", ("洗烘",)),
)
"""Each trait with the words of a title or of the specs that claim it. A seller's claim, not a proof."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(升|公斤|英寸|匹|l\b|kg\b)", re.IGNORECASE)
_UNITS = {"升": "L", "l": "L", "公斤": "kg", "kg": "kg", "英寸": "inch", "匹": "hp"}


@dataclass(frozen=True, slots=True)
class Size:
    """How large it is: `unit` is L, kg (of a wash), inch or hp (匹)."""

    value: Decimal
    unit: str


def traits(name_zh: str, specs: Mapping[str, Any]) -> list[str]:
    """The traits that the title or the specs claim."""
    said = " ".join(
        [name_zh, *(f"{name}{value}" for name, value in specs.items() if value not in ("无", ""))]
    )
    return [trait for trait, words in WORDS if any(word in said for word in words)]


def size(name_zh: str) -> Size | None:
    """The size in the title."""
    found = _SIZE.search(name_zh)
    return Size(Decimal(found[1]), _UNITS[found[2].lower()]) if found else None
