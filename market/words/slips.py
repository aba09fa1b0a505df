"""Words one slip away: a character wrong, missing, doubled or swapped."""

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz.distance import OSA


class Slips:
    """The words of a vocabulary by what is left of them when one character is dropped (as SymSpell does)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_rest: dict[str, set[str]] = defaultdict(set)
        for word in words:
            for rest in _rests(word):
                self._by_rest[rest].add(word)

    def near(self, typed: str) -> set[str]:
        """The words of the vocabulary that are exactly one slip from `typed`."""
        found = {word for rest in _rests(typed) for word in self._by_rest.get(rest, ())}
        return {word for word in found if OSA.distance(word, typed) == 1}


def _rests(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
