"""What she may have instead of goods that a recall has stopped, and until when. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from market.kernel.states import States

# The law sets no time (facts §6.6): the market's own, as long as a delivered thing may be returned.
CHOOSE_WITHIN = timedelta(days=7)
MOST_OFFERS = 4


class StoppedState(StrEnum):
    money = "money"  # what she gave went back when it was stopped: nothing more to do
    replacement = "replacement"  # she wants another one, which is a purchase of its own


STOPPED_STATES = States(
    "stopped_sale",
    {
        StoppedState.money: {StoppedState.replacement},
        # Another one after all, or the money only.
        StoppedState.replacement: {StoppedState.money, StoppedState.replacement},
    },
)


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A listing of the same category in her county: `left` pieces of it can be had now."""

    listing_id: UUID
    product_id: UUID
    shop_id: UUID
    price_fen: int
    left: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was stopped: so many pieces, and what one cost before points, subsidy and trade-in."""

    product_id: UUID
    shop_id: UUID
    quantity: int
    piece_fen: int


@dataclass(frozen=True, slots=True)
class Instead:
    """What she may have: the same model, or another; `more_fen` is by how much a piece is dearer."""

    listing_id: UUID
    is_same: bool
    more_fen: int


def choices(stopped: Stopped, shelf: Iterable[OnShelf]) -> list[Instead]:
    """The same model first (its pieces on sale are unaffected), then its shop's others, then the nearest in
    price. What has not enough pieces is not offered."""
    there = [one for one in shelf if one.left >= stopped.quantity]
    there.sort(
        key=lambda one: (
            one.product_id != stopped.product_id,
            one.shop_id != stopped.shop_id,
            abs(one.price_fen - stopped.piece_fen),
            one.listing_id,
        )
    )
    return [
        Instead(one.listing_id, one.product_id == stopped.product_id, one.price_fen - stopped.piece_fen)
        for one in there[:MOST_OFFERS]
    ]


def may_choose(stopped_at: datetime, now: datetime) -> bool:
    """Whether she may still say what she wants; the week ends at its minute."""
    return now < stopped_at + CHOOSE_WITHIN
