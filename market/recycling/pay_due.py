"""A buyer pays what she owes of her trade-in's credit: online, or at the county's desk."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.delivery.jobs import cancel_job
from market.delivery.queries import is_done
from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import BANK, STRIPE_CLEARING, Account, credit, debit, trade_in_due
from market.recycling import balance, custody
from market.recycling.models import PaidBy, TradeIn, TradeInDue
from market.recycling.states import DUE_STATES, DueState, TradeInState
from market.recycling.tell import tell_trade_in
from market.recycling.trade_in import JOB

SLIP_CHARS = range(4, 41)


def pay_online(session: Session, due_id: uuid.UUID, now: datetime) -> bool:
    """The provider has captured the due. False where it is not open any more: the money is then to be
    refunded by the caller."""
    old, due = _locked(session, due_id)
    if due.state is not DueState.open:
        return False
    _pay(session, old, due, PaidBy.online, STRIPE_CLEARING, now)
    return True


def pay_at_desk(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    due_id: uuid.UUID,
    slip_number: str,
    now: datetime,
) -> TradeInDue:
    """The operator took the money and paid it into the bank; the slip says so. Paid before: unchanged.

    It is banked by itself: the safe holds what couriers brought in, and nothing else.

    Raises NotFound for another county's; Refused ``cash.slip_number``, ``cash.slip_taken`` (field
    slip_number), ``state.illegal_move``.
    """
    old, due = _locked(session, due_id)
    if old.county_code != county_code:
        raise NotFound
    if due.state is DueState.paid:
        return due
    slip = slip_number.strip()
    if len(slip) not in SLIP_CHARS:
        raise Refused("cash.slip_number", field="slip_number")
    try:
        # Of two desks that write one slip at once, the second waits on its unique number.
        with session.begin_nested():
            due.slip_number, due.received_by_id = slip, operator_id
            _pay(session, old, due, PaidBy.desk, BANK, now)
    except IntegrityError as error:
        if "county_code_slip_number" not in str(error.orig):
            raise
        raise Refused("cash.slip_taken", field="slip_number") from error
    return due


def _pay(
    session: Session, old: TradeIn, due: TradeInDue, paid_by: PaidBy, source: Account, now: datetime
) -> None:
    DUE_STATES.move(due, DueState.paid)
    due.paid_by, due.settled_at = paid_by, now
    lines = [debit(source, due.amount_fen), credit(trade_in_due(old.county_code), due.amount_fen)]
    post(session, "trade_in.due_paid", f"trade_in:{old.id}", f"trade_in_due_paid:{due.id}", lines, now)
    if old.state is TradeInState.not_handed_in:
        _keep(session, old, now)
    session.flush()
    tell_trade_in(session, old, "due_paid", str(due.id), now, fen=due.amount_fen)


def _keep(session: Session, old: TradeIn, now: datetime) -> None:
    """She has paid the credit back and keeps the appliance: nobody has to come for it any more."""
    custody.move_trade_in(session, old, TradeInState.kept, custody.CONSUMER, now)
    job = f"{JOB}:{old.id}"
    if not is_done(session, job):
        cancel_job(session, job, now)


def _locked(session: Session, due_id: uuid.UUID) -> tuple[TradeIn, TradeInDue]:
    """The trade-in first, as everywhere, and then its due. Raises NotFound."""
    trade_in_id = session.scalar(select(TradeInDue.trade_in_id).where(TradeInDue.id == due_id))
    if trade_in_id is None:
        raise NotFound
    old = balance.lock(session, trade_in_id)
    due = session.get_one(TradeInDue, due_id, with_for_update=True, populate_existing=True)
    return old, due
