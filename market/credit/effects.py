"""What a rating does, as published: order of offers, a shop's deposit, a courier's cash, who is inspected.

One table, `data/effects.json`, which the public page prints and the code obeys. None is the letter of whoever
is new: as good as nobody is known better.
"""

import json
import uuid
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.queries import rating
from market.credit.rules import LOWEST_GRADE
from market.delivery.cash_limit import set_cash_share

NEW = "new"


@dataclass(frozen=True, slots=True)
class Effects:
    """By letter, `new` for who is not yet rated.

    `offer_rank` orders offers of one price (lowest first); `hold_days` a shop's money is kept longer as its
    deposit; `cash_share_bp` of her limit a courier may carry; `inspection_tickets` a recycler has in
    each draw;
    `buyer_services` whether a buyer has the services that credit opens; nobody ever loses one by it.
    """

    version: str
    offer_rank: dict[str, int]
    hold_days: dict[str, int]
    cash_share_bp: dict[str, int]
    inspection_tickets: dict[str, int]
    buyer_services: dict[str, bool]


@cache
def effects() -> Effects:
    """Those that this release ships."""
    text = files("market.credit").joinpath("data/effects.json").read_text(encoding="utf-8")
    return Effects(**json.loads(text))


def offer_order(letter: str | None, price_fen: int) -> tuple[bool, int, int]:
    """Where an offer stands among those of one model: the lowest grade last, then by price, then by grade."""
    return (letter == LOWEST_GRADE, price_fen, offer_rank(letter))


def offer_rank(letter: str | None) -> int:
    """How a letter stands among letters, the best lowest."""
    return effects().offer_rank[letter or NEW]


def hold_days(session: Session, shop_id: uuid.UUID) -> int:
    """How many days a shop's money is kept beyond the return window, as its deposit."""
    return effects().hold_days[_letter(session, SubjectKind.shop, shop_id)]


def inspection_tickets(session: Session, recycler_id: uuid.UUID) -> int:
    """How many tickets a recycler has in a draw."""
    return effects().inspection_tickets[_letter(session, SubjectKind.recycler, recycler_id)]


def take_effect(session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID) -> None:
    """A letter changed: what is stored elsewhere follows the letter as it is now. Safe late and again."""
    if subject_kind is SubjectKind.courier:
        share_bp = effects().cash_share_bp[_letter(session, subject_kind, subject_id)]
        set_cash_share(session, subject_id, share_bp)


def _letter(session: Session, subject_kind: SubjectKind, subject_id: uuid.UUID) -> str:
    found = rating(session, subject_kind, subject_id)
    return (found.letter if found else None) or NEW
