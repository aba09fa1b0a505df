"""How words sound, with what speakers of dialects do not tell apart made equal."""

import re
from functools import lru_cache

_LATIN = re.compile(r"[a-z]+")
# n/l, f/h, zh/z, ch/c, sh/s, and -ng/-n: as spoken in the south, and as the issue lists them.
_EQUAL = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("f", "h"), ("v", "u"))


@lru_cache(maxsize=200_000)
def pinyin(word: str) -> str:
    """The word's pinyin without tones, as it is typed: ``bingxiang``."""
    from pypinyin import lazy_pinyin  # heavy: its dictionary, which only who searches needs

    return "".join(lazy_pinyin(word, errors="ignore")).replace("ü", "v")


@lru_cache(maxsize=200_000)
def initials(word: str) -> str:
    """The first letter of each syllable: ``bx``."""
    from pypinyin import Style, lazy_pinyin  # as above

    return "".join(lazy_pinyin(word, style=Style.FIRST_LETTER, errors="ignore"))


def sound(typed: str) -> str:
    """`typed` pinyin with equal sounds made equal: ``bingxiang`` and ``binxian`` both give ``binxian``.

    The rules hold for a whole string, since l, f and the h of zh, ch, sh never end a syllable.
    """
    for one, other in _EQUAL:
        typed = typed.replace(one, other)
    return typed


@lru_cache(maxsize=200_000)
def sound_of(word: str) -> str:
    """How a Chinese word sounds, by `sound`."""
    return sound(pinyin(word))


def is_pinyin(run: str) -> bool:
    """Whether a run could be pinyin or initials: letters alone."""
    return _LATIN.fullmatch(run) is not None
