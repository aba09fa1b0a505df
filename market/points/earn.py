"""Points come in: earned on an order (pending first), or granted at once."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import POINTS_PROGRAMME, credit, debit, points_available, points_pending
from market.points import rules
from market.points.events import LotExpires, LotVests
from market.points.models import LOT_STATES, LotState, PointsAccount, PointsLot


def earn(
    session: Session,
    account_id: uuid.UUID,
    points: int,
    reference: str,
    delivered_at: datetime,
    now: datetime,
) -> None:
    """Book `points` as pending until the return window after `delivered_at`. Once per `reference`."""
    vests_at = rules.vests_at(delivered_at)
    lot_id = _open_lot(session, account_id, points, reference, "order", LotState.pending, vests_at, now)
    if lot_id is None:
        return
    _add(session, account_id, pending=points)
    lines = [debit(POINTS_PROGRAMME, points), credit(points_pending(account_id), points)]
    post(session, "points.earned", reference, f"points:earn:{reference}", lines, now)
    emit(session, LotVests(lot_id), now, due_at=vests_at, dedupe_key=f"points.vest:{lot_id}")


def grant(session: Session, account_id: uuid.UUID, points: int, reference: str, now: datetime) -> None:
    """Book `points` as available at once (a recycled device, goodwill). Once per `reference`."""
    source = reference.partition(":")[0]
    if _open_lot(session, account_id, points, reference, source, LotState.available, None, now) is None:
        return
    _add(session, account_id, available=points)
    lines = [debit(POINTS_PROGRAMME, points), credit(points_available(account_id), points)]
    post(session, "points.granted", reference, f"points:grant:{reference}", lines, now)


def vest(session: Session, lot_id: uuid.UUID, now: datetime) -> None:
    """Make a pending lot spendable. Nothing happens the second time."""
    lot = session.get(PointsLot, lot_id, with_for_update=True)
    if lot is None or lot.state is not LotState.pending:
        return
    LOT_STATES.move(lot, LotState.available)
    _add(session, lot.account_id, pending=-lot.remaining, available=lot.remaining)
    lines = [
        debit(points_pending(lot.account_id), lot.remaining),
        credit(points_available(lot.account_id), lot.remaining),
    ]
    post(session, "points.vested", lot.reference, f"points:vest:{lot.id}", lines, now)


def expire(session: Session, lot_id: uuid.UUID, now: datetime) -> None:
    """Let what remains of a lot lapse. Nothing happens the second time, or before its day."""
    lot = session.get(PointsLot, lot_id, with_for_update=True)
    if lot is None or lot.state is not LotState.available or now < lot.expires_at:
        return
    lapsed, lot.remaining = lot.remaining, 0
    LOT_STATES.move(lot, LotState.expired)
    _add(session, lot.account_id, available=-lapsed)
    lines = [debit(points_available(lot.account_id), lapsed), credit(POINTS_PROGRAMME, lapsed)]
    post(session, "points.expired", lot.reference, f"points:expire:{lot.id}", lines, now)


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
    return lot_id


def _add(session: Session, account_id: uuid.UUID, *, pending: int = 0, available: int = 0) -> None:
    session.execute(
        insert(PointsAccount).values(account_id=account_id, pending=0, available=0).on_conflict_do_nothing()
    )
    session.execute(
        update(PointsAccount)
        .where(PointsAccount.account_id == account_id)
        .values(pending=PointsAccount.pending + pending, available=PointsAccount.available + available)
    )
