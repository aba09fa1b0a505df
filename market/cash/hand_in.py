"""A courier hands her cash to the hub: she shows a code, the operator types it and what he counted."""

import uuid
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from market.cash.differences import note_difference
from market.cash.events import CashHandedIn
from market.cash.models import HAND_IN_STATES, CashCollection, HandIn, HandInState
from market.cash.rules import CODE_LIFE, code_fits, code_hash, is_spent, new_code
from market.delivery.models import Courier
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import courier_cash, credit, debit, hub_cash


def begin_hand_in(session: Session, courier: Courier, now: datetime) -> tuple[HandIn, str]:
    """Open a hand-in of all that `courier` holds, and its code, which is told this once.

    One that was open before is replaced. Raises Refused(``cash.nothing_held``).
    """
    # Two taps at once: the second waits for the first, and replaces it.
    session.scalars(select(Courier.id).where(Courier.id == courier.id).with_for_update()).one()
    _cancel_open(session, courier.id)
    held = CashCollection.courier_id == courier.id, CashCollection.hand_in_id.is_(None)
    ids = session.scalars(
        select(CashCollection.id).where(*held, CashCollection.amount_fen > 0).order_by(CashCollection.id)
    ).all()
    if not ids:
        raise Refused("cash.nothing_held")
    expected = session.scalar(select(func.sum(CashCollection.amount_fen)).where(CashCollection.id.in_(ids)))
    hand_in_id, code = new_id(), new_code()
    hand_in = HandIn(
        id=hand_in_id,
        courier_id=courier.id,
        county_code=courier.county_code,
        expected_fen=int(expected or 0),
        code_hash=code_hash(hand_in_id, code),
        wrong_tries=0,
        opened_at=now,
        expires_at=now + CODE_LIFE,
        state=HandInState.open,
    )
    session.add(hand_in)
    session.flush()
    session.execute(update(CashCollection).where(CashCollection.id.in_(ids)).values(hand_in_id=hand_in_id))
    return hand_in, code


def receive_hand_in(
    session: Session,
    county_code: str,
    hand_in_id: uuid.UUID,
    code: str,
    counted_fen: int,
    by: uuid.UUID,
    now: datetime,
) -> HandIn:
    """`by` has counted `counted_fen` in the hub; a difference stays with the courier, as a break.

    Received before: unchanged. Raises NotFound where it is another county's; Refused: ``cash.counted``
    (field counted_fen), ``cash.code_spent`` and ``cash.code`` (field code), ``state.illegal_move``. A wrong
    code is counted in the row: the caller keeps (commits) that, although it is refused.
    """
    hand_in = _locked(session, county_code, hand_in_id)
    if hand_in.state is HandInState.received:
        return hand_in
    HAND_IN_STATES.step(hand_in.state, HandInState.received)
    if counted_fen < 0:
        raise Refused("cash.counted", field="counted_fen")
    if is_spent(hand_in.expires_at, hand_in.wrong_tries, now):
        raise Refused("cash.code_spent", field="code")
    if not code_fits(hand_in.id, hand_in.code_hash, code):
        hand_in.wrong_tries += 1
        session.flush()
        raise Refused("cash.code", field="code")
    HAND_IN_STATES.move(hand_in, HandInState.received)
    hand_in.counted_fen, hand_in.received_by, hand_in.received_at = counted_fen, by, now
    lines = [debit(hub_cash(county_code), counted_fen), credit(courier_cash(hand_in.courier_id), counted_fen)]
    post(session, "cash.handed_in", f"hand_in:{hand_in.id}", f"hand_in:{hand_in.id}", lines, now)
    note_difference(session, hand_in, hand_in.expected_fen, counted_fen, now)
    session.flush()
    emit(session, CashHandedIn(hand_in.id), now, dedupe_key=f"{CashHandedIn.kind}:{hand_in.id}")
    return hand_in


def _cancel_open(session: Session, courier_id: uuid.UUID) -> None:
    before = session.scalars(
        select(HandIn)
        .where(HandIn.courier_id == courier_id, HandIn.state == HandInState.open)
        .with_for_update(of=HandIn)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if before is None:
        return
    HAND_IN_STATES.move(before, HandInState.canceled)
    session.execute(
        update(CashCollection).where(CashCollection.hand_in_id == before.id).values(hand_in_id=None)
    )
    session.flush()


def _locked(session: Session, county_code: str, hand_in_id: uuid.UUID) -> HandIn:
    found = session.scalars(
        select(HandIn)
        .where(HandIn.id == hand_in_id, HandIn.county_code == county_code)
        .with_for_update(of=HandIn)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
