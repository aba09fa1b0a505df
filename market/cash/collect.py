"""Note what a courier took in cash."""

import uuid
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.cash.events import CashBanked
from market.cash.models import CashCollection
from market.kernel.ids import new_id
from market.kernel.outbox import emit


def record_collection(
    session: Session,
    reference: str,
    courier_id: uuid.UUID,
    county_code: str,
    amount_fen: int,
    collected_at: datetime,
    now: datetime,
) -> None:
    """The courier took `amount_fen` for `reference`; whoever calls books it. Once per reference.

    Where nothing was to be taken there is nothing to bank either: `cash.banked` follows at once.
    """
    session.execute(
        insert(CashCollection)
        .values(
            id=new_id(),
            reference=reference,
            courier_id=courier_id,
            county_code=county_code,
            amount_fen=amount_fen,
            collected_at=collected_at,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
    )
    if not amount_fen:
        emit(session, CashBanked(reference), now, dedupe_key=f"banked:{reference}")
