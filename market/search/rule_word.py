"""A county's word on a dialect or old name: add, review, switch off. All versions stay."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.people.models import Account
from market.places.models import County
from market.search.dialects import Synonym, shipped
from market.search.models import Ruling, Verdict
from market.words.segment import plain

MOST_CHARS = 12


@dataclass(frozen=True, slots=True)
class Word:
    """A row as a county has it now: `ruling` is its own last word on it, None where it never said any."""

    row: Synonym
    ruling: Ruling | None

    @property
    def verdict(self) -> Verdict:
        """What counts in the county."""
        if self.ruling:
            return self.ruling.verdict
        return Verdict.reviewed if self.row.reviewed else Verdict.suggested


def words_of(session: Session, county_code: str) -> list[Word]:
    """Every word, shipped or the county's own, by region and word."""
    latest = {(one.word, one.means): one for one in rulings(session, county_code)}
    rows = {(row.word, row.means): row for row in shipped()}
    for pair, one in latest.items():
        rows.setdefault(pair, Synonym(one.word, one.means, one.region, one.source, reviewed=False))
    found = [Word(row, latest.get(pair)) for pair, row in rows.items()]
    return sorted(found, key=lambda one: (one.row.region, one.row.word, one.row.means))


def rulings(session: Session, county_code: str) -> list[Ruling]:
    """Everything the county has said, the oldest first."""
    found = select(Ruling).where(Ruling.county_code == county_code)
    return list(session.scalars(found.order_by(Ruling.word, Ruling.means, Ruling.version)))


def said_lately(session: Session, county_code: str, limit: int = 50) -> Sequence[Row[Ruling, str]]:
    """The county's last rulings with who made them, the latest first."""
    found = select(Ruling, Account.name).join(Account, Account.id == Ruling.decided_by)
    mine = found.where(Ruling.county_code == county_code)
    return session.execute(mine.order_by(Ruling.decided_at.desc(), Ruling.id.desc()).limit(limit)).all()


def add_word(
    session: Session,
    county_code: str,
    account_id: uuid.UUID,
    row: Synonym,
    now: datetime,
) -> Ruling:
    """The county's own word, as a suggestion until somebody has reviewed it.

    Raises Refused: ``search.word_missing`` (field word or means), ``search.word_too_long`` (the same),
    ``search.word_same`` (field means), ``search.word_known`` (field word), ``search.source_missing`` (field
    source).
    """
    word, means = (plain(text).replace(" ", "") for text in (row.word, row.means))
    for field, text in (("word", word), ("means", means)):
        if not text:
            raise Refused("search.word_missing", field=field)
        if len(text) > MOST_CHARS:
            raise Refused("search.word_too_long", field=field, most=MOST_CHARS)
    if word == means:
        raise Refused("search.word_same", field="means")
    if not row.source.strip():
        raise Refused("search.source_missing", field="source")
    _lock(session, county_code)
    known = {(one.row.word, one.row.means): one for one in words_of(session, county_code)}
    if (word, means) in known:
        raise Refused("search.word_known", field="word")
    own = Synonym(word, means, row.region.strip(), row.source.strip(), reviewed=False)
    return _say(session, county_code, account_id, own, Verdict.suggested, 1, now)


def rule_word(
    session: Session,
    county_code: str,
    account_id: uuid.UUID,
    word: str,
    means: str,
    verdict: Verdict,
    now: datetime,
) -> Ruling | None:
    """From now on it is that in the county; None where it is so already. Raises NotFound."""
    _lock(session, county_code)
    found = next(
        (one for one in words_of(session, county_code) if (one.row.word, one.row.means) == (word, means)),
        None,
    )
    if found is None:
        raise NotFound
    if found.verdict is verdict:
        return None
    version = (found.ruling.version if found.ruling else 0) + 1
    return _say(session, county_code, account_id, found.row, verdict, version, now)


def _lock(session: Session, county_code: str) -> None:
    """One word at a time in a county, so that versions have no gap."""
    session.execute(select(County.code).where(County.code == county_code).with_for_update(key_share=True))


def _say(
    session: Session,
    county_code: str,
    account_id: uuid.UUID,
    row: Synonym,
    verdict: Verdict,
    version: int,
    now: datetime,
) -> Ruling:
    said = Ruling(
        id=new_id(),
        county_code=county_code,
        word=row.word,
        means=row.means,
        region=row.region,
        source=row.source,
        verdict=verdict,
        version=version,
        decided_by=account_id,
        decided_at=now,
    )
    session.add(said)
    session.flush()
    return said
