"""Cut titles into words and into the terms that they are found by."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

HAN = "\u3400-\u9fff"
_RUN = re.compile(rf"[{HAN}]+|[a-z0-9]+(?:[-/.][a-z0-9]+)*")
_LONGEST_WORD = 8


def plain(text: str) -> str:
    """`text` in lower case and half width, one blank between what was apart."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def runs(text: str) -> list[str]:
    """The stretches of Chinese characters and of Latin letters and digits in a plain text."""
    return _RUN.findall(text)


def is_han(run: str) -> bool:
    """Whether a run is of Chinese characters."""
    return run >= "\u3400"


def model_key(run: str) -> str:
    """A model number as it is compared: ``BCD-218A1`` and ``bcd 218a1`` are the same."""
    return re.sub(r"[-/\s]", "", run.lower())


def words(text: str) -> list[str]:
    """The Chinese words of two to eight characters in `text`, shorter ones within longer ones too."""
    import rjieba  # heavy: its dictionary, which only who lists goods needs

    found = (word for run in runs(plain(text)) if is_han(run) for word in rjieba.cut_for_search(run))
    return list(dict.fromkeys(word for word in found if 2 <= len(word) <= _LONGEST_WORD))


def grams(text: str) -> set[str]:
    """What every part of `text` is found by: characters and pairs of Chinese, beginnings of the rest."""
    return {gram for run in runs(plain(text)) for gram in (_pairs(run) if is_han(run) else _heads(run))}


def needed_grams(part: str) -> set[str]:
    """What `grams` of a text hold wherever `part` is in it."""
    return {gram for run in runs(plain(part)) for gram in (_whole(run) if is_han(run) else [model_key(run)])}


def _whole(run: str) -> Iterator[str]:
    """The pairs say it all, unless there is but one character."""
    return (gram for gram in _pairs(run) if len(gram) == 2 or len(run) == 1)


def _pairs(run: str) -> Iterator[str]:
    return (run[i : i + size] for size in (1, 2) for i in range(len(run) - size + 1))


def _heads(run: str) -> Iterator[str]:
    """The beginnings of a model number and of each of its parts."""
    pieces = re.split(r"[-/]", run)
    for start in range(len(pieces)):
        key = "".join(pieces[start:])
        yield from (key[:size] for size in range(min(2, len(key)), len(key) + 1))


@lru_cache(maxsize=200_000)
def term(kind: str, text: str) -> int:
    """The 32-bit number that stands for `text` as a term of that kind.

    Two of a vocabulary's 200,000 words share one by a chance of 1 in 200,000 each; what is then found beside
    is ranked below, since its other terms differ.
    """
    digest = hashlib.blake2b(f"{kind}:{text}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big", signed=True)


def terms(kind: str, texts: Iterable[str]) -> list[int]:
    """The terms of `texts`, each once, in order."""
    return sorted({term(kind, text) for text in texts})
