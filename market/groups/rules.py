"""What a group may ask, and what becomes of a deposit. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# The words a joining buyer agrees to; a place keeps the version. A new text is a new version.
TERMS_VERSION = "2026-11"
MOST_DEPOSIT_PERCENT = 20  # Civil Code art. 586: what is beyond it has no force as a deposit
LEAST_DEPOSIT_FEN = 100  # a payment of less cannot be made
PAY_WITHIN = timedelta(minutes=30)
OPEN_FOR = (timedelta(hours=1), timedelta(days=60))
MAKE_WITHIN_DAYS = (1, 120)
COMPLETE_WITHIN_DAYS = (3, 30)
REMIND_BEFORE = timedelta(days=2)
MOST_PIECES, MOST_OPTIONS, MOST_CHOICES = 5, 4, 8


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


def most_deposit_fen(price_fen: int) -> int:
    """The most that may be paid down for one piece of `price_fen`, rounded down."""
    return price_fen * MOST_DEPOSIT_PERCENT // 100


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


def fate_of(undone_by_buyer: bool, was_for_sale: bool, now: datetime, complete_by: datetime) -> Fate:
    """What the rule says: a buyer who let her order go has until `complete_by` to place another."""
    if not undone_by_buyer or not was_for_sale:
        return Fate.back
    return Fate.again if now < complete_by else Fate.forfeit
