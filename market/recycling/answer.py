"""The consumer answers a re-offer, unlocks a device, or has it back."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.recycling import custody
from market.recycling.assess import accept
from market.recycling.clocks import await_return
from market.recycling.send_in import own
from market.recycling.states import RecyclingState


def accept_reoffer(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """Take the lower offer. Raises NotFound, Refused ``recycling.answer_late``, ``state.illegal_move``."""
    order = own(session, account_id, order_id)
    if order.state is not RecyclingState.reoffer:
        raise Refused("state.illegal_move")
    _refuse_late(order.answer_by, now)
    accept(session, order, order.offer_fen or 0, custody.CONSUMER, now)


def decline(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """Have the device back, free. Raises as `accept_reoffer`."""
    order = own(session, account_id, order_id)
    _refuse_late(order.answer_by, now)
    order.answer_by = None
    custody.move(session, order, RecyclingState.rejected, custody.CONSUMER, now)
    await_return(session, order, now)


def unlocked(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """The lock is off: the recycler looks again. Raises as `accept_reoffer`."""
    order = own(session, account_id, order_id)
    if order.state is not RecyclingState.locked_device:
        raise Refused("state.illegal_move")
    _refuse_late(order.answer_by, now)
    order.answer_by = None
    custody.move(session, order, RecyclingState.inspecting, custody.CONSUMER, now)


def confirm_returned(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """The device is home again. Raises NotFound, Refused ``state.illegal_move``."""
    order = own(session, account_id, order_id)
    custody.move(session, order, RecyclingState.returned, custody.CONSUMER, now)


def sell_after_all(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """Nobody took the device in at home, and she takes the last offer. Raises NotFound, Refused
    ``recycling.no_offer`` where none was made, ``state.illegal_move``."""
    order = own(session, account_id, order_id)
    if order.state is not RecyclingState.return_refused:
        raise Refused("state.illegal_move")
    if order.offer_fen is None:
        raise Refused("recycling.no_offer")
    accept(session, order, order.offer_fen, custody.CONSUMER, now)


def _refuse_late(answer_by: datetime | None, now: datetime) -> None:
    if answer_by is not None and now >= answer_by:
        raise Refused("recycling.answer_late")
