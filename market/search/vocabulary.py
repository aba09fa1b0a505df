"""What a county's people may mean: its catalog's words, brands, models, the categories and its dialects."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.search.dialects import Synonym, shipped
from market.search.models import CatalogWord, Ruling, Verdict
from market.words.segment import model_key, plain
from market.words.slips import Slips
from market.words.sounds import initials, sound_of

MOST_MODELS = 5_000
_LEAST_SOUND = 4  # letters of a sound below which a slip is another word


@dataclass(frozen=True, slots=True)
class Name:
    """A category's code and what it is called."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word with its rank: below 1 a category, in their order, 1 its other names, 2 a brand, 3 the rest.

    `categories` are codes by Chinese name, `names` categories by code. `by_sound` and `by_initials` have the
    words of lowest rank first; `model_heads` are the beginnings of the catalog's model numbers as `model_key`
    compares them.
    """

    categories: Mapping[str, str]
    names: Mapping[str, Name]
    brands: frozenset[str]
    synonyms: Mapping[str, Synonym]
    ranks: Mapping[str, float]
    by_sound: Mapping[str, Sequence[str]]
    by_initials: Mapping[str, Sequence[str]]
    slips: Slips
    sound_slips: Slips
    model_heads: frozenset[str]
    model_slips: Slips


def build(
    categories: Sequence[Name],
    brands: Iterable[str],
    words: Iterable[str],
    models: Iterable[str],
    synonyms: Mapping[str, Synonym],
) -> Vocabulary:
    """The vocabulary of these words.

    A synonym that nobody has reviewed gives way where the catalog itself uses the word.
    """
    codes = {plain(name.name_zh): name.code for name in categories}
    own = dict.fromkeys(words, 3) | dict.fromkeys(brands, 2)
    known = {word: row for word, row in synonyms.items() if row.reviewed or word not in own}
    kinds = {word: place / len(codes) for place, word in enumerate(codes)}
    ranks: dict[str, float] = {**own, **dict.fromkeys(known, 1), **kinds}
    ordered = sorted(ranks, key=lambda word: (ranks[word], len(word), word))
    sounds = _by(ordered, sound_of)
    keys = [model_key(plain(model)) for model in models]
    return Vocabulary(
        categories=codes,
        names={name.code: name for name in categories},
        brands=frozenset(word for word, rank in own.items() if rank == 2),
        synonyms=known,
        ranks=ranks,
        by_sound=sounds,
        by_initials=_by(ordered, initials),
        slips=Slips(ordered),
        sound_slips=Slips(key for key in sounds if len(key) >= _LEAST_SOUND),
        model_heads=frozenset(key[:size] for key in keys for size in range(2, len(key) + 1)),
        model_slips=Slips(head for key in keys for head in {key, *_stems(key)}),
    )


def _stems(key: str) -> list[str]:
    """What people remember of a model number: up to a run of digits, as ``bcd218`` of ``bcd218a1``."""
    return [key[: match.end()] for match in re.finditer(r"\d+", key) if match.end() > _LEAST_SOUND]


def _by(words: Sequence[str], key_of: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        if key := key_of(word):
            found[key].append(word)
    return dict(found)


Said = Sequence[Any]
"""The catalog's words and the county's rulings as they are read: equal ones make the same vocabulary."""


def read(session: Session, county_code: str) -> Said:
    """What the county's vocabulary is made of now, in one statement."""
    models = (
        select(CatalogWord.word, CatalogWord.kind, literal(""))
        .where(CatalogWord.kind == "model")
        .order_by(CatalogWord.word)
        .limit(MOST_MODELS)
        .subquery()
    )
    names = (Category.name_zh, literal("category"), Category.code + "\t" + Category.name_en)
    kinds = select(*names).order_by(Category.sort).limit(MOST_MODELS).subquery()
    return session.execute(
        union_all(
            select(kinds),
            select(CatalogWord.word, CatalogWord.kind, literal("")).where(CatalogWord.kind != "model"),
            select(models),
            _rulings(county_code),
        )
    ).all()


def load(session: Session, county_code: str) -> Vocabulary:
    """The county's vocabulary now, in one statement."""
    return made_of(read(session, county_code))


def made_of(rows: Said) -> Vocabulary:
    """The vocabulary of what was read."""
    said: dict[str, list[str]] = defaultdict(list)
    for word, kind, _ in rows:
        said[kind].append(word)
    named = [(name, *more.split("\t")) for name, kind, more in rows if kind == "category"]
    categories = [Name(code, name_zh, name_en) for name_zh, code, name_en in named]
    rulings = [ruling.split("\t") for ruling in said["ruling"]]
    return build(categories, map(plain, said["brand"]), said["word"], said["model"], in_force(rulings))


def _rulings(county_code: str) -> Select[Any]:
    latest = (
        select(Ruling)
        .where(Ruling.county_code == county_code)
        .ext(distinct_on(Ruling.word, Ruling.means))
        .order_by(Ruling.word, Ruling.means, Ruling.version.desc())
        .subquery()
    )
    parts = (latest.c.word, latest.c.means, latest.c.region, latest.c.source, cast(latest.c.verdict, Text))
    return select(func.concat_ws("\t", *parts), literal("ruling"), literal(""))


def in_force(rulings: Iterable[Sequence[str]]) -> dict[str, Synonym]:
    """The shipped words with a county's rulings over them; what is off is gone, a reviewed meaning wins."""
    rows = {(row.word, row.means): row for row in shipped()}
    for word, means, region, source, verdict in rulings:
        rows.pop((word, means), None)
        if verdict != Verdict.off:
            rows[word, means] = Synonym(word, means, region, source, verdict == Verdict.reviewed)
    weakest_first = sorted(rows.values(), key=lambda row: row.reviewed)
    return {row.word: row for row in weakest_first}
