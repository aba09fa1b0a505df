"""Points come in: earned on an order (pending first), or granted at once."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import POINTS_PROGRAMME, credit, debit, points_available, points_pending
from market.notices.notify import notify
from market.points import rules
from market.points.account import locked, locked_lot, pay_debt
from market.points.events import LotExpires, LotLapsesSoon, LotVests
from market.points.models import LOT_STATES, LotState, PointsLot


def earn(
    session: Session,
    account_id: uuid.UUID,
    points: int,
    reference: str,
    delivered_at: datetime,
    now: datetime,
    *,
    signed_off_at: datetime | None = None,
) -> None:
    """Book `points` as pending until the return window after `delivered_at`, and the installation's sign-off.

    Once per `reference`.
    """
    vests_at = rules.vests_at(delivered_at, signed_off_at)
    row = locked(session, account_id)
    lot_id = _open_lot(session, account_id, points, reference, "order", LotState.pending, vests_at, now)
    if lot_id is None:
        return
    row.pending += points
    lines = [debit(POINTS_PROGRAMME, points), credit(points_pending(account_id), points)]
    post(session, "points.earned", reference, f"points:earn:{reference}", lines, now)
    emit(session, LotVests(lot_id), now, due_at=vests_at, dedupe_key=f"points.vest:{lot_id}")


def grant(session: Session, account_id: uuid.UUID, points: int, reference: str, now: datetime) -> None:
    """Book `points` as available at once (a recycled device, goodwill). Once per `reference`."""
    source = reference.partition(":")[0]
    row = locked(session, account_id)
    lot_id = _open_lot(session, account_id, points, reference, source, LotState.available, None, now)
    if lot_id is None:
        return
    row.available += points
    lines = [debit(POINTS_PROGRAMME, points), credit(points_available(account_id), points)]
    post(session, "points.granted", reference, f"points:grant:{reference}", lines, now)
    pay_debt(session, row, [session.get_one(PointsLot, lot_id)], f"grant:{reference}", now)


def vest(session: Session, lot_id: uuid.UUID, now: datetime) -> None:
    """Make a pending lot spendable. Nothing happens the second time, or before the return window is over."""
    row, lot = locked_lot(session, lot_id) or (None, None)
    if row is None or lot is None or lot.state is not LotState.pending:
        return
    if lot.vests_at is not None and now < lot.vests_at:
        return
    LOT_STATES.move(lot, LotState.available)
    row.pending -= lot.remaining
    row.available += lot.remaining
    lines = [
        debit(points_pending(lot.account_id), lot.remaining),
        credit(points_available(lot.account_id), lot.remaining),
    ]
    post(session, "points.vested", lot.reference, f"points:vest:{lot.id}", lines, now)
    pay_debt(session, row, [lot], f"vest:{lot.id}", now)


def expire(session: Session, lot_id: uuid.UUID, now: datetime) -> None:
    """Let what remains of a lot lapse. Nothing happens the second time, or before its day."""
    row, lot = locked_lot(session, lot_id) or (None, None)
    if row is None or lot is None or lot.state is not LotState.available or now < lot.expires_at:
        return
    lapsed, lot.remaining = lot.remaining, 0
    LOT_STATES.move(lot, LotState.expired)
    row.available -= lapsed
    lines = [debit(points_available(lot.account_id), lapsed), credit(POINTS_PROGRAMME, lapsed)]
    post(session, "points.expired", lot.reference, f"points:expire:{lot.id}", lines, now)
    session.flush()


def remind(session: Session, lot_id: uuid.UUID, days: int, now: datetime) -> None:
    """Tell her that what remains of a lot lapses in `days`. Nothing where nothing remains, or too early."""
    lot = session.get(PointsLot, lot_id)
    if lot is None or lot.state is not LotState.available or not lot.remaining:
        return
    if not lot.expires_at - timedelta(days=days) <= now < lot.expires_at:
        return
    notify(
        session,
        lot.account_id,
        "points.lapsing",
        {"points": lot.remaining, "until": lot.expires_at.isoformat()},
        now,
        dedupe_key=f"points.lapsing:{lot.id}:{days}",
    )


def _open_lot(
    session: Session,
    account_id: uuid.UUID,
    points: int,
    reference: str,
    source: str,
    state: LotState,
    vests_at: datetime | None,
    now: datetime,
) -> uuid.UUID | None:
    """The new lot's id, or None where the reference has one or there is nothing to book."""
    if points <= 0:
        return None
    expires_at = rules.expires_at(vests_at or now)
    lot_id = session.execute(
        insert(PointsLot)
        .values(
            id=new_id(),
            account_id=account_id,
            reference=reference,
            source=source,
            points=points,
            remaining=points,
            taken_back=0,
            state=state,
            vests_at=vests_at,
            expires_at=expires_at,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(PointsLot.id)
    ).scalar_one_or_none()
    if lot_id is not None:
        emit(session, LotExpires(lot_id), now, due_at=expires_at, dedupe_key=f"points.expire:{lot_id}")
        for days in rules.REMINDER_DAYS:
            due_at, key = expires_at - timedelta(days=days), f"points.lapses_soon:{lot_id}:{days}"
            emit(session, LotLapsesSoon(lot_id, days), now, due_at=due_at, dedupe_key=key)
    return lot_id
