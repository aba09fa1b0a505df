"""Cash as each actor may see it: a courier her own, an operator her county's."""

import uuid
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from market.cash.models import (
    BreakState,
    CashBreak,
    CashCollection,
    Deposit,
    HandIn,
    HandInState,
)
from market.delivery.models import Job
from market.ledger.queries import balance
from market.ledger.rules import courier_cash


def is_banked(session: Session, reference: str) -> bool:
    """Whether the cash taken for `reference` is in the bank. Where there was nothing to take, it is."""
    banked = or_(CashCollection.deposit_id.is_not(None), CashCollection.amount_fen == 0)
    found = select(CashCollection.id).where(CashCollection.reference == reference, banked)
    return session.scalar(found) is not None


def courier_cash_held(session: Session, courier_id: uuid.UUID) -> int:
    """Cash in the courier's bag, in fen, by the book."""
    return balance(session, courier_cash(courier_id))


def held_collections(session: Session, courier_id: uuid.UUID) -> Sequence[tuple[CashCollection, str | None]]:
    """What the courier has taken and not handed in, oldest first, each with its order's number."""
    rows = session.execute(
        select(CashCollection, Job.order_number)
        .outerjoin(HandIn, HandIn.id == CashCollection.hand_in_id)
        .outerjoin(Job, Job.reference == CashCollection.reference)
        .where(CashCollection.courier_id == courier_id, CashCollection.amount_fen > 0)
        .where(or_(HandIn.id.is_(None), HandIn.state != HandInState.received))
        .order_by(CashCollection.collected_at, CashCollection.id)
    )
    return [(collection, number) for collection, number in rows]


def last_hand_in(session: Session, courier_id: uuid.UUID) -> HandIn | None:
    """The hand-in the courier opened last."""
    return session.scalar(
        select(HandIn)
        .where(HandIn.courier_id == courier_id)
        .order_by(HandIn.opened_at.desc(), HandIn.id.desc())
        .limit(1)
    )


def open_hand_ins(session: Session, county_code: str) -> Sequence[HandIn]:
    """Hand-ins that wait at the county's counter, oldest first."""
    return session.scalars(
        select(HandIn)
        .where(HandIn.county_code == county_code, HandIn.state == HandInState.open)
        .order_by(HandIn.opened_at, HandIn.id)
    ).all()


def hand_in_of(session: Session, county_code: str, hand_in_id: uuid.UUID) -> HandIn | None:
    """One hand-in of the county's."""
    return session.scalar(select(HandIn).where(HandIn.id == hand_in_id, HandIn.county_code == county_code))


def hand_ins_to_bank(session: Session, county_code: str) -> Sequence[HandIn]:
    """What the county's hub has received and not banked, oldest first."""
    return session.scalars(
        select(HandIn)
        .where(HandIn.county_code == county_code, HandIn.state == HandInState.received)
        .where(HandIn.deposit_id.is_(None))
        .order_by(HandIn.received_at, HandIn.id)
    ).all()


def deposits(session: Session, county_code: str, limit: int = 20) -> Sequence[Deposit]:
    """The county's deposits, the latest first."""
    return session.scalars(
        select(Deposit)
        .where(Deposit.county_code == county_code)
        .order_by(Deposit.banked_at.desc(), Deposit.id.desc())
        .limit(limit)
    ).all()


def open_breaks(session: Session, county_code: str) -> Sequence[CashBreak]:
    """The county's differences that nobody has explained, oldest first."""
    return session.scalars(
        select(CashBreak)
        .where(CashBreak.county_code == county_code, CashBreak.state == BreakState.open)
        .order_by(CashBreak.found_at, CashBreak.id)
    ).all()


def break_of(session: Session, county_code: str, break_id: uuid.UUID) -> CashBreak | None:
    """One break of the county's."""
    return session.scalar(
        select(CashBreak).where(CashBreak.id == break_id, CashBreak.county_code == county_code)
    )
