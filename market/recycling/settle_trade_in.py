"""A person of the county settles what the buyer did not agree to, and gives appliances back."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.recycling import balance, custody
from market.recycling.answer_trade_in import send_home
from market.recycling.assess_trade_in import confirm
from market.recycling.models import Decision, TradeIn
from market.recycling.parties import CONSUMER
from market.recycling.states import FOR_A_PERSON, TRADE_IN_STATES, TradeInState
from market.recycling.tell import tell_trade_in


def decide(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    trade_in_id: uuid.UUID,
    decision: Decision,
    note: str,
    now: datetime,
) -> TradeIn:
    """Settle a dispute or a re-offer without an answer, with a reason that the buyer reads.

    The county bears the difference to what the appliance is worth; or the recycler takes it at the whole
    credit; or it goes back to her and she owes the credit.

    Raises NotFound for another county's; Refused ``recycling.decision_note`` (field note),
    ``state.illegal_move``.
    """
    old = _of_county(session, county_code, trade_in_id)
    if old.state not in FOR_A_PERSON:
        raise Refused("state.illegal_move")
    if not note.strip():
        raise Refused("recycling.decision_note", field="note")
    old.decision, old.decision_note, old.decided_by_id = decision, note.strip(), operator_id
    if decision is Decision.give_back:
        send_home(session, old, now)
    elif decision is Decision.recycler_bears:
        confirm(session, old, old.credit_fen, now)
    else:
        confirm(session, old, old.offer_fen or 0, now, county_bears=True)
    tell_trade_in(session, old, f"decided_{decision.value}", "once", now, note=old.decision_note)
    return old


def give_back(
    session: Session,
    county_code: str,
    trade_in_id: uuid.UUID,
    now: datetime,
    operator_id: uuid.UUID | None = None,
) -> TradeIn:
    """The appliance is with its owner again; the second time nothing happens.

    It is hers whether she has paid or not: what she owes stays a document of its own.
    Raises NotFound for another county's, Refused(``state.illegal_move``).
    """
    old = _of_county(session, county_code, trade_in_id)
    if old.state is not TradeInState.returned:
        TRADE_IN_STATES.step(old.state, TradeInState.returned)
        old.returned_at = now
        by = f"hub:{operator_id}" if operator_id else custody.MARKET
        custody.move_trade_in(session, old, TradeInState.returned, by, now, CONSUMER)
    return old


def _of_county(session: Session, county_code: str, trade_in_id: uuid.UUID) -> TradeIn:
    old = balance.lock(session, trade_in_id)
    if old.county_code != county_code:
        raise NotFound
    return old
