"""A device that went home and came back, for nobody took it in: kept until its owner says what next."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.recycling import custody
from market.recycling.models import Recycler
from market.recycling.receive import addressed_to
from market.recycling.send_in import own
from market.recycling.states import RecyclingState
from market.recycling.tell import tell


def came_back(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, order_id: uuid.UUID, now: datetime
) -> None:
    """The carrier has brought the device back. Raises NotFound, Refused(``state.illegal_move``)."""
    order = addressed_to(session, recycler, order_id)
    custody.move(session, order, RecyclingState.return_refused, custody.recycler(staff_id), now)
    tell(session, order, "return_refused", now)


def fetched(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, order_id: uuid.UUID, now: datetime
) -> None:
    """Its owner has fetched it with her code. Raises NotFound, Refused(``state.illegal_move``)."""
    order = addressed_to(session, recycler, order_id)
    if order.state is not RecyclingState.return_refused:
        raise Refused("state.illegal_move")
    custody.move(session, order, RecyclingState.returned, custody.recycler(staff_id), now)


def send_again(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """She wants it posted once more. Raises NotFound, Refused(``state.illegal_move``)."""
    order = own(session, account_id, order_id)
    if order.state is not RecyclingState.return_refused:
        raise Refused("state.illegal_move")
    custody.record(session, order, custody.CONSUMER, now, wants="send_again")
