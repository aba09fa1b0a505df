"""What somebody who is still typing may be looking for. Pure, from the vocabulary alone."""

from collections.abc import Iterator

from market.search.vocabulary import Vocabulary
from market.words.segment import plain
from market.words.sounds import is_pinyin, sound

MOST = 6


def suggest(typed: str, vocabulary: Vocabulary) -> list[str]:
    """Up to `MOST` words that `typed` begins, in characters, in pinyin or by initials; kinds of goods first.

    Another name leads to what it means. Nothing typed, nothing suggested.
    """
    start = plain(typed)
    if not start:
        return []
    found = sorted(_beginning(start, vocabulary), key=lambda word: (vocabulary.ranks[word], len(word), word))
    meant = [row.means if (row := vocabulary.synonyms.get(word)) else word for word in found]
    return list(dict.fromkeys(meant))[:MOST]


def _beginning(start: str, vocabulary: Vocabulary) -> Iterator[str]:
    yield from (word for word in vocabulary.ranks if word.startswith(start))
    if is_pinyin(start):
        ways = ((vocabulary.by_sound, sound(start)), (vocabulary.by_initials, start))
        for by, key in ways:
            yield from (word for one, words in by.items() if one.startswith(key) for word in words)
