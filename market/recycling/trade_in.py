"""An old appliance handed over with an order: quoted, opened, called off, collected by the courier or not."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.recycling import balance, custody
from market.recycling.codes import new_code
from market.recycling.custody_models import Device
from market.recycling.models import TradeIn
from market.recycling.parties import Party, Role
from market.recycling.prices import InForce, in_force
from market.recycling.rules import Deduction, value
from market.recycling.states import TRADE_IN_STATES, TradeInState

JOB = "trade_in"  # the job that collects a trade-in is ``trade_in:`` and its id


@dataclass(frozen=True, slots=True)
class TradeInQuote:
    """What an old appliance takes off an order, and the three largest reasons why it is not more."""

    credit_fen: int
    deductions: tuple[Deduction, ...]
    prices: InForce


def quote_trade_in(
    session: Session, category_code: str, age_years: int, works: bool, complete: bool, now: datetime
) -> TradeInQuote:
    """Price an old appliance by the table in force. Raises Refused(``recycling.category_not_taken``)."""
    prices = in_force(session, category_code, now)
    faults = {"not_working": not works, "incomplete": not complete}
    valuation = value(prices.table, age_years, [code for code, has in faults.items() if has])
    return TradeInQuote(valuation.value_fen, valuation.largest, prices)


def open_trade_in(
    session: Session,
    account_id: uuid.UUID,
    county_code: str,
    reference: str,
    category_code: str,
    age_years: int,
    works: bool,
    complete: bool,
    now: datetime,
    *,
    most_fen: int | None = None,
) -> TradeIn:
    """Note that `account_id` hands an old appliance over with the order `reference`. Once per reference.

    The credit is what the appliance is quoted at, and no more than the order had room for (`most_fen`).

    Raises Refused(``recycling.category_not_taken``).
    """
    quote = quote_trade_in(session, category_code, age_years, works, complete, now)
    typical = quote.prices.table.typical
    session.execute(
        insert(TradeIn)
        .values(
            id=new_id(),
            account_id=account_id,
            reference=reference,
            code=new_code("J"),
            county_code=county_code,
            category_code=category_code,
            price_table_id=quote.prices.id,
            age_years=age_years,
            works=works,
            complete=complete,
            credit_fen=quote.credit_fen if most_fen is None else min(most_fen, quote.credit_fen),
            weight_grams=typical.weight_grams,
            volume_cm3=typical.volume_cm3,
            longest_side_mm=typical.longest_side_mm,
            people_required=typical.people,
            state=TradeInState.awaiting_pickup,
            created_at=now,
            withdrawn_fen=0,
            topped_up_fen=0,
            waived_fen=0,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
    )
    opened = session.scalars(select(TradeIn).where(TradeIn.reference == reference)).one()
    if session.get(Device, opened.id) is None:
        custody.record(session, opened, custody.CONSUMER, now)
    return opened


def cancel_trade_in(session: Session, reference: str, now: datetime) -> None:
    """The order is off at `now`, and the appliance stays. Nothing happens the second time, or with none.

    Raises Refused(``state.illegal_move``) once the appliance was collected.
    """
    old = _lock_of(session, reference)
    if old is not None and old.state is not TradeInState.cancelled:
        TRADE_IN_STATES.step(old.state, TradeInState.cancelled)
        old.worth_fen = None
        custody.move_trade_in(session, old, TradeInState.cancelled, custody.MARKET, now)
        balance.square(session, old, now)


def trade_in_collected(
    session: Session, job_reference: str, now: datetime, courier_id: uuid.UUID | None = None
) -> None:
    """The courier has taken the appliance along. Nothing happens the second time, or for other jobs.

    At a door without signal both ends sign by the stop's proof: who gave it, and the courier's photo.
    """
    old = _of_job(session, job_reference)
    if old is None or TradeInState.collected not in TRADE_IN_STATES[old.state]:
        return
    courier = Party(Role.courier, str(courier_id or ""))
    collect(session, old, courier, str(courier), now, signed_by="proof", job=job_reference)


def collect(
    session: Session, old: TradeIn, courier: Party, by: str, now: datetime, **signed: str | None
) -> None:
    """The locked trade-in is the courier's to carry. Raises Refused(``state.illegal_move``).

    What she owed for not handing it in is off; its worth is open again.
    """
    TRADE_IN_STATES.step(old.state, TradeInState.collected)
    old.collected_at, old.worth_fen = now, None
    custody.move_trade_in(session, old, TradeInState.collected, by, now, courier, **signed)
    balance.square(session, old, now)


def not_handed_in(session: Session, job_reference: str, now: datetime) -> None:
    """The courier stood at the door and did not get the appliance: she owes the credit, until she hands it
    in on a later trip. Nothing happens the second time, or for other jobs."""
    old = _of_job(session, job_reference)
    if old is None or TradeInState.not_handed_in not in TRADE_IN_STATES[old.state]:
        return
    old.worth_fen = 0
    custody.move_trade_in(session, old, TradeInState.not_handed_in, custody.CARRIER, now)
    balance.square(session, old, now)


def withdraw_credit(session: Session, reference: str, amount_fen: int, now: datetime) -> None:
    """Goods of the order `reference` were undone, and `amount_fen` of its credit with them.

    The caller does so once for each part of the order. Nothing happens where nothing was handed in.
    """
    old = _lock_of(session, reference)
    if old is None or not amount_fen:
        return
    old.withdrawn_fen += amount_fen
    session.flush()
    balance.square(session, old, now)


def _of_job(session: Session, job_reference: str) -> TradeIn | None:
    kind, _, trade_in_id = job_reference.partition(":")
    return balance.lock(session, uuid.UUID(trade_in_id)) if kind == JOB else None


def _lock_of(session: Session, reference: str) -> TradeIn | None:
    return session.scalars(
        select(TradeIn)
        .where(TradeIn.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
