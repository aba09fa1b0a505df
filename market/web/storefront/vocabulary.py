"""Each process keeps a county's vocabulary for a while: new words may wait half a minute, goods never do."""

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy.orm import Session

from market.search.vocabulary import Said, Vocabulary, made_of, read

KEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    said: Said
    vocabulary: Vocabulary


def vocabulary_of(session: Session, county_code: str) -> Vocabulary:
    """The county's vocabulary as it was at most `KEPT_SECONDS` ago, made anew where words have changed."""
    every: dict[str, _Kept] = current_app.extensions.setdefault("search_vocabulary", {})
    kept = every.get(county_code)
    if kept is None or time.monotonic() >= kept.until:
        said = read(session, county_code)
        vocabulary = kept.vocabulary if kept and kept.said == said else made_of(said)
        kept = every[county_code] = _Kept(time.monotonic() + KEPT_SECONDS, said, vocabulary)
    return kept.vocabulary
