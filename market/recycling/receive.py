"""A parcel arrives at the recycler: weighed, sealed, photographed; or set aside because it is dangerous."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.recycling import custody
from market.recycling.events import AssessmentDue
from market.recycling.models import Recycler, RecyclingOrder
from market.recycling.photos import keep
from market.recycling.rules import assess_by
from market.recycling.states import RecyclingState
from market.recycling.suspend import require_licensed
from market.recycling.tell import tell


def addressed_to(session: Session, recycler: Recycler, order_id: uuid.UUID) -> RecyclingOrder:
    """The order, locked, if it is addressed to `recycler`. Raises NotFound."""
    order = custody.lock(session, order_id)
    if order.recycler_id != recycler.id:
        raise NotFound
    return order


def receive(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    order_id: uuid.UUID,
    weight_grams: int,
    seal_number: str,
    photo: bytes,
    now: datetime,
) -> None:
    """Take the parcel in: from now on 48 hours run until it has been assessed.

    Raises NotFound, Refused ``register.stopped`` (a licence that is over, before the clock has moved the
    order on), ``register.outside_scope``, ``recycling.weight``, ``recycling.seal``, ``photo.unreadable``,
    ``state.illegal_move``.
    """
    require_licensed(session, recycler.id, now)
    order = addressed_to(session, recycler, order_id)
    if weight_grams <= 0:
        raise Refused("recycling.weight", field="weight_grams")
    if not seal_number.strip():
        raise Refused("recycling.seal", field="seal_number")
    sha256 = keep(session, order.id, "received", photo, now)
    custody.move(
        session,
        order,
        RecyclingState.received,
        custody.recycler(staff_id),
        now,
        weight_grams=weight_grams,
        seal_number=seal_number.strip(),
        photo_sha256=sha256,
    )
    order.received_at = now
    order.weight_grams = weight_grams
    order.seal_number = seal_number.strip()
    due_at = assess_by(now)
    emit(
        session,
        AssessmentDue(order.id),
        now,
        due_at=due_at,
        dedupe_key=f"{AssessmentDue.kind}:{order.id}",
    )
    tell(session, order, "received", now, grams=weight_grams, until=due_at.isoformat())


def hold_as_hazard(
    session: Session, recycler: Recycler, staff_id: uuid.UUID, order_id: uuid.UUID, now: datetime
) -> None:
    """A swollen or leaking battery came out of the parcel: it is kept apart and never posted again.

    Raises NotFound, Refused ``state.illegal_move``.
    """
    order = addressed_to(session, recycler, order_id)
    custody.move(session, order, RecyclingState.hazard_hold, custody.recycler(staff_id), now)
    tell(session, order, "hazard", now)
