"""What fairs have set aside against the stock that is reserved for them."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.fairs.models import Fair, FairGoods, FairState
from market.inventory.models import Reservation, ReservationState


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each thing whose reservation is not what is left of it."""
    reference = func.concat("fair_goods:", FairGoods.id, ":", FairGoods.attempt)
    rows = session.execute(
        select(FairGoods, Fair.state, Reservation)
        .join(Fair, Fair.id == FairGoods.fair_id)
        .outerjoin(Reservation, Reservation.reference == reference)
        .order_by(FairGoods.id)
    )
    for goods, state, kept in rows:
        held = kept.quantity if kept and kept.state is ReservationState.reserved else 0
        if held != goods.left:
            yield f"fair goods {goods.id}: {goods.left} left, {held} reserved"
        if goods.given_back_at is None and state is not FairState.planned:
            yield f"fair goods {goods.id} were not given back"
