"""The buyer answers a re-offer for her traded-in appliance, or does not."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.recycling import balance, custody
from market.recycling.assess_trade_in import confirm
from market.recycling.models import TradeIn
from market.recycling.states import TradeInState
from market.recycling.tell import tell_trade_in

DISPUTE_CHARS = range(1, 301)


def accept_reoffer(session: Session, account_id: uuid.UUID, trade_in_id: uuid.UUID, now: datetime) -> TradeIn:
    """Take the lower credit; she owes the difference to what she had.

    Raises NotFound, Refused ``recycling.answer_late``, ``state.illegal_move``.
    """
    old = _asked(session, account_id, trade_in_id, now)
    confirm(session, old, old.offer_fen or 0, now)
    return old


def decline_reoffer(
    session: Session, account_id: uuid.UUID, trade_in_id: uuid.UUID, now: datetime
) -> TradeIn:
    """Have the appliance back, and owe the whole credit. Raises as `accept_reoffer`."""
    old = _asked(session, account_id, trade_in_id, now)
    send_home(session, old, now)
    return old


def dispute_reoffer(
    session: Session, account_id: uuid.UUID, trade_in_id: uuid.UUID, words: str, now: datetime
) -> TradeIn:
    """Say why the assessment is wrong; an operator of the county decides.

    Raises as `accept_reoffer`, and Refused(``recycling.dispute``, field words).
    """
    old = _asked(session, account_id, trade_in_id, now)
    if len(words.strip()) not in DISPUTE_CHARS:
        raise Refused("recycling.dispute", field="words")
    old.dispute, old.answer_by = words.strip(), None
    custody.move_trade_in(session, old, TradeInState.disputed, custody.CONSUMER, now)
    return old


def leave_unanswered(session: Session, trade_in_id: uuid.UUID, now: datetime) -> None:
    """Time is up: silence accepts nothing. The appliance is kept for her, and a person settles it.

    Safe at any time, any number of times.
    """
    old = balance.lock(session, trade_in_id)
    if old.state is not TradeInState.reoffer or old.answer_by is None or now < old.answer_by:
        return
    old.answer_by = None
    custody.move_trade_in(session, old, TradeInState.unanswered, custody.CLOCK, now)
    tell_trade_in(session, old, "unanswered", "once", now)


def send_home(session: Session, old: TradeIn, now: datetime) -> None:
    """The locked appliance counts for nothing and goes back to her. Raises as `accept_reoffer`."""
    old.worth_fen, old.answer_by = 0, None
    custody.move_trade_in(session, old, TradeInState.going_home, custody.MARKET, now)
    balance.square(session, old, now)


def _asked(session: Session, account_id: uuid.UUID, trade_in_id: uuid.UUID, now: datetime) -> TradeIn:
    old = balance.lock(session, trade_in_id)
    if old.account_id != account_id:
        raise NotFound
    if old.state is not TradeInState.reoffer:
        raise Refused("state.illegal_move")
    if old.answer_by is not None and now >= old.answer_by:
        raise Refused("recycling.answer_late")
    return old
