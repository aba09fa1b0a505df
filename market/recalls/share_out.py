"""The maker's money on to the shops: each gets back what a refund for a recall took from it.

Consumer Protection Law art. 19: the costs of a recall are the producer's. What a refund took from a shop is
in the book; of the maker's money it gets no more than that, and no more than the buyer was paid.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.money import allocate
from market.ledger.models import Entry, Posting
from market.ledger.rules import shop_pending
from market.orders.models import OrderLine, ShopOrder
from market.payments.queries import refund_asked
from market.recalls.models import RecallPayment, RecallUnit
from market.recalls.states import Bearer, Remedy, UnitState
from market.settlements.models import SettlementItem
from market.settlements.recall_money import pass_on


@dataclass(frozen=True, slots=True)
class Borne:
    """What a piece's refund took from its shop, and what of it the maker's money has made good, in fen."""

    unit_id: uuid.UUID
    part: ShopOrder
    borne_fen: int
    back_fen: int

    @property
    def open_fen(self) -> int:
        """What the shop has yet to get."""
        return self.borne_fen - self.back_fen


def borne_by_shops(session: Session, recall_id: uuid.UUID) -> list[Borne]:
    """Of a recall's refunded pieces that the maker bears, the first remedied first."""
    units = session.scalars(
        select(RecallUnit)
        .where(
            RecallUnit.recall_id == recall_id,
            RecallUnit.state == UnitState.remedied,
            RecallUnit.remedy == Remedy.refund,
            RecallUnit.borne_by == Bearer.maker,
        )
        .order_by(RecallUnit.remedied_at, RecallUnit.id)
    ).all()
    back = _back(session, [unit.id for unit in units])
    return [found for unit in units if (found := _borne(session, unit, back))]


def share_out(session: Session, paid: RecallPayment, open_fen: int, now: datetime) -> None:
    """Split a payment between the shops and the county, which bore the rest of the `open_fen` until now, by
    largest remainder. Once per payment and piece."""
    rows = borne_by_shops(session, paid.recall_id)
    of_shops = [row.open_fen for row in rows]
    county_fen = max(0, open_fen - sum(of_shops))
    for row, fen in zip(rows, allocate(paid.amount_fen, [*of_shops, county_fen]), strict=False):
        pass_on(session, row.part, fen, f"recall:{row.unit_id}:{paid.id}", now)


def _borne(session: Session, unit: RecallUnit, back: Mapping[str, int]) -> Borne | None:
    line, asked = session.get(OrderLine, unit.order_line_id), refund_asked(session, unit.refund_key)
    if line is None or asked is None:
        return None
    taken = (
        select(func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.key == f"give_back:{asked.reference}")
        .where(Posting.account_code == shop_pending(line.shop_order.shop_id).code)
    )
    fen = min(int(session.scalar(taken) or 0), asked.amount_fen)
    return Borne(unit.id, line.shop_order, max(0, fen), back.get(str(unit.id), 0))


def _back(session: Session, unit_ids: Sequence[uuid.UUID]) -> dict[str, int]:
    """By piece, what items have given back."""
    unit = func.split_part(SettlementItem.reference, ":", 2)
    rows = session.execute(
        select(unit, func.sum(SettlementItem.net_fen))
        .where(unit.in_([str(unit_id) for unit_id in unit_ids]), SettlementItem.reference.like("recall:%"))
        .group_by(unit)
    )
    return {str(unit_id): int(fen) for unit_id, fen in rows}
