"""Understand a sentence: its filters, then its words against the vocabulary, corrected where they must be.

A run of characters is cut so that it costs least: a known word costs little, one that sounds the same or is
a slip away costs more, a character that nobody knows most. So what the catalog knows is never "corrected".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from market.search.asked import Asked, Filter, Kind, Reading, Why
from market.search.phrases import read_phrases
from market.search.vocabulary import Vocabulary
from market.words.segment import is_han, model_key, plain, runs
from market.words.sounds import is_pinyin, sound, sound_of

MOST_CHARS = 60
MOST_WORDS = 6
_LONGEST = 10
_LONG = 4  # characters of a name that one slip does not make another
_LONGEST_SOUND = 32
_LEAST_MODEL = 4  # characters; shorter ones are a slip from everything
_KNOWN, _SOUND, _DOUBLED, _SLIP, _FAR_SLIP, _UNKNOWN, _FILLER = 0.1, 1.0, 1.05, 1.2, 1.6, 1.0, 0.05
_FILLERS = frozenset(
    "的了吗呢吧啊呀嘛么个台只款部种点些要买找有给用家里想我你咱俺嘅啲咯滴兜眼儿子那这能可好又和带大小新"
)
_POLITE = re.compile(
    r"我?想?要?买|想要|要买|有没有|有冇|哪里有|请问|推荐|那种|这种|家里用|家用(?!储能)|好用|一[个台只部款]|给我|帮我|来[个台]|什么|牌子?"
)
PHRASES = frozenset({"省电", "便宜", "元", "静音", "老人用"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that was read: `word` is empty for a filler; `reading` says what was read into it."""

    word: str
    cost: float
    reading: Reading | None = None


def understand(sentence: str, vocabulary: Vocabulary, *, literal: bool = False) -> Asked:
    """What `sentence` asks for; `literal` takes its words as they are typed."""
    typed = plain(sentence)[:MOST_CHARS]
    if not literal and (kind := _mistyped_kind(typed, vocabulary)):
        return kind
    text, readings = _phrases_of_dialects(typed, vocabulary)
    filters, rest = read_phrases(text)
    pieces = [
        piece
        for run in runs(_POLITE.sub(" ", rest))
        for piece in (_han if is_han(run) else _latin)(run, vocabulary, literal)
        if piece.word
    ]
    readings += [piece.reading for piece in pieces if piece.reading]
    words: list[str] = []
    for piece in pieces[:MOST_WORDS]:
        more, left = _meant(piece, vocabulary)
        known = {one.kind for one in filters}
        filters += [one for one in more if one.kind not in known]
        words += left
    return Asked(tuple(filters), tuple(dict.fromkeys(words)), tuple(readings))


def _mistyped_kind(typed: str, vocabulary: Vocabulary) -> Asked | None:
    """All that was typed is one slip from a kind's long name: so sure that no part of it is looked at."""
    if not is_han(typed or "a") or typed in vocabulary.ranks:
        return None
    near = [word for word in vocabulary.slips.near(typed) if word in vocabulary.categories]
    word = next((word for word in near if len(word) >= _LONG), None)
    if word is None:
        return None
    kind = Filter(Kind.category, vocabulary.categories[word], typed)
    return Asked((kind,), (), (Reading(typed, word, Why.slip),))


def _phrases_of_dialects(text: str, vocabulary: Vocabulary) -> tuple[str, list[Reading]]:
    """Dialect words for cheap, thrifty, quiet and the yuan, put into what `read_phrases` knows."""
    readings = []
    found = [row for row in vocabulary.synonyms.values() if row.means in PHRASES and row.word in text]
    for row in sorted(found, key=lambda row: -len(row.word)):
        if row.word in text:
            text = text.replace(row.word, row.means)
            readings.append(Reading(row.word, row.means, Why.dialect, row.region, row.reviewed))
    return text, readings


def _meant(piece: Piece, vocabulary: Vocabulary) -> tuple[list[Filter], list[str]]:
    """The filters and the words that a piece stands for."""
    typed = piece.reading.typed if piece.reading else piece.word
    if piece.word in vocabulary.categories:
        return [Filter(Kind.category, vocabulary.categories[piece.word], typed)], []
    if piece.word in vocabulary.brands:
        return [Filter(Kind.brand, piece.word, typed)], []
    filters, rest = read_phrases(piece.word) if piece.reading else ([], piece.word)
    return [replace(one, phrase=typed) for one in filters], rest.split()


def _han(run: str, vocabulary: Vocabulary, literal: bool) -> list[Piece]:
    """The cheapest way to read a run of Chinese characters."""
    best: list[tuple[float, list[Piece]]] = [(0.0, [])]
    for end in range(1, len(run) + 1):
        ways = (
            (best[start][0] + piece.cost, [*best[start][1], piece])
            for start in range(max(0, end - _LONGEST), end)
            for piece in _ways(run[start:end], vocabulary, literal)
        )
        best.append(min(ways, key=lambda way: (way[0], len(way[1]))))
    return list(_joined(best[-1][1]))


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Characters that nobody knows, side by side, are one word; fillers are dropped."""
    unknown = ""
    for piece in [*pieces, Piece("", _FILLER)]:
        if piece.cost == _UNKNOWN and len(piece.word) == 1:
            unknown += piece.word
            continue
        if unknown:
            yield Piece(unknown, _UNKNOWN * len(unknown))
            unknown = ""
        yield piece


def _ways(span: str, vocabulary: Vocabulary, literal: bool) -> Iterator[Piece]:
    if len(span) == 1:
        yield Piece("", _FILLER) if span in _FILLERS else Piece(span, _UNKNOWN)
        return
    row = vocabulary.synonyms.get(span)
    if row is not None and not literal:
        why = Reading(span, row.means, Why.dialect, row.region, row.reviewed)
        yield Piece(row.means, _KNOWN, None if row.reviewed else why)
    elif span in vocabulary.ranks:
        yield Piece(span, _KNOWN)
    elif not literal and (found := _near(span, vocabulary)):
        yield found


def _near(span: str, vocabulary: Vocabulary) -> Piece | None:
    """The likeliest word of the vocabulary that `span` was meant to be."""
    same = vocabulary.by_sound.get(sound_of(span), ())
    for word in same:
        if len(word) == len(span):
            return _read(span, word, _SOUND, Why.sound, vocabulary)
    near = list(_slips(span, vocabulary))
    if not near:
        return None
    cost, _, word = min((_slip_cost(span, word), vocabulary.ranks[word], word) for word in near)
    return _read(span, word, cost, Why.slip, vocabulary)


def _slip_cost(span: str, word: str) -> float:
    """A doubled character is surely a slip; one of two being wrong is the least sure."""
    if _is_doubled(span, word):
        return _DOUBLED
    return _FAR_SLIP if len(word) == len(span) == 2 and sorted(word) != sorted(span) else _SLIP


def _is_doubled(span: str, word: str) -> bool:
    return len(span) == len(word) + 1 and any(one == other for one, other in pairwise(span))


def _slips(span: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Words one slip away: of two-character words only kinds of goods, or every one would be every other."""
    for word in vocabulary.slips.near(span):
        swapped = sorted(word) == sorted(span)
        if (
            len(word) >= 3
            or swapped
            or _is_doubled(span, word)
            or (len(span) == 2 and vocabulary.ranks[word] <= 1)
        ):
            yield word


def _read(span: str, word: str, cost: float, why: Why, vocabulary: Vocabulary) -> Piece:
    """`word` read into `span`, or what `word` means in its turn."""
    row = vocabulary.synonyms.get(word)
    meant = row.means if row else word
    return Piece(meant, cost, Reading(span, meant, why))


def _latin(run: str, vocabulary: Vocabulary, literal: bool) -> list[Piece]:
    """A brand or model as it is, pinyin as the words it spells, a slip in a model as the model."""
    key = model_key(run)
    if literal or run in vocabulary.ranks or key in vocabulary.model_heads:
        return [Piece(run, _KNOWN)]
    if is_pinyin(run):
        return spelled(run, vocabulary) or [Piece(run, _UNKNOWN)]
    near = min(vocabulary.model_slips.near(key), key=lambda head: (len(head), head), default=None)
    if near is None or len(key) < _LEAST_MODEL:
        return [Piece(run, _UNKNOWN)]
    return [Piece(near, _SLIP, Reading(run, near.upper(), Why.slip))]


def spelled(run: str, vocabulary: Vocabulary) -> list[Piece]:
    """The words that letters spell in pinyin, whole or by initials; empty where they spell none."""
    typed = sound(run)
    keys = _cut(typed, vocabulary.by_sound)
    words = [vocabulary.by_sound[key][0] for key in keys]
    if not words and run in vocabulary.by_initials:
        words = [vocabulary.by_initials[run][0]]
    if not words and (near := vocabulary.sound_slips.near(typed)):
        words = [min((vocabulary.by_sound[key][0] for key in near), key=lambda w: (vocabulary.ranks[w], w))]
    return [_read(run, word, _SOUND, Why.pinyin, vocabulary) for word in words]


def _cut(typed: str, by_sound: Mapping[str, Sequence[str]]) -> list[str]:
    """The fewest sounds of the vocabulary that `typed` is made of; empty where it is not."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(typed) + 1):
        ways = [
            [*before, typed[start:end]]
            for start in range(max(0, end - _LONGEST_SOUND), end)
            if (before := best[start]) is not None and typed[start:end] in by_sound
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1] or []
