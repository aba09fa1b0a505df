"""The recycler opens the parcel: what was found decides, by the quote's own price table, what is offered."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.recycling import custody, prices
from market.recycling.events import AnswerDue, OfferAccepted, PayoutDue
from market.recycling.models import Assessment, Recycler, RecyclingOrder
from market.recycling.photos import keep
from market.recycling.receive import addressed_to
from market.recycling.rules import ANSWER_DAYS, LOCKED, assess_by, differences, pay_by, value
from market.recycling.states import RecyclingState
from market.recycling.tell import tell


def assess(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    order_id: uuid.UUID,
    age_years: int,
    faults: Collection[str],
    note: str,
    photo: bytes | None,
    now: datetime,
) -> Assessment:
    """Record what was found, and offer what the price table then says.

    As told, or better: the quote is paid. Worse: a re-offer with a photo, its reasons and seven
    days to answer. Locked by an account or password: seven days to unlock it.

    Raises NotFound, Refused ``recycling.faults``, ``recycling.age``, ``recycling.photo_needed``,
    ``photo.unreadable``, ``state.illegal_move``.
    """
    order = addressed_to(session, recycler, order_id)
    table = prices.version(session, order.price_table_id or "").table
    if set(faults) - table.fault_codes:
        raise Refused("recycling.faults", field="faults")
    if age_years < 0:
        raise Refused("recycling.age", field="age_years")
    worth_fen = value(table, age_years, faults).value_fen
    reasons = differences(order.age_years, order.faults, age_years, faults)
    locked_unexpectedly = LOCKED in reasons
    if (reasons and worth_fen < (order.quote_fen or 0)) and not photo:
        raise Refused("recycling.photo_needed", field="photo")
    _open(session, recycler, staff_id, order, now)
    sha256 = keep(session, order.id, "assessed", photo, now) if photo else None
    found = Assessment(
        order_id=order.id,
        assessor_id=staff_id,
        age_years=age_years,
        faults=sorted(set(faults)),
        reasons=list(reasons),
        value_fen=worth_fen,
        note=note.strip(),
        created_at=now,
    )
    session.add(found)
    by = custody.recycler(staff_id)
    if locked_unexpectedly:
        _wait_for_unlock(session, order, by, now)
    elif worth_fen >= (order.quote_fen or 0):
        _take_as_quoted(session, recycler, order, by, now)
    else:
        _reoffer(session, recycler, order, found, by, sha256, now)
    return found


def accept(session: Session, order: RecyclingOrder, offer_fen: int, by: str, now: datetime) -> None:
    """Let a locked order's offer stand accepted; the payout follows from the outbox, within two hours."""
    order.offer_fen = offer_fen
    order.answer_by = None
    custody.move(session, order, RecyclingState.offer_accepted, by, now, offer_fen=offer_fen)
    custody.move(session, order, RecyclingState.payout_pending, custody.MARKET, now)
    emit(session, OfferAccepted(order.id), now, dedupe_key=f"{OfferAccepted.kind}:{order.id}")
    due_key = f"{PayoutDue.kind}:{order.id}"
    emit(session, PayoutDue(order.id), now, due_at=pay_by(now), dedupe_key=due_key)


def _open(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, order: RecyclingOrder, now: datetime
) -> None:
    """Move to inspecting; an order that its owner has unlocked is there already.

    Raises Refused(``state.illegal_move``), also while she has yet to unlock it.
    """
    if order.state is RecyclingState.inspecting:
        return
    if order.state is RecyclingState.locked_device:
        raise Refused("state.illegal_move")
    custody.move(session, order, RecyclingState.inspecting, custody.recycler(staff_id), now)
    if order.received_at is not None and now <= assess_by(order.received_at):
        record_event(session, SubjectKind.recycler, recycler.id, "assessed_on_time", order.code, now)


def _take_as_quoted(
    session: Session, recycler: Recycler, order: RecyclingOrder, by: str, now: datetime
) -> None:
    accept(session, order, order.quote_fen or 0, by, now)
    record_event(session, SubjectKind.recycler, recycler.id, "offer_as_quoted", order.code, now)


def _reoffer(
    session: Session,
    recycler: Recycler,
    order: RecyclingOrder,
    found: Assessment,
    by: str,
    sha256: str | None,
    now: datetime,
) -> None:
    order.offer_fen = found.value_fen
    told = {"offer_fen": found.value_fen, "reasons": found.reasons, "photo_sha256": sha256}
    until = _await_answer(session, order, RecyclingState.reoffer, by, now, **told)
    record_event(session, SubjectKind.recycler, recycler.id, "offer_lowered", order.code, now)
    tell(session, order, "reoffer", now, offer_fen=found.value_fen, quote_fen=order.quote_fen, until=until)


def _wait_for_unlock(session: Session, order: RecyclingOrder, by: str, now: datetime) -> None:
    until = _await_answer(session, order, RecyclingState.locked_device, by, now)
    tell(session, order, "locked", now, until=until)


def _await_answer(
    session: Session, order: RecyclingOrder, state: RecyclingState, by: str, now: datetime, **told: Any
) -> str:
    """Leave the order to the consumer for seven days, and say until when."""
    due_at = order.answer_by = now + timedelta(days=ANSWER_DAYS)
    until = due_at.isoformat()
    custody.move(session, order, state, by, now, **told)
    key = f"{AnswerDue.kind}:{order.id}:{until}"
    emit(session, AnswerDue(order.id), now, due_at=due_at, dedupe_key=key)
    return until
