"""What a group may ask, and what becomes of a deposit. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

# The words a joining buyer agrees to; a place keeps the version. A new text is a new version.
TERMS_VERSION = "2026-12"
MOST_DEPOSIT_PERCENT = 20  # Civil Code art. 586: what is beyond it has no force as a deposit
LEAST_DEPOSIT_FEN = 100  # a payment of less cannot be made
PAY_WITHIN = timedelta(minutes=30)
OPEN_FOR = (timedelta(hours=1), timedelta(days=60))
MAKE_WITHIN_DAYS = (1, 120)
COMPLETE_WITHIN_DAYS = (3, 30)
REMIND_BEFORE = timedelta(days=2)
MOST_PIECES, MOST_OPTIONS, MOST_CHOICES, MOST_TIERS = 5, 4, 8, 4


class Fate(StrEnum):
    """What becomes of a deposit whose order was undone."""

    again = "again"  # the buyer may still place another
    back = "back"
    forfeit = "forfeit"


@dataclass(frozen=True, slots=True)
class Option:
    """Something a buyer chooses about her piece, such as the color or the side of the door."""

    name: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceTier:
    """From `pieces` on, each piece costs `price_fen`."""

    pieces: int
    price_fen: int


def are_falling(first: PriceTier, tiers: Sequence[PriceTier], most: int) -> bool:
    """Whether each tier takes more pieces than the one before it and costs less, `first` being the group's
    own, and whether the last can be reached with `most` pieces."""
    steps = [first, *tiers]
    falling = all(a.pieces < b.pieces and a.price_fen > b.price_fen for a, b in pairwise(steps))
    return falling and len(tiers) <= MOST_TIERS and steps[-1].pieces <= most and steps[-1].price_fen > 0


def price_at(pieces: int, price_fen: int, tiers: Sequence[PriceTier]) -> int:
    """What each of so many `pieces` costs, in fen: `price_fen`, or what the last tier reached says."""
    return min([price_fen, *(tier.price_fen for tier in tiers if tier.pieces <= pieces)])


def most_deposit_fen(price_fen: int) -> int:
    """The most that may be paid down for one piece of `price_fen`, rounded down."""
    return price_fen * MOST_DEPOSIT_PERCENT // 100


def leaves_a_rest(deposit_fen: int, price_fen: int) -> bool:
    """Whether something is left to pay of goods that cost `price_fen` by now, after deposit and subsidy.

    No programme pays half of a price.
    """
    return deposit_fen * 2 <= price_fen


def pay_before(now: datetime, closes_at: datetime) -> datetime:
    """Until when a place waits for its deposit."""
    return min(now + PAY_WITHIN, closes_at)


def are_sound(options: Sequence[Option]) -> bool:
    """Whether every option has a name of its own and two different choices or more."""
    names = {option.name for option in options}
    enough = all(2 <= len(set(option.choices)) == len(option.choices) <= MOST_CHOICES for option in options)
    return enough and len(names) == len(options) <= MOST_OPTIONS and all(names)


def is_choice(chosen: Mapping[str, str], options: Sequence[Option]) -> bool:
    """Whether `chosen` says exactly one thing about every option."""
    offered = {option.name: option.choices for option in options}
    return set(chosen) == set(offered) and all(chosen[name] in offered[name] for name in offered)


def fate_of(
    undone_by_buyer: bool, was_for_sale: bool, undone_at: datetime, now: datetime, complete_by: datetime
) -> Fate:
    """What the rule says: a buyer who let her order go has until `complete_by` to place another.

    What she let go in time and the market looked at too late she could not place again: it goes back.
    """
    if not undone_by_buyer or not was_for_sale:
        return Fate.back
    if now < complete_by:
        return Fate.again
    return Fate.back if undone_at < complete_by else Fate.forfeit
