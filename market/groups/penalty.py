"""A shop that does not deliver what it took deposits for owes each of them once more (Civil Code art. 587).

The deposit itself goes back through its payment, which takes back no more than was paid by it. What the shop
owes besides comes out of its own money, and the hub pays it out in cash.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from market.groups.deposits import deposit_item, payer_of
from market.groups.models import GroupPlace
from market.groups.tell import tell_buyer
from market.ledger.post import post
from market.ledger.rules import REFUNDS_DUE, credit, debit, shop_pending
from market.payments.models import RefundKind
from market.payments.refund_by_itself import owe
from market.settlements.items import record
from market.settlements.models import ItemKind


def owe_penalty(session: Session, place: GroupPlace, now: datetime) -> None:
    """Owe the payer of a locked place that was returned as much again as her deposit. Once."""
    if place.penalty_fen:
        return
    fen = place.penalty_fen = place.deposit_fen
    lines = [debit(shop_pending(place.group.shop_id), fen), credit(REFUNDS_DUE, fen)]
    post(session, "group.penalty", place.reference, f"penalty:{place.id}", lines, now)
    record(session, deposit_item(place, ItemKind.penalty, place.penalty, -fen, now), now)
    refund = owe(session, payer_of(place), RefundKind.penalty, fen, place.penalty, now)
    tell_buyer(session, place, "group.penalty", now, fen=fen, number=refund.number)
