"""Which papers a shop needs. Governments change them, so they are data (`data/papers.json`), with sources."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "papers.json"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One paper. It is needed for `categories` (codes), or always where there are none.

    `expires`: it says until when it holds. `suspends`: without it the shop may sell nothing at all.
    """

    kind: str
    name_zh: str
    name_en: str
    categories: tuple[str, ...]
    expires: bool
    suspends: bool
    source: str
    confidence: str

    def is_needed(self, categories: Collection[str]) -> bool:
        """Whether a shop that sells `categories` needs it."""
        return not self.categories or not set(self.categories).isdisjoint(categories)


@cache
def requirements() -> dict[str, Requirement]:
    """Every paper that a shop may need, by kind, in the order of the checklist."""
    rows = json.loads(_DATA.read_text(encoding="utf-8"))
    return {row["kind"]: Requirement(**row | {"categories": tuple(row["categories"])}) for row in rows}


def needed(categories: Collection[str]) -> list[Requirement]:
    """What a shop that sells `categories` needs."""
    return [it for it in requirements().values() if it.is_needed(categories)]


def permits(category_code: str) -> list[Requirement]:
    """What is needed for this category beyond what every shop needs."""
    return [it for it in requirements().values() if category_code in it.categories]
