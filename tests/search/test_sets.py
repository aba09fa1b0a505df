"""What people of seven dialects say and what slips from their fingers: it is among the first three.

The sets are data. Beside the demo county's goods stand two hundred others.
"""

import csv
from collections import Counter
from pathlib import Path

from market.search.find import Found
from tests.search.conftest import Answer

DATA = Path(__file__).parent / "data"
BAR = 0.95


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def hits(found: Found, wanted: str) -> bool:
    """Whether one of the first three is of the category, and its title holds the word after the plus."""
    code, _, word = wanted.partition("+")
    first = found.cards[:3]
    return any(card.category_code == code and word in card.name_zh for card in first)


def shares(name: str, by: str, answer: Answer) -> tuple[dict[str, float], list[str]]:
    asked, hit, missed = Counter[str](), Counter[str](), []
    for row in rows(name):
        asked[row[by]] += 1
        if hits(answer(row["query"]), row["wanted"]):
            hit[row[by]] += 1
        else:
            missed.append(row["query"])
    return {group: hit[group] / asked[group] for group in asked}, missed


def test_the_sets_are_large_enough() -> None:
    queries = Counter(row["dialect"] for row in rows("dialect_queries"))
    assert len(queries) == 7
    assert min(queries.values()) >= 20
    assert len({row["query"] for row in rows("typos")}) >= 200


def test_every_dialect_finds_what_it_asks_for_among_the_first_three(answer: Answer) -> None:
    found, missed = shares("dialect_queries", "dialect", answer)
    print(found, missed)
    assert {dialect: share for dialect, share in found.items() if share < BAR} == {}, missed


def test_slips_find_what_was_meant_among_the_first_three(answer: Answer) -> None:
    found, missed = shares("typos", "kind", answer)
    print(found, missed)
    count = len(rows("typos"))
    assert (count - len(missed)) / count >= BAR, missed
