"""Dialect and old names of appliances, as they are shipped: `data/dialects.csv`. Pure.

A row's source says where it was read; "编者所知" is what the editors know by themselves, which nobody has
reviewed. A county's operator reviews, adds and switches off (`rule_word.py`). Words that mean the same in
standard Chinese (region 通用) are in the trade's own use and count as reviewed.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Synonym:
    """`word` means `means` in the speech of `region`; `source` says who says so."""

    word: str
    means: str
    region: str
    source: str
    reviewed: bool


@cache
def shipped() -> tuple[Synonym, ...]:
    """Every row of the file."""
    with files("market.search").joinpath("data/dialects.csv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        return tuple(
            Synonym(row["word"], row["means"], row["region"], row["source"], row["reviewed"] == "yes")
            for row in rows
        )
