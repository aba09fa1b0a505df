"""A parcel is lost: the carrier pays the market, and the market pays its owner what was quoted."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import BANK, GOODWILL, credit, debit
from market.recycling import custody
from market.recycling.pay_out import owe
from market.recycling.payout_models import Payout
from market.recycling.states import RecyclingState
from market.recycling.tell import tell

MOST_FEN = 100_000_00


def settle_claim(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    order_id: uuid.UUID,
    carrier_fen: int,
    now: datetime,
) -> None:
    """The claim against the carrier is over, and it has paid `carrier_fen` (may be 0). The owner is given
    the whole quote, as she asked to be paid; what the carrier has not paid the county bears.

    Raises NotFound for another county's; Refused ``recycling.carrier_fen`` (field carrier_fen),
    ``state.illegal_move``.
    """
    order = custody.lock(session, order_id)
    if order.county_code != county_code or order.quote_fen is None:
        raise NotFound
    if not 0 <= carrier_fen <= MOST_FEN:
        raise Refused("recycling.carrier_fen", field="carrier_fen")
    order.offer_fen = order.quote_fen
    custody.move(
        session, order, RecyclingState.compensated, f"county:{operator_id}", now, carrier_fen=carrier_fen
    )
    lines = [debit(BANK, carrier_fen), credit(GOODWILL, carrier_fen)]
    post(session, "recycling.claim", f"recycling:{order.id}", f"recycling_claim:{order.id}", lines, now)
    owe(session, order, GOODWILL, order.quote_fen, now)
    if order.payout is not Payout.yuan:
        order.paid_fen = order.quote_fen
    session.flush()
    tell(session, order, "compensated", now, fen=order.quote_fen)
