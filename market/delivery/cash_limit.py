"""How much cash a courier may carry."""

import uuid

from sqlalchemy import update
from sqlalchemy.orm import Session

from market.delivery.models import Courier, Run
from market.kernel.errors import Refused
from market.ledger.queries import balance
from market.ledger.rules import courier_cash


def check_cash_limit(session: Session, courier_id: uuid.UUID, due_fen: int) -> None:
    """Raises Refused(``delivery.cash_limit``, field cash, limit_fen=…) where `due_fen` more is too much."""
    if not due_fen:
        return
    # Read from the row: whoever signed in with an older limit is bound by the one in force.
    courier = session.get_one(Courier, courier_id, populate_existing=True)
    limit_fen = courier.cash_limit_now_fen
    if balance(session, courier_cash(courier_id)) + due_fen > limit_fen:
        raise Refused("delivery.cash_limit", field="cash", limit_fen=limit_fen)


def cash_over_limit_fen(session: Session, run: Run) -> int:
    """By how much the run's cash, on top of what its courier holds, passes her limit; 0 where it does not."""
    due_fen = sum(stop.cash_due_fen for stop in run.stops)
    if run.courier is None or not due_fen:
        return 0
    held_fen = balance(session, courier_cash(run.courier.id))
    return max(0, held_fen + due_fen - run.courier.cash_limit_now_fen)


def set_cash_share(session: Session, courier_id: uuid.UUID, share_bp: int) -> None:
    """Her rating leaves a courier `share_bp` (1/10 000) of her limit. Cash that she holds is not touched."""
    session.execute(update(Courier).where(Courier.id == courier_id).values(cash_share_bp=share_bp))
