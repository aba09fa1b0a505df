"""Tell the consumer what became of the thing she sent in."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.notices.notify import notify
from market.recycling.models import RecyclingOrder


def tell(session: Session, order: RecyclingOrder, kind: str, now: datetime, **values: object) -> None:
    """A notice of `kind` (``recycling.`` and what happened) about `order`, once per state it entered."""
    notify(
        session,
        order.account_id,
        f"recycling.{kind}",
        {"code": order.code, **values},
        now,
        reference=f"recycling:{order.id}",
        dedupe_key=f"recycling.{kind}:{order.id}:{order.state_since.isoformat()}",
    )
