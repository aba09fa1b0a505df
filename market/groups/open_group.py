"""A shop opens a group for something it can have made."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.queries import listing_of
from market.groups import rules
from market.groups.events import GroupCloses, GroupMadeBy
from market.groups.models import GroupOrder
from market.groups.rules import Option, PriceTier
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """What a group is to be: `price_fen` and `deposit_fen` a piece, from more pieces on what `tiers` say;
    made by `make_by`, the rest to be paid within `complete_days` after the goods are there."""

    listing_id: uuid.UUID
    words: str
    price_fen: int
    deposit_fen: int
    least: int
    most: int
    closes_at: datetime
    make_by: datetime
    complete_days: int
    options: Sequence[Option] = ()
    tiers: Sequence[PriceTier] = ()


def open_group(session: Session, shop_id: uuid.UUID, draft: GroupDraft, now: datetime) -> GroupOrder:
    """A new group that people may join until its deadline.

    Raises NotFound where the listing is another shop's; Refused: ``group.not_for_sale`` (field listing_id),
    ``group.words``, ``group.price`` (most_fen=…), ``group.tiers`` (most=…), ``group.deposit`` (most_fen=…),
    ``group.least``, ``group.options``, ``group.closes``, ``group.make_by``, ``group.complete_days`` (each
    with its field).
    """
    listing = listing_of(session, shop_id, draft.listing_id)
    if listing is None:
        raise NotFound
    if not listing.is_for_sale:
        raise Refused("group.not_for_sale", field="listing_id")
    _check_size(draft)
    _check_money(draft, listing.price_fen)
    _check_days(draft, now)
    group = GroupOrder(
        id=new_id(),
        shop_id=shop_id,
        listing_id=listing.id,
        words=draft.words.strip(),
        price_fen=draft.price_fen,
        tiers=[asdict(tier) for tier in draft.tiers],
        deposit_fen=draft.deposit_fen,
        least=draft.least,
        most=draft.most,
        options=[asdict(option) for option in draft.options],
        closes_at=draft.closes_at,
        make_by=draft.make_by,
        complete_days=draft.complete_days,
        created_at=now,
    )
    session.add(group)
    session.flush()
    emit(session, GroupCloses(group.id), now, due_at=group.closes_at, dedupe_key=f"group_closes:{group.id}")
    emit(session, GroupMadeBy(group.id), now, due_at=group.make_by, dedupe_key=f"group_made_by:{group.id}")
    return group


def _check_money(draft: GroupDraft, alone_fen: int) -> None:
    if not 0 < draft.price_fen <= alone_fen:
        raise Refused("group.price", field="price", most_fen=alone_fen)
    if not rules.are_falling(PriceTier(draft.least, draft.price_fen), draft.tiers, draft.most):
        raise Refused("group.tiers", field="tiers", most=rules.MOST_TIERS)
    # Of whatever price it comes to, a fifth at most.
    most_fen = rules.most_deposit_fen(rules.price_at(draft.most, draft.price_fen, draft.tiers))
    if not rules.LEAST_DEPOSIT_FEN <= draft.deposit_fen <= most_fen:
        raise Refused("group.deposit", field="deposit", most_fen=most_fen)


def _check_size(draft: GroupDraft) -> None:
    if not 2 <= len(draft.words.strip()) <= 200:
        raise Refused("group.words", field="words")
    if not 1 <= draft.least <= draft.most <= 999:
        raise Refused("group.least", field="least")
    if not rules.are_sound(draft.options):
        raise Refused("group.options", field="options", most=rules.MOST_OPTIONS, choices=rules.MOST_CHOICES)


def _check_days(draft: GroupDraft, now: datetime) -> None:
    soonest, latest = rules.OPEN_FOR
    if not soonest <= draft.closes_at - now <= latest:
        raise Refused("group.closes", field="closes_on", days=latest.days)
    least, most = rules.MAKE_WITHIN_DAYS
    if not least <= (draft.make_by - draft.closes_at).days <= most:
        raise Refused("group.make_by", field="make_by", most=most)
    least, most = rules.COMPLETE_WITHIN_DAYS
    if not least <= draft.complete_days <= most:
        raise Refused("group.complete_days", field="complete_days", least=least, most=most)
