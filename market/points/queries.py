"""A buyer's points, as she sees them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.points.models import LotState, PointsAccount, PointsLot


@dataclass(frozen=True, slots=True)
class Balance:
    """Points to spend now, and points that vest later."""

    available: int
    pending: int


def balance(session: Session, account_id: uuid.UUID) -> Balance:
    """The balance of `account_id`; zeros where she never had a point."""
    row = session.get(PointsAccount, account_id)
    return Balance(row.available, row.pending) if row else Balance(0, 0)


def lots(session: Session, account_id: uuid.UUID) -> list[PointsLot]:
    """Where her points came from, newest first."""
    return list(
        session.scalars(
            select(PointsLot).where(PointsLot.account_id == account_id).order_by(PointsLot.created_at.desc())
        )
    )


def lapsing(session: Session, account_id: uuid.UUID, now: datetime, days: int = 30) -> int:
    """How many of her points lapse within `days`."""
    horizon = now + timedelta(days=days)
    found = session.scalars(
        select(PointsLot.remaining).where(
            PointsLot.account_id == account_id,
            PointsLot.state == LotState.available,
            PointsLot.expires_at <= horizon,
        )
    )
    return sum(found)
