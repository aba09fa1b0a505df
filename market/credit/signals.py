"""What a review's circumstances say of it: signals of brushing, each a reason that people can read. Pure.

Nothing here hides or removes a review. What several reviews share (device, address, payer, an hour, words)
lowers their weight only where two independent kinds of signal agree: a family shares a phone, a village its
station, and everybody writes 很好. What concerns the trade itself (refunded, never seen by the truck) lowers
it by itself. Facts §4.2.
"""

import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from market.credit.history import FULL_WEIGHT

CLUSTER = 4  # so many people with one thing in common are a cluster
BURST = 8
BURST_WITHIN = timedelta(hours=1)
LEAST_CHARS = 12  # shorter praise is everybody's
ALIKE = Fraction(8, 10)
SHINGLE = 3


class Signal(StrEnum):
    """What was noticed."""

    shared_device = "shared_device"
    shared_address = "shared_address"
    shared_payer = "shared_payer"
    burst = "burst"
    near_duplicate = "near_duplicate"
    no_delivery_scan = "no_delivery_scan"
    refunded_after = "refunded_after"


class Family(StrEnum):
    """Signals of one family have one cause, and count as one witness."""

    who = "who"
    when = "when"
    what = "what"
    trade = "trade"


FAMILIES = {
    Signal.shared_device: Family.who,
    Signal.shared_address: Family.who,
    Signal.shared_payer: Family.who,
    Signal.burst: Family.when,
    Signal.near_duplicate: Family.what,
    Signal.no_delivery_scan: Family.trade,
    Signal.refunded_after: Family.trade,
}
KEEPS_MILLI = {
    Signal.shared_device: 300,
    Signal.shared_address: 600,
    Signal.shared_payer: 300,
    Signal.burst: 700,
    Signal.near_duplicate: 400,
    Signal.no_delivery_scan: 500,
    Signal.refunded_after: 500,
}
WITNESSES = 2
CLEARED = "cleared"  # a person looked, and found nothing wrong


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What is on record about one review of a shop.

    `address` names one household; it is None where the goods went to a station, which is its village's.
    `device` and `payer` are hashes or ids; None where nothing is known.
    """

    review_id: uuid.UUID
    author_id: uuid.UUID
    written_at: datetime
    text: str = ""
    device: str | None = None
    address: str | None = None
    payer: str | None = None
    was_scanned: bool = True
    refunded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Noticed:
    """A signal that counts against a review, and how many other reviews share what it is about."""

    signal: Signal
    others: int

    def as_row(self) -> dict[str, Any]:
        """As a weighing keeps it."""
        return {"kind": self.signal.value, "keeps_milli": KEEPS_MILLI[self.signal], "others": self.others}


def signals(reviews: Sequence[ReviewFacts]) -> dict[uuid.UUID, tuple[Noticed, ...]]:
    """For each review of a shop, the signals that count against it, in the order of `Signal`."""
    found: dict[uuid.UUID, dict[Signal, int]] = {review.review_id: {} for review in reviews}
    shared = (
        (Signal.shared_device, _clusters(reviews, lambda it: it.device)),
        (Signal.shared_address, _clusters(reviews, lambda it: it.address)),
        (Signal.shared_payer, _clusters(reviews, lambda it: it.payer)),
        (Signal.burst, _bursts(reviews)),
        (Signal.near_duplicate, _alike(reviews)),
    )
    for signal, others in shared:
        for review_id, count in others.items():
            found[review_id][signal] = count
    for review in reviews:
        found[review.review_id] = _witnessed(found[review.review_id]) | _of_the_trade(review)
    return {
        review_id: tuple(Noticed(kind, those[kind]) for kind in Signal if kind in those)
        for review_id, those in found.items()
    }


def weight_milli(noticed: Iterable[Noticed]) -> int:
    """What a review counts in the averages, in thousandths: each signal keeps its part of the rest."""
    kept = Fraction(FULL_WEIGHT)
    for it in noticed:
        kept = kept * KEEPS_MILLI[it.signal] / FULL_WEIGHT
    return int(kept)


def shingles(text: str) -> frozenset[str]:
    """The overlapping runs of three letters, without case, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(sign for sign in plain if sign.isalnum())
    if len(letters) < LEAST_CHARS:
        return frozenset()
    return frozenset(letters[at : at + SHINGLE] for at in range(len(letters) - SHINGLE + 1))


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts are the same but for a few words (Jaccard similarity of their shingles)."""
    if not one or not other:
        return False
    return len(one & other) >= ALIKE * len(one | other)


def _witnessed(those: Mapping[Signal, int]) -> dict[Signal, int]:
    """Clusters count where witnesses of two families agree."""
    families = {FAMILIES[signal] for signal in those}
    return dict(those) if len(families) >= WITNESSES else {}


def _of_the_trade(review: ReviewFacts) -> dict[Signal, int]:
    found = {} if review.was_scanned else {Signal.no_delivery_scan: 0}
    if review.refunded_at is not None and review.refunded_at >= review.written_at:
        found[Signal.refunded_after] = 0
    return found


def _clusters(
    reviews: Sequence[ReviewFacts], key: Callable[[ReviewFacts], str | None]
) -> dict[uuid.UUID, int]:
    """How many other people share a review's key, where they are enough for a cluster."""
    people: defaultdict[str, set[uuid.UUID]] = defaultdict(set)
    for review in reviews:
        if value := key(review):
            people[value].add(review.author_id)
    keyed = ((review.review_id, key(review)) for review in reviews)
    crowds = {value: len(its) for value, its in people.items() if len(its) >= CLUSTER}
    return {review_id: crowds[value] - 1 for review_id, value in keyed if value in crowds}


def _bursts(reviews: Sequence[ReviewFacts]) -> dict[uuid.UUID, int]:
    """Reviews of more people within an hour than villagers write by themselves."""
    ordered = sorted(reviews, key=lambda it: (it.written_at, it.review_id.int))
    found: dict[uuid.UUID, int] = {}
    first = 0
    for last, review in enumerate(ordered):
        while review.written_at - ordered[first].written_at > BURST_WITHIN:
            first += 1
        within = ordered[first : last + 1]
        authors = len({it.author_id for it in within})
        if authors >= BURST:
            found |= {it.review_id: max(authors - 1, found.get(it.review_id, 0)) for it in within}
    return found


def _alike(reviews: Sequence[ReviewFacts]) -> dict[uuid.UUID, int]:
    """Reviews whose words other people wrote too, all but."""
    cut = [(review, shingles(review.text)) for review in reviews]
    cut = [(review, its) for review, its in cut if its]
    twins: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for at, (one, its) in enumerate(cut):
        for other, others in cut[at + 1 :]:
            if one.author_id != other.author_id and alike(its, others):
                twins[one.review_id].add(other.author_id)
                twins[other.review_id].add(one.author_id)
    return {review_id: len(people) for review_id, people in twins.items()}
