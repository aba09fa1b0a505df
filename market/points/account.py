"""A buyer's points row: locked first by everything that moves her points, so that no two wait crosswise."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.ledger.post import post
from market.ledger.rules import credit, debit, points_available, points_debt
from market.points.models import LotState, PointsAccount, PointsLot, PointsSpend


def locked(session: Session, account_id: uuid.UUID) -> PointsAccount:
    """Her row, new where she never had a point, locked until the transaction ends."""
    session.execute(
        insert(PointsAccount)
        .values(account_id=account_id, pending=0, available=0, debt=0)
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(PointsAccount)
        .where(PointsAccount.account_id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def locked_lot(session: Session, lot_id: uuid.UUID) -> tuple[PointsAccount, PointsLot] | None:
    """A lot and the row of whose it is, both locked; None where there is none."""
    account_id = session.scalar(select(PointsLot.account_id).where(PointsLot.id == lot_id))
    if account_id is None:
        return None
    row = locked(session, account_id)
    lot = session.get_one(PointsLot, lot_id, with_for_update=True, populate_existing=True)
    return row, lot


def alive_lots(session: Session, account_id: uuid.UUID, now: datetime) -> list[PointsLot]:
    """Her lots with something to spend at `now`, first-expiring first, locked.

    A lot whose day has come is not alive, also while nobody has written that down.
    """
    return list(
        session.scalars(
            select(PointsLot)
            .where(
                PointsLot.account_id == account_id,
                PointsLot.state == LotState.available,
                PointsLot.remaining > 0,
                PointsLot.expires_at > now,
            )
            .order_by(PointsLot.expires_at, PointsLot.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def spent_of(session: Session, lot_id: uuid.UUID) -> int:
    """How many of a lot's points are spent and have not come back."""
    spends = session.scalars(select(PointsSpend).where(PointsSpend.lot_id == lot_id))
    return sum(spent.points - spent.restored for spent in spends)


def pay_debt(session: Session, row: PointsAccount, lots: list[PointsLot], key: str, now: datetime) -> None:
    """What has just become available in `lots` pays a debt first. Once per `key`."""
    paid = 0
    for lot in lots:
        part = min(row.debt - paid, lot.remaining)
        lot.remaining -= part
        paid += part
    lines = [debit(points_available(row.account_id), paid), credit(points_debt(row.account_id), paid)]
    if post(session, "points.debt_paid", f"account:{row.account_id}", f"points:debt:{key}", lines, now):
        row.available -= paid
        row.debt -= paid
    session.flush()
