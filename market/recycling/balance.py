"""What a buyer had of her trade-in's credit against what the appliance counts for, after every move."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound
from market.kernel.ids import new_id
from market.ledger.post import post, reverse
from market.ledger.rules import GOODWILL, POINTS_COST, credit, debit, recycler_due, trade_in, trade_in_due
from market.points.earn import grant
from market.points.rules import FEN_PER_POINT
from market.recycling.models import DueReason, TradeIn, TradeInDue
from market.recycling.rules import owed_fen
from market.recycling.states import DUE_STATES, TAKEN_OVER, DueState, TradeInState
from market.recycling.tell import tell_trade_in

REASONS = {
    **dict.fromkeys(TAKEN_OVER, DueReason.lower_worth),
    TradeInState.not_handed_in: DueReason.not_handed_in,
    TradeInState.kept: DueReason.not_handed_in,
    TradeInState.going_home: DueReason.given_back,
    TradeInState.returned: DueReason.given_back,
}


def lock(session: Session, trade_in_id: uuid.UUID) -> TradeIn:
    """The trade-in, its row locked until the transaction ends and read anew. Raises NotFound."""
    found = session.get(TradeIn, trade_in_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def square(session: Session, old: TradeIn, now: datetime) -> None:
    """Make a locked trade-in even: she owes what she had too much, and is given in points what she had too
    little. While its worth is open she owes nothing.

    Safe to repeat: only what is missing is written.
    """
    due = open_due(session, old.id)
    difference_fen = _difference_fen(session, old)
    if due is not None and due.amount_fen != difference_fen:
        _void(session, due, now)
        due = None
    if difference_fen > 0 and due is None:
        _open(session, old, difference_fen, now)
    if difference_fen < 0:
        _top_up(session, old, -difference_fen, now)
    session.flush()


def waive(session: Session, old: TradeIn, now: datetime) -> None:
    """The county bears what she would owe. Once."""
    left_fen = max(0, _difference_fen(session, old))
    lines = [debit(GOODWILL, left_fen), credit(trade_in(old.county_code), left_fen)]
    if post(session, "trade_in.waived", f"trade_in:{old.id}", f"trade_in_waived:{old.id}", lines, now):
        old.waived_fen += left_fen


def hand_to_recycler(session: Session, old: TradeIn, now: datetime) -> None:
    """The recycler that has taken the appliance owes the market its worth. Once."""
    if old.recycler_id is None or old.worth_fen is None:
        raise ValueError(f"trade-in {old.code} is not a recycler's yet")
    lines = [
        debit(recycler_due(old.recycler_id), old.worth_fen),
        credit(trade_in(old.county_code), old.worth_fen),
    ]
    post(session, "trade_in.taken", f"trade_in:{old.id}", f"trade_in_taken:{old.id}", lines, now)


def open_due(session: Session, trade_in_id: uuid.UUID) -> TradeInDue | None:
    """What is still to be paid for the trade-in, locked."""
    return session.scalars(
        select(TradeInDue)
        .where(TradeInDue.trade_in_id == trade_in_id, TradeInDue.state == DueState.open)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _difference_fen(session: Session, old: TradeIn) -> int:
    if old.worth_fen is None:
        return 0
    repaid = select(func.coalesce(func.sum(TradeInDue.amount_fen), 0)).where(
        TradeInDue.trade_in_id == old.id, TradeInDue.state == DueState.paid
    )
    repaid_fen = int(session.scalar(repaid) or 0)
    return owed_fen(old.granted_fen + old.topped_up_fen, repaid_fen + old.waived_fen, old.worth_fen)


def _open(session: Session, old: TradeIn, amount_fen: int, now: datetime) -> None:
    due = TradeInDue(
        id=new_id(),
        trade_in_id=old.id,
        county_code=old.county_code,
        amount_fen=amount_fen,
        reason=REASONS[old.state],
        created_at=now,
    )
    session.add(due)
    session.flush()
    lines = [debit(trade_in_due(old.county_code), amount_fen), credit(trade_in(old.county_code), amount_fen)]
    post(session, "trade_in.due", f"trade_in:{old.id}", f"trade_in_due:{due.id}", lines, now)
    tell_trade_in(session, old, f"due_{due.reason.value}", str(due.id), now, fen=amount_fen)


def _void(session: Session, due: TradeInDue, now: datetime) -> None:
    DUE_STATES.move(due, DueState.void)
    due.settled_at = now
    reverse(session, f"trade_in_due:{due.id}", now)
    session.flush()


def _top_up(session: Session, old: TradeIn, amount_fen: int, now: datetime) -> None:
    old.topped_up_fen += amount_fen
    reference = f"trade_in_back:{old.id}:{old.topped_up_fen}"
    lines = [debit(trade_in(old.county_code), amount_fen), credit(POINTS_COST, amount_fen)]
    post(session, "trade_in.topped_up", f"trade_in:{old.id}", reference, lines, now)
    points = amount_fen // FEN_PER_POINT
    grant(session, old.account_id, points, reference, now)
    tell_trade_in(session, old, "topped_up", reference, now, points=points)
