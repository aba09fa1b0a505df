"""A buyer's points, as she sees them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger.models import Entry, Phase, Posting
from market.ledger.rules import POINTS_PROGRAMME, points_available, points_debt, points_pending
from market.points.models import LotState, PointsAccount, PointsLot


@dataclass(frozen=True, slots=True)
class Balance:
    """Points to spend now, points that vest later, and points owed for money that was refunded."""

    available: int
    pending: int
    debt: int = 0


def balance(session: Session, account_id: uuid.UUID, now: datetime) -> Balance:
    """The balance of `account_id` at `now`; zeros where she never had a point."""
    row = session.get(PointsAccount, account_id)
    if row is None:
        return Balance(0, 0)
    # What has lapsed is not hers to spend, also before the worker has written it down.
    lapsed = session.scalar(
        select(func.coalesce(func.sum(PointsLot.remaining), 0)).where(
            PointsLot.account_id == account_id,
            PointsLot.state == LotState.available,
            PointsLot.expires_at <= now,
        )
    )
    return Balance(row.available - int(lapsed or 0), row.pending, row.debt)


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
            PointsLot.expires_at > now,
            PointsLot.expires_at <= horizon,
        )
    )
    return sum(found)


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing that happened to her points: `points` more or fewer in all; 0 where they only vested."""

    at: datetime
    kind: str
    points: int


def movements(session: Session, account_id: uuid.UUID, limit: int = 30) -> list[Movement]:
    """What happened to her points, newest first, from the book."""
    hers = [points_available(account_id).code, points_pending(account_id).code, points_debt(account_id).code]
    rows = session.execute(
        select(Entry.occurred_at, Entry.kind, -func.sum(Posting.amount))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Posting.account_code.in_(hers), Entry.phase == Phase.posted)
        .group_by(Entry.id)
        .order_by(Entry.occurred_at.desc(), Entry.id.desc())
        .limit(limit)
    )
    return [Movement(at, kind, int(points)) for at, kind, points in rows]


def programme_months(session: Session, months: int = 12) -> list[tuple[str, dict[str, int]]]:
    """Points by month (``2026-11``, China's) and kind of entry, newest first; positive where given."""
    month = func.to_char(func.timezone("Asia/Shanghai", Entry.occurred_at), "YYYY-MM")
    rows = session.execute(
        select(month, Entry.kind, func.sum(Posting.amount))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Posting.account_code == POINTS_PROGRAMME.code, Entry.phase == Phase.posted)
        .group_by(month, Entry.kind)
    )
    found: dict[str, dict[str, int]] = {}
    for name, kind, points in rows:
        found.setdefault(name, {})[kind] = int(points)
    return sorted(found.items(), reverse=True)[:months]
