"""Take received cash to the bank."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.cash.differences import note_difference
from market.cash.events import CashBanked
from market.cash.models import CashCollection, Deposit, HandIn, HandInState
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import BANK, credit, debit, hub_cash

SLIP_CHARS = range(4, 41)


def make_deposit(
    session: Session,
    county_code: str,
    hand_in_ids: Collection[uuid.UUID],
    amount_fen: int,
    slip_number: str,
    by: uuid.UUID,
    now: datetime,
    slip_photo: bytes | None = None,
) -> Deposit:
    """`by` banked those hand-ins; the slip says `amount_fen`. A difference stays with the hub, as a break.

    Raises NotFound where one is another county's; Refused: ``cash.no_hand_ins`` and ``cash.not_to_bank``
    (field hand_ins), ``cash.amount`` (field amount_fen), ``cash.slip_number`` and ``cash.slip_taken`` (field
    slip_number).
    """
    slip = slip_number.strip()
    if not hand_in_ids:
        raise Refused("cash.no_hand_ins", field="hand_ins")
    if amount_fen <= 0:
        raise Refused("cash.amount", field="amount_fen")
    if len(slip) not in SLIP_CHARS:
        raise Refused("cash.slip_number", field="slip_number")
    hand_ins = _locked(session, county_code, hand_in_ids)
    deposit = _new(session, county_code, amount_fen, slip, slip_photo, by, now)
    lines = [debit(BANK, amount_fen), credit(hub_cash(county_code), amount_fen)]
    post(session, "cash.banked", f"deposit:{deposit.id}", f"deposit:{deposit.id}", lines, now)
    expected_fen = sum(hand_in.counted_fen or 0 for hand_in in hand_ins)
    note_difference(session, deposit, expected_fen, amount_fen, now)
    for hand_in in hand_ins:
        hand_in.deposit_id = deposit.id
        for collection in session.scalars(
            select(CashCollection).where(CashCollection.hand_in_id == hand_in.id).order_by(CashCollection.id)
        ):
            collection.deposit_id = deposit.id
            key = f"banked:{collection.reference}"
            emit(session, CashBanked(collection.reference), now, dedupe_key=key)
    session.flush()
    return deposit


def _locked(session: Session, county_code: str, hand_in_ids: Collection[uuid.UUID]) -> list[HandIn]:
    found = session.scalars(
        select(HandIn)
        .where(HandIn.id.in_(hand_in_ids), HandIn.county_code == county_code)
        .order_by(HandIn.id)
        .with_for_update(of=HandIn)
        .execution_options(populate_existing=True)
    ).all()
    if len(found) < len(set(hand_in_ids)):
        raise NotFound
    if any(one.state is not HandInState.received or one.deposit_id for one in found):
        raise Refused("cash.not_to_bank", field="hand_ins")
    return list(found)


def _new(
    session: Session,
    county_code: str,
    amount_fen: int,
    slip_number: str,
    slip_photo: bytes | None,
    by: uuid.UUID,
    now: datetime,
) -> Deposit:
    made = session.scalars(
        insert(Deposit)
        .values(
            id=new_id(),
            county_code=county_code,
            amount_fen=amount_fen,
            slip_number=slip_number,
            slip_photo=slip_photo,
            banked_at=now,
            banked_by=by,
        )
        .on_conflict_do_nothing(index_elements=["county_code", "slip_number"])
        .returning(Deposit)
    ).one_or_none()
    if made is None:
        raise Refused("cash.slip_taken", field="slip_number")
    return made
