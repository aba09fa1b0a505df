"""The claim against the maker: what each remedy cost, what was paid in, and what a shop bears itself.

Consumer Protection Law art. 19: the costs of a recall are the producer's. A shop that sold a piece after the
recall was published had to know better (SAMR notice 2025 No. 21, facts §6.6: stop selling at once).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.orders.models import OrderLine
from market.recalls import steps
from market.recalls.book import book_payment
from market.recalls.models import Recall, RecallPayment, RecallUnit
from market.recalls.share_out import share_out
from market.recalls.states import Bearer, UnitState

SLIP_CHARS = range(4, 41)


@dataclass(frozen=True, slots=True)
class Claim:
    """What remedies cost, in fen: the maker's share, the shops' own, and what the maker has paid in."""

    maker_fen: int
    shops_fen: int
    paid_fen: int

    @property
    def open_fen(self) -> int:
        """What the maker still owes."""
        return self.maker_fen - self.paid_fen


def bearer_of(session: Session, recall: Recall, unit: RecallUnit) -> Bearer:
    """Who bears the cost of a sold piece's remedy."""
    line = session.get(OrderLine, unit.order_line_id)
    if line is None or recall.published_at is None:
        return Bearer.maker
    return Bearer.shop if line.shop_order.order.placed_at > recall.published_at else Bearer.maker


def claim_of(session: Session, recall_id: uuid.UUID) -> Claim:
    """The claim of a recall as it stands."""
    rows = session.execute(
        select(RecallUnit.borne_by, func.sum(RecallUnit.cost_fen))
        .where(RecallUnit.recall_id == recall_id, RecallUnit.state == UnitState.remedied)
        .group_by(RecallUnit.borne_by)
    )
    costs = {bearer: int(fen) for bearer, fen in rows}
    paid = select(func.sum(RecallPayment.amount_fen)).where(RecallPayment.recall_id == recall_id)
    paid_fen = int(session.scalar(paid) or 0)
    return Claim(costs.get(Bearer.maker, 0), costs.get(Bearer.shop, 0), paid_fen)


def basis_of(session: Session, recall_id: uuid.UUID) -> Sequence[RecallUnit]:
    """The pieces whose remedies cost something, the first remedied first."""
    return session.scalars(
        select(RecallUnit)
        .where(
            RecallUnit.recall_id == recall_id,
            RecallUnit.state == UnitState.remedied,
            RecallUnit.cost_fen > 0,
        )
        .order_by(RecallUnit.remedied_at, RecallUnit.id)
    ).all()


def payments_of(session: Session, recall_id: uuid.UUID) -> Sequence[RecallPayment]:
    """What the maker has paid in, the first time first."""
    return session.scalars(
        select(RecallPayment).where(RecallPayment.recall_id == recall_id).order_by(RecallPayment.id)
    ).all()


def pay_in(
    session: Session,
    county_code: str,
    recall_id: uuid.UUID,
    amount_fen: int,
    bank_reference: str,
    by_id: uuid.UUID,
    now: datetime,
) -> RecallPayment:
    """The maker has paid `amount_fen`, never more than it owes. The slip decides that it counts once.

    What refunds had taken from shops goes on to them.

    Raises NotFound where it is another county's; Refused ``recalls.paid_in`` (field amount),
    ``settlement.bank_reference``, ``settlement.slip_taken`` (field bank_reference).
    """
    recall = steps.lock_recall(session, county_code, recall_id)
    open_fen = claim_of(session, recall.id).open_fen
    slip = bank_reference.strip()
    if not 0 < amount_fen <= open_fen:
        raise Refused("recalls.paid_in", field="amount", open_fen=open_fen)
    if len(slip) not in SLIP_CHARS:
        raise Refused("settlement.bank_reference", field="bank_reference")
    paid = RecallPayment(
        id=new_id(),
        recall_id=recall.id,
        county_code=recall.county_code,
        amount_fen=amount_fen,
        bank_reference=slip,
        booked_by=by_id,
        paid_at=now,
    )
    _keep(session, paid)
    book_payment(session, recall, paid, now)
    share_out(session, paid, open_fen, now)
    return paid


def _keep(session: Session, paid: RecallPayment) -> None:
    try:
        with session.begin_nested():
            session.add(paid)
            session.flush()
    except IntegrityError as error:
        if "bank_reference" not in str(error.orig):
            raise
        raise Refused("settlement.slip_taken", field="bank_reference") from error
