"""What came back, against its custody, what was paid for it, and what buyers and recyclers owe."""

import uuid
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger.models import Entry, Phase, Posting
from market.ledger.rules import RECYCLER_PAID
from market.points.models import PointsLot
from market.points.rules import FEN_PER_POINT
from market.recycling import custody_audit
from market.recycling.freight_audit import freight_breaks
from market.recycling.models import Recycler, RecyclerState, RecyclingOrder, TradeIn, TradeInDue
from market.recycling.payout_models import BankPayout, Payout
from market.recycling.rules import owed_fen
from market.recycling.states import ON_ITS_WAY, TAKEN_OVER, DueState


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each order whose custody or payment does not fit, or trade-in not made even."""
    yield from custody_audit.breaks(session)
    yield from _paid_otherwise(session)
    yield from _left_with_stopped(session)
    yield from _uneven_trade_ins(session)
    yield from _account_breaks(session, "tradein:%:due", _due_by_county(session))
    yield from _account_breaks(session, "recycler:%:due", _taken_by_recycler(session))
    yield from _account_breaks(session, "recycling:payable:%", _owed_in_yuan(session))
    yield from freight_breaks(session)


def _paid_otherwise(session: Session) -> Iterator[str]:
    for order in session.scalars(select(RecyclingOrder).order_by(RecyclingOrder.id)):
        in_points = 0 if order.payout is Payout.yuan else order.paid_fen or 0
        if in_points != _granted_fen(session, order.id):
            yield f"recycling order {order.code}: {in_points} fen paid, other points granted"


def _left_with_stopped(session: Session) -> Iterator[str]:
    """Nothing that is still on its way is bound for a recycler that may not take it in."""
    left = (
        select(RecyclingOrder.code, Recycler.licence_number, Recycler.state)
        .join(Recycler, Recycler.id == RecyclingOrder.recycler_id)
        .where(Recycler.state != RecyclerState.active, RecyclingOrder.state.in_(ON_ITS_WAY))
        .order_by(RecyclingOrder.id)
    )
    for code, licence, state in session.execute(left):
        yield f"recycling order {code}: bound for {licence}, which is {state.value}"


def _granted_fen(session: Session, order_id: uuid.UUID) -> int:
    points = select(func.coalesce(func.sum(PointsLot.points), 0)).where(
        PointsLot.reference == f"recycling:{order_id}"
    )
    return int(session.scalar(points) or 0) * FEN_PER_POINT


def _uneven_trade_ins(session: Session) -> Iterator[str]:
    """What she had, less what she paid back or owes or was forgiven, is what the appliance counts for."""
    due = (
        select(TradeInDue.trade_in_id, func.sum(TradeInDue.amount_fen).label("fen"))
        .where(TradeInDue.state != DueState.void)
        .group_by(TradeInDue.trade_in_id)
        .subquery()
    )
    dues = func.coalesce(due.c.fen, 0)
    for old, due_fen in session.execute(
        select(TradeIn, dues).outerjoin(due, due.c.trade_in_id == TradeIn.id).order_by(TradeIn.id)
    ):
        had_fen = old.granted_fen + old.topped_up_fen
        if old.worth_fen is None:
            continue
        left = owed_fen(had_fen, due_fen + old.waived_fen, old.worth_fen)
        if left:
            yield f"trade-in {old.code}: {left} fen of its credit are neither borne out, owed nor paid back"


def _due_by_county(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(func.concat("tradein:", TradeIn.county_code, ":due"), func.sum(TradeInDue.amount_fen))
        .join(TradeIn, TradeIn.id == TradeInDue.trade_in_id)
        .where(TradeInDue.state == DueState.open)
        .group_by(TradeIn.county_code)
    )
    return {code: int(fen) for code, fen in rows}


def _taken_by_recycler(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(func.concat("recycler:", TradeIn.recycler_id, ":due"), func.sum(TradeIn.worth_fen))
        .where(TradeIn.state.in_(TAKEN_OVER))
        .group_by(TradeIn.recycler_id)
    )
    taken = Counter({code: int(fen or 0) for code, fen in rows})
    due = func.concat("recycler:", RecyclingOrder.recycler_id, ":due")
    sent_in = session.execute(
        select(due, func.sum(RecyclingOrder.charged_fen))
        .where(RecyclingOrder.charged_fen.is_not(None))
        .group_by(RecyclingOrder.recycler_id)
    )
    taken.update({code: int(fen or 0) for code, fen in sent_in})
    return taken


def _owed_in_yuan(session: Session) -> dict[str, int]:
    """What the bank has yet to pay; an account that is owed stands on the credit side, below zero."""
    rows = session.execute(
        select(func.concat("recycling:payable:", RecyclingOrder.account_id), -func.sum(BankPayout.amount_fen))
        .join(BankPayout, BankPayout.order_id == RecyclingOrder.id)
        .where(BankPayout.paid_at.is_(None), BankPayout.amount_fen.is_not(None))
        .group_by(RecyclingOrder.account_id)
    )
    return {code: int(fen or 0) for code, fen in rows}


def _account_breaks(session: Session, family: str, told: dict[str, int]) -> Iterator[str]:
    """What was booked against what things say; what was paid since is for the settlements to say."""
    rows = session.execute(
        select(Posting.account_code, func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.phase == Phase.posted, Entry.kind != RECYCLER_PAID, Posting.account_code.like(family))
        .group_by(Posting.account_code)
    )
    booked = {code: int(fen) for code, fen in rows}
    for code in sorted(booked.keys() | told.keys()):
        if booked.get(code, 0) != told.get(code, 0):
            yield f"{code}: book {booked.get(code, 0)} fen, recycling {told.get(code, 0)} fen"
