"""What a set takes off, and why it cannot be bought. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.kernel.money import allocate

LEAST_LINES, MOST_LINES, MOST_PIECES = 2, 6, 9


class Scene(StrEnum):
    """Where a set belongs (policy clause 1.2: kitchen, sleep, bath, air, security)."""

    kitchen = "kitchen"
    sleep = "sleep"
    bath = "bath"
    air = "air"
    security = "security"


class Missing(StrEnum):
    """Why a part cannot be bought, the graver first."""

    recalled = "recalled"
    gone = "gone"
    short = "short"


@dataclass(frozen=True, slots=True)
class Terms:
    """A set's promotion in fen, and how many pieces of each listing it takes."""

    promotion_fen: int
    pieces: Mapping[uuid.UUID, int]


@dataclass(frozen=True, slots=True)
class Priced:
    """So many pieces of a listing in a cart, each at `unit_fen`."""

    pieces: int
    unit_fen: int


def most_promotion_fen(whole_fen: int) -> int:
    """The most a set of that price may be cheaper by: what is given away is no longer a price."""
    return whole_fen // 2


def promotions(cart: Mapping[uuid.UUID, Priced], sets: Sequence[Terms]) -> dict[uuid.UUID, int]:
    """What the sets take off each listing of the cart, in fen; nothing where a set is not whole.

    A set counts as often as all of its pieces are there, and a piece counts for one set only: the first.
    Shared by price with the largest remainder, so that the lines sum to the promotion.
    """
    free = {listing_id: line.pieces for listing_id, line in cart.items()}
    off = dict.fromkeys(cart, 0)
    for terms in sets:
        times = min((free.get(id_, 0) // pieces for id_, pieces in terms.pieces.items()), default=0)
        if times == 0:
            continue
        prices = [cart[id_].unit_fen * pieces * times for id_, pieces in terms.pieces.items()]
        promotion_fen = min(terms.promotion_fen * times, most_promotion_fen(sum(prices)))
        for id_, fen in zip(terms.pieces, allocate(promotion_fen, prices), strict=True):
            off[id_] += fen
            free[id_] -= terms.pieces[id_] * times
    return off
