"""Cash in bags, in safes and in the bank, recomputed from collections, hand-ins, deposits and breaks."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.cash.models import (
    BreakKind,
    BreakState,
    CashBreak,
    CashCollection,
    Deposit,
    HandIn,
    HandInState,
)
from market.ledger.models import Entry, Phase, Posting

Sums = dict[str, int]


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each account that its rows do not bear out, and one for each open difference."""
    yield from _account_breaks(session, "courier", _in_bags(session))
    yield from _account_breaks(session, "hub", _in_safes(session))
    for found in session.scalars(
        select(CashBreak).where(CashBreak.state == BreakState.open).order_by(CashBreak.id)
    ):
        yield f"{found.reference}: expected {found.expected_fen} fen, counted {found.counted_fen} fen"


def _account_breaks(session: Session, owner: str, told: Sums) -> Iterator[str]:
    booked = _booked(session, owner)
    for code in sorted(booked.keys() | told.keys()):
        if booked.get(code, 0) != told.get(code, 0):
            yield f"{code}: book {booked.get(code, 0)} fen, cash rows {told.get(code, 0)} fen"


def _booked(session: Session, owner: str) -> Sums:
    return _sums(
        session,
        select(Posting.account_code, func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.phase == Phase.posted, Posting.account_code.like(f"{owner}:%:cash"))
        .group_by(Posting.account_code),
    )


def _in_bags(session: Session) -> Sums:
    """By courier's account: what is not handed in, plus what was short at the counter and not written off."""
    account = func.concat("courier:", CashCollection.courier_id, ":cash")
    collected = (
        select(account, _sum(CashCollection.amount_fen))
        .outerjoin(HandIn, HandIn.id == CashCollection.hand_in_id)
        .where(or_(HandIn.id.is_(None), HandIn.state != HandInState.received))
        .group_by(CashCollection.courier_id)
    )
    short = (
        select(func.concat("courier:", CashBreak.courier_id, ":cash"), _sum(_STANDING))
        .where(CashBreak.kind == BreakKind.hand_in)
        .group_by(CashBreak.courier_id)
    )
    return _added(_sums(session, collected), _sums(session, short))


def _in_safes(session: Session) -> Sums:
    """By hub's account: what was received and not banked, and what the bank's count was short."""
    received = (
        select(func.concat("hub:", HandIn.county_code, ":cash"), _sum(HandIn.counted_fen))
        .where(HandIn.state == HandInState.received)
        .group_by(HandIn.county_code)
    )
    banked = select(func.concat("hub:", Deposit.county_code, ":cash"), -_sum(Deposit.amount_fen)).group_by(
        Deposit.county_code
    )
    written_off = (
        select(func.concat("hub:", CashBreak.county_code, ":cash"), -_sum(CashBreak.written_off_fen))
        .where(CashBreak.kind == BreakKind.deposit)
        .group_by(CashBreak.county_code)
    )
    return _added(*(_sums(session, query) for query in (received, banked, written_off)))


_STANDING = CashBreak.expected_fen - CashBreak.counted_fen - CashBreak.written_off_fen


def _sum(column: ColumnElement[int] | InstrumentedAttribute[Any]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)


def _sums(session: Session, query: Select[str, int]) -> Sums:
    return {str(code): int(fen) for code, fen in session.execute(query)}


def _added(*all_sums: Sums) -> Sums:
    codes = {code for sums in all_sums for code in sums}
    return {code: sum(sums.get(code, 0) for sums in all_sums) for code in codes}
