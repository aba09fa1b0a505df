"""A buyer's points, as she sees them."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, func, select
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


# What has lapsed is not hers to spend, also before the worker has written it down.
BALANCE = select(
    PointsAccount.available,
    PointsAccount.pending,
    PointsAccount.debt,
    select(func.coalesce(func.sum(PointsLot.remaining), 0))
    .where(
        PointsLot.account_id == PointsAccount.account_id,
        PointsLot.state == LotState.available,
        PointsLot.expires_at <= bindparam("now"),
    )
    .scalar_subquery()
    .label("lapsed"),
).where(PointsAccount.account_id == bindparam("account_id"))
"""What `balance` asks, for `kernel.together`: see `balance_of`."""


def balance(session: Session, account_id: uuid.UUID, now: datetime) -> Balance:
    """The balance of `account_id` at `now`; zeros where she never had a point."""
    return balance_of(session.execute(BALANCE, {"account_id": account_id, "now": now}).all())


def balance_of(rows: Sequence[Any]) -> Balance:
    """What the rows of `BALANCE` say."""
    for available, pending, debt, lapsed in rows:
        return Balance(available - int(lapsed), pending, debt)
    return Balance(0, 0)


LOTS = (
    select(PointsLot)
    .where(PointsLot.account_id == bindparam("account_id"))
    .order_by(PointsLot.created_at.desc())
)
"""Where her points came from, newest first; for `kernel.together`."""


def lots(session: Session, account_id: uuid.UUID) -> list[PointsLot]:
    """Where her points came from, newest first."""
    return list(session.scalars(LOTS, {"account_id": account_id}))


def lapsing(lots: Iterable[PointsLot], now: datetime, days: int = 30) -> int:
    """How many of her points lapse within `days`."""
    horizon = now + timedelta(days=days)
    good = (lot for lot in lots if lot.state is LotState.available)
    return sum(
        lot.remaining for lot in good if lot.expires_at is not None and now < lot.expires_at <= horizon
    )


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing that happened to her points: `points` more or fewer in all; 0 where they only vested."""

    at: datetime
    kind: str
    points: int


MOVEMENTS = (
    select(Entry.occurred_at, Entry.kind, (-func.sum(Posting.amount)).label("points"))
    .join(Posting, Posting.entry_id == Entry.id)
    .where(Posting.account_code == any_(bindparam("codes", type_=ARRAY(Text))), Entry.phase == Phase.posted)
    .group_by(Entry.id)
    .order_by(Entry.occurred_at.desc(), Entry.id.desc())
    .limit(30)
)
"""What happened to her points, newest first, from the book; for `kernel.together`: see `movements_of`."""


def codes_of(account_id: uuid.UUID) -> list[str]:
    """The accounts of the book that are her points."""
    return [points_available(account_id).code, points_pending(account_id).code, points_debt(account_id).code]


def movements(session: Session, account_id: uuid.UUID) -> list[Movement]:
    """What happened to her points, newest first, from the book."""
    return movements_of(session.execute(MOVEMENTS, {"codes": codes_of(account_id)}).all())


def movements_of(rows: Iterable[Any]) -> list[Movement]:
    """What the rows of `MOVEMENTS` say."""
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
