"""Points go out on an order, and come back when it is undone."""

import uuid
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.ledger.models import Entry
from market.ledger.post import post
from market.ledger.rules import POINTS_PROGRAMME, credit, debit, points_available
from market.points.models import LotState, PointsAccount, PointsLot, PointsSpend


def spend(session: Session, account_id: uuid.UUID, points: int, reference: str, now: datetime) -> None:
    """Take `points` for `reference`, first-expiring lots first.

    Raises Refused(``points.short``, field ``points``) where fewer are available; nothing changes then.
    """
    if points <= 0:
        return
    taken = session.execute(
        update(PointsAccount)
        .where(PointsAccount.account_id == account_id, PointsAccount.available >= points)
        .values(available=PointsAccount.available - points)
        .returning(PointsAccount.available)
    ).scalar_one_or_none()
    if taken is None:
        left = session.scalar(select(PointsAccount.available).where(PointsAccount.account_id == account_id))
        raise Refused("points.short", field="points", left=left or 0)
    for lot in _spendable_lots(session, account_id):
        part = min(points, lot.remaining)
        lot.remaining -= part
        points -= part
        session.add(PointsSpend(reference=reference, lot_id=lot.id, points=part, restored=0, created_at=now))
        if not points:
            break
    session.flush()
    _post(session, account_id, reference, f"points:spend:{reference}", now)


def restore(
    session: Session, account_id: uuid.UUID, points: int, reference: str, key: str, now: datetime
) -> None:
    """Give `points` of `reference`'s spend back to the lots they came from, which keep their expiry.

    What belongs to a lot that has lapsed meanwhile is lost. `key` makes it happen once. Raises ValueError
    where more would come back than was spent.
    """
    entry_key = f"points:restore:{key}"
    spends = session.execute(
        select(PointsSpend, PointsLot)
        .join(PointsLot, PointsLot.id == PointsSpend.lot_id)
        .where(PointsSpend.reference == reference)
        .order_by(PointsLot.expires_at.desc(), PointsLot.id)
        .with_for_update()
    ).all()
    if session.scalar(select(Entry.id).where(Entry.key == entry_key)):
        return
    if points > sum(spent.points - spent.restored for spent, _ in spends):
        raise ValueError(f"{reference} never spent {points} points")
    alive = 0
    for spent, lot in spends:
        part = min(points, spent.points - spent.restored)
        spent.restored += part
        points -= part
        if lot.state is LotState.available:
            lot.remaining += part
            alive += part
    lines = [debit(POINTS_PROGRAMME, alive), credit(points_available(account_id), alive)]
    post(session, "points.restored", reference, entry_key, lines, now)
    session.execute(
        update(PointsAccount)
        .where(PointsAccount.account_id == account_id)
        .values(available=PointsAccount.available + alive)
    )


def _spendable_lots(session: Session, account_id: uuid.UUID) -> list[PointsLot]:
    return list(
        session.scalars(
            select(PointsLot)
            .where(
                PointsLot.account_id == account_id,
                PointsLot.state == LotState.available,
                PointsLot.remaining > 0,
            )
            .order_by(PointsLot.expires_at, PointsLot.id)
            .with_for_update()
        )
    )


def _post(session: Session, account_id: uuid.UUID, reference: str, key: str, now: datetime) -> None:
    points = (
        session.scalar(select(func.sum(PointsSpend.points)).where(PointsSpend.reference == reference)) or 0
    )
    lines = [debit(points_available(account_id), int(points)), credit(POINTS_PROGRAMME, int(points))]
    post(session, "points.spent", reference, key, lines, now)
