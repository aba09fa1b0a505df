"""One sold piece on its way to being safe: chosen for and remedied; or not affected, or out of reach."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from market.catalog.recall_rule import covers, normalized
from market.catalog.recalled import clear, mark
from market.catalog.trace import TraceKind, record
from market.kernel.errors import NotFound, Refused
from market.notices.calls import ENOUGH_ATTEMPTS, failed_attempts, note_attempt
from market.notices.models import Call
from market.orders.models import OrderLine
from market.payments import refund
from market.payments.models import RefundState
from market.payments.queries import refund_asked
from market.recalls import steps
from market.recalls.book import claim_from_maker
from market.recalls.claim import bearer_of
from market.recalls.models import Recall, RecallUnit
from market.recalls.states import RUNNING, UNIT_STATES, Bearer, RecallState, Remedy, UnitState

NOTE_CHARS = range(4, 301)
MOST_COST_FEN = 10_000_000
_UNREAD = (UnitState.told, UnitState.unreachable)
_APPROVED = (RefundState.approved, RefundState.sent, RefundState.succeeded)


def has_read(session: Session, account_id: uuid.UUID, unit_id: uuid.UUID, now: datetime) -> RecallUnit:
    """Its buyer has opened the page of her piece. Raises NotFound where it is not hers."""
    seen = session.scalar(
        select(RecallUnit)
        .where(RecallUnit.id == unit_id, RecallUnit.account_id == account_id)
        .options(joinedload(RecallUnit.recall).joinedload(Recall.product))
    )
    if seen is None:
        raise NotFound
    if seen.state not in _UNREAD:
        return seen
    unit = _own(session, account_id, unit_id)
    if unit.state in _UNREAD:
        steps.move_unit(unit, UnitState.reached, now)
        session.flush()
    return unit


def choose(
    session: Session, account_id: uuid.UUID, unit_id: uuid.UUID, remedy: Remedy, now: datetime
) -> RecallUnit:
    """Its buyer says what she wants; a refund is asked for at once, and the county approves it.

    No return window holds against a recall. Raises NotFound where it is not hers; Refused:
    ``recalls.remedy`` (field remedy), ``recalls.over``, ``state.illegal_move``, and what a refund refuses.
    """
    return _choose(session, _own(session, account_id, unit_id), remedy, account_id, now)


def choose_for(
    session: Session,
    county_code: str,
    unit_id: uuid.UUID,
    remedy: Remedy,
    by_id: uuid.UUID,
    now: datetime,
) -> RecallUnit:
    """An operator writes down what the buyer said on the telephone. Raises as `choose`."""
    return _choose(session, unit_of(session, county_code, unit_id), remedy, by_id, now)


def complete(
    session: Session,
    county_code: str,
    unit_id: uuid.UUID,
    cost_fen: int,
    note: str,
    by_id: uuid.UUID,
    now: datetime,
) -> RecallUnit:
    """The remedy is done. What it cost, a refund's money with it, is claimed from the maker; what a shop sold
    after the recall was published is the shop's own.

    A repaired piece is safe again; the others stay called back for good. Unchanged the second time. Raises
    NotFound; Refused ``recalls.cost`` (field cost), ``recalls.note`` (field note), ``recalls.refund_open``,
    ``state.illegal_move``.
    """
    unit = unit_of(session, county_code, unit_id)
    if unit.state is UnitState.remedied:
        return unit
    if not 0 <= cost_fen <= MOST_COST_FEN:
        raise Refused("recalls.cost", field="cost")
    if len(note.strip()) not in NOTE_CHARS:
        raise Refused("recalls.note", field="note")
    UNIT_STATES.step(unit.state, UnitState.remedied)
    unit.cost_fen = cost_fen + _refunded_fen(session, unit)
    unit.remedied_at, unit.note = now, note.strip()
    steps.move_unit(unit, UnitState.remedied, now)
    session.flush()
    recall = session.get_one(Recall, unit.recall_id)
    unit.borne_by = bearer_of(session, recall, unit)
    if unit.borne_by is Bearer.maker:
        claim_from_maker(session, recall, unit, unit.cost_fen, now)
    _trace(session, recall, unit, now)
    steps.record(session, recall, by_id, f"{unit.key} {unit.remedy}", now)
    return unit


def not_affected(
    session: Session,
    county_code: str,
    unit_id: uuid.UUID,
    serial: str,
    by_id: uuid.UUID,
    now: datetime,
) -> RecallUnit:
    """Somebody read its name plate: the number `serial` is outside what is called back.

    Where the batch decides, the operator has read that too. Raises NotFound; Refused ``recalls.affected`` and
    ``recalls.serials`` (field serial), ``state.illegal_move``.
    """
    unit = unit_of(session, county_code, unit_id)
    recall, number = session.get_one(Recall, unit.recall_id), normalized(serial)
    if len(number) < 4 or (unit.serial and normalized(unit.serial) != number):
        raise Refused("recalls.serials", field="serial")
    if covers(recall.scope, number, None):
        raise Refused("recalls.affected", field="serial")
    steps.move_unit(unit, UnitState.not_affected, now)
    unit.serial, unit.note = number, number
    session.flush()
    clear(session, recall.reference, recall.product_id, number, now)
    steps.record(session, recall, by_id, f"{unit.key} not_affected", now)
    return unit


def mark_unreachable(
    session: Session, county_code: str, unit_id: uuid.UUID, note: str, by_id: uuid.UUID, now: datetime
) -> RecallUnit:
    """Nobody could reach the buyer, after at least three calls in vain; a person says so, with a note.

    Raises NotFound; Refused ``recalls.too_few_calls``, ``recalls.note`` (field note), ``state.illegal_move``.
    """
    unit = unit_of(session, county_code, unit_id)
    recall = session.get_one(Recall, unit.recall_id)
    if unit.account_id is None:
        raise NotFound
    if failed_attempts(session, unit.account_id, recall.reference) < ENOUGH_ATTEMPTS:
        raise Refused("recalls.too_few_calls", needed=ENOUGH_ATTEMPTS)
    if len(note.strip()) not in NOTE_CHARS:
        raise Refused("recalls.note", field="note")
    UNIT_STATES.step(unit.state, UnitState.unreachable)
    unit.failed_by, unit.note = by_id, note.strip()
    steps.move_unit(unit, UnitState.unreachable, now)
    session.flush()
    steps.record(session, recall, by_id, f"{unit.key} unreachable: {unit.note}", now)
    return unit


def called(
    session: Session,
    county_code: str,
    call_id: uuid.UUID,
    reached: bool,
    note: str,
    by_id: uuid.UUID,
    now: datetime,
) -> Call:
    """An operator dialed. Whoever was reached knows of each of her pieces.

    Raises NotFound where none of them is the county's; Refused as `market.notices.calls.note_attempt`.
    """
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound
    units = units_of(session, county_code, call)
    if not units:
        raise NotFound
    note_attempt(session, call_id, reached, note, by_id, now)
    for unit in units:
        if reached and unit.state in (UnitState.told, UnitState.unreachable):
            steps.move_unit(unit, UnitState.reached, now)
    session.flush()
    return call


def units_of(session: Session, county_code: str, call: Call) -> list[RecallUnit]:
    """The county's pieces of the person that a call is about, locked."""
    kind, _, recall_id = call.reference.partition(":")
    if kind != "recall":
        return []
    found = select(RecallUnit).where(
        RecallUnit.recall_id == uuid.UUID(recall_id),
        RecallUnit.account_id == call.account_id,
        RecallUnit.county_code == county_code,
    )
    session.get(Recall, uuid.UUID(recall_id), with_for_update=True, populate_existing=True)
    return list(session.scalars(found.order_by(RecallUnit.id).with_for_update()))


def unit_of(session: Session, county_code: str, unit_id: uuid.UUID) -> RecallUnit:
    """A sold piece of the county's, locked. Raises NotFound."""
    unit = steps.lock_unit(session, unit_id)
    if unit.county_code != county_code or unit.account_id is None:
        raise NotFound
    return unit


def _own(session: Session, account_id: uuid.UUID, unit_id: uuid.UUID) -> RecallUnit:
    unit = steps.lock_unit(session, unit_id)
    if unit.account_id != account_id:
        raise NotFound
    return unit


def _choose(
    session: Session, unit: RecallUnit, remedy: Remedy, by_id: uuid.UUID, now: datetime
) -> RecallUnit:
    recall = session.get_one(Recall, unit.recall_id)
    if recall.state not in RUNNING:
        raise Refused("recalls.over")
    if remedy.value not in recall.remedies:
        raise Refused("recalls.remedy", field="remedy")
    UNIT_STATES.step(unit.state, UnitState.chosen)
    unit.remedy, unit.chosen_at = remedy, now
    steps.move_unit(unit, UnitState.chosen, now)
    session.flush()
    if remedy is Remedy.refund:
        _ask_refund(session, recall, unit, by_id, now)
    if recall.state is RecallState.notice_sent:
        steps.move(session, recall, RecallState.remedy, None, "", now)
    return unit


def _ask_refund(session: Session, recall: Recall, unit: RecallUnit, by_id: uuid.UUID, now: datetime) -> None:
    line = session.get_one(OrderLine, unit.order_line_id)
    reason = f"{recall.code} {recall.hazard}"[: refund.REASON_LENGTH]
    wanted = refund.Wanted(reason, {line.id: 1}, {})
    refund.request(session, line.shop_order_id, wanted, by_id, unit.refund_key, now)


def _refunded_fen(session: Session, unit: RecallUnit) -> int:
    if unit.remedy is not Remedy.refund:
        return 0
    asked = refund_asked(session, unit.refund_key)
    if asked is None or asked.state not in _APPROVED:
        raise Refused("recalls.refund_open")
    return asked.amount_fen


def _trace(session: Session, recall: Recall, unit: RecallUnit, now: datetime) -> None:
    if unit.serial is None or unit.remedy is None:
        return
    details = {"recall": recall.code, "remedy": unit.remedy.value}
    record(session, unit.serial, TraceKind.remedied, now, product_id=recall.product_id, details=details)
    if unit.remedy is Remedy.repair:
        clear(session, recall.reference, recall.product_id, unit.serial, now)
    else:
        mark(session, recall.reference, recall.product_id, [unit.serial], now)
