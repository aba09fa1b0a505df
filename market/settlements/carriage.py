"""A shop's share of a released batch's cost, less what its buyers paid for delivery, goes on its sheet."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.delivery.models import COUNTY, Batch, BatchShare
from market.delivery.queries import references_of, shares_of
from market.ledger.post import post
from market.ledger.rules import CARRIAGE, credit, debit, shop_pending
from market.orders.queries import by_reference
from market.settlements.items import record
from market.settlements.models import CarriagePaid, ItemKind, SettlementItem


@dataclass(frozen=True, slots=True)
class Carriage:
    """What a batch cost a shop, in fen: alone, its share, what its buyers paid of that, and the rest."""

    batch: Batch
    share: BatchShare
    paid_fen: int

    @property
    def charged_fen(self) -> int:
        """What the shop itself bears: nothing where its buyers paid more than its share."""
        return max(0, self.share.share_fen - self.paid_fen)


def charge(session: Session, batch_id: uuid.UUID, now: datetime) -> None:
    """Charge every shop of the released batch its share, once. The county bears what it fetched itself.

    The fees stay where they are, the county's: a shop is asked only for what they do not cover.
    """
    # FOR NO KEY UPDATE: of two that charge at once, the second finds it done.
    batch = session.get_one(Batch, batch_id, with_for_update={"key_share": True})
    for share in sorted(shares_of(session, batch_id), key=lambda share: share.party):
        if share.party != COUNTY:
            _charge(session, batch, share, now)


def carriage_of(session: Session, shop_id: uuid.UUID, limit: int = 12) -> Sequence[Carriage]:
    """What the latest released batches cost the shop, the latest first."""
    paid = (
        select(CarriagePaid.batch_id, func.sum(CarriagePaid.fee_fen).label("fen"))
        .where(CarriagePaid.shop_id == shop_id)
        .group_by(CarriagePaid.batch_id)
        .subquery()
    )
    rows = session.execute(
        select(Batch, BatchShare, func.coalesce(paid.c.fen, 0))
        .join(BatchShare, BatchShare.batch_id == Batch.id)
        .outerjoin(paid, paid.c.batch_id == Batch.id)
        .where(BatchShare.party == str(shop_id), Batch.released_at.is_not(None))
        .order_by(Batch.day.desc(), Batch.wave.desc())
        .limit(limit)
    )
    return [Carriage(batch, share, int(paid_fen)) for batch, share, paid_fen in rows]


def _charge(session: Session, batch: Batch, share: BatchShare, now: datetime) -> None:
    shop_id, reference = uuid.UUID(share.party), f"carriage:{batch.id}:{share.party}"
    if session.scalar(select(SettlementItem.id).where(SettlementItem.reference == reference)):
        return
    carriage = Carriage(batch, share, sum(_fees(session, batch.id, shop_id)))
    fen = carriage.charged_fen
    lines = [debit(shop_pending(shop_id), fen), credit(CARRIAGE, fen)]
    post(session, "shop.carriage", reference, reference, lines, now)
    item = SettlementItem(
        shop_id=shop_id,
        shop_order_id=None,
        kind=ItemKind.carriage,
        reference=reference,
        number=f"{batch.day.isoformat()}/{batch.wave}",
        reason=ItemKind.carriage.value,
        goods_fen=0,
        commission_fen=0,
        carriage_fen=fen,
        delivery_fee_fen=0,
        money_fen=0,
        subsidy_fen=0,
        points_fen=0,
        trade_in_fen=0,
        net_fen=-fen,
        waits_for_cash=False,
        available_at=batch.released_at or now,
    )
    record(session, item, now)


def _fees(session: Session, batch_id: uuid.UUID, shop_id: uuid.UUID) -> Iterator[int]:
    """The delivery fees of the shop's orders on this batch that count towards no batch yet."""
    for reference in references_of(session, batch_id, str(shop_id)):
        shop_order = by_reference(session, reference)
        if shop_order is None:
            continue
        row = {"batch_id": batch_id, "shop_id": shop_id, "fee_fen": shop_order.delivery_fee_fen}
        yield (
            session.scalar(
                insert(CarriagePaid)
                .values(shop_order_id=shop_order.id, **row)
                .on_conflict_do_nothing()
                .returning(CarriagePaid.fee_fen)
            )
            or 0
        )
