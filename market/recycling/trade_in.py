"""An old appliance handed over with an order: quoted, collected by the courier, confirmed by the recycler."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.recycling.codes import new_code
from market.recycling.models import Recycler, TradeIn
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
) -> TradeIn:
    """Note that `account_id` hands an old appliance over with the order `reference`. Once per reference.

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
            credit_fen=quote.credit_fen,
            weight_grams=typical.weight_grams,
            volume_cm3=typical.volume_cm3,
            longest_side_mm=typical.longest_side_mm,
            people_required=typical.people,
            state=TradeInState.awaiting_pickup,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
    )
    return session.scalars(select(TradeIn).where(TradeIn.reference == reference)).one()


def cancel_trade_in(session: Session, reference: str, now: datetime) -> None:
    """The order is off at `now`, and the appliance stays. Nothing happens the second time, or with none.

    Raises Refused(``state.illegal_move``) once the appliance was collected.
    """
    trade_in = session.scalars(
        select(TradeIn).where(TradeIn.reference == reference).with_for_update()
    ).one_or_none()
    if trade_in is not None and trade_in.state is not TradeInState.cancelled:
        TRADE_IN_STATES.move(trade_in, TradeInState.cancelled)
        session.flush()


def trade_in_collected(session: Session, job_reference: str, now: datetime) -> None:
    """The courier has taken the appliance along. Nothing happens the second time, or for other jobs."""
    kind, _, trade_in_id = job_reference.partition(":")
    if kind != JOB:
        return
    trade_in = session.get(TradeIn, uuid.UUID(trade_in_id), with_for_update=True, populate_existing=True)
    if trade_in is not None and trade_in.state is TradeInState.awaiting_pickup:
        TRADE_IN_STATES.move(trade_in, TradeInState.collected)
        trade_in.collected_at = now
        session.flush()


def confirm_trade_in(
    session: Session, recycler: Recycler, trade_in_id: uuid.UUID, weight_grams: int, now: datetime
) -> TradeIn:
    """The recycler has the appliance on its scale. The credit stands: it was promised at the order.

    Raises NotFound for another county's, Refused ``recycling.weight`` or ``state.illegal_move``.
    """
    trade_in = session.get(TradeIn, trade_in_id, with_for_update=True, populate_existing=True)
    if trade_in is None or trade_in.county_code != recycler.county_code:
        raise NotFound
    if weight_grams <= 0:
        raise Refused("recycling.weight", field="weight_grams")
    TRADE_IN_STATES.move(trade_in, TradeInState.confirmed)
    trade_in.recycler_id = recycler.id
    trade_in.confirmed_weight_grams = weight_grams
    trade_in.confirmed_at = now
    session.flush()
    return trade_in
