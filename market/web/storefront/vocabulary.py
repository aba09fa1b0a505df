"""Each process keeps a county's vocabulary for a while: new words may wait half a minute, goods never do."""

import time
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy.orm import Session

from market.search.vocabulary import Vocabulary, load

KEPT_SECONDS = 30.0


@dataclass(slots=True)
class _Kept:
    found: dict[str, tuple[float, Vocabulary]] = field(default_factory=dict)


def vocabulary_of(session: Session, county_code: str) -> Vocabulary:
    """The county's vocabulary as it was at most `KEPT_SECONDS` ago."""
    kept: _Kept = current_app.extensions.setdefault("search_vocabulary", _Kept())
    until, vocabulary = kept.found.get(county_code, (0.0, None))
    if vocabulary is None or time.monotonic() >= until:
        vocabulary = load(session, county_code)
        kept.found[county_code] = (time.monotonic() + KEPT_SECONDS, vocabulary)
    return vocabulary
