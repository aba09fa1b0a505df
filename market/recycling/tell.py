"""Tell the consumer what became of the thing she sent in."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.notices.notify import notify
from market.recycling.models import RecyclingOrder, TradeIn


def tell(
    session: Session, order: RecyclingOrder, kind: str, now: datetime, *, once: str = "", **values: object
) -> None:
    """A notice of `kind` (``recycling.`` and what happened) about `order`, once per state it entered, and
    for each `once`."""
    notify(
        session,
        order.account_id,
        f"recycling.{kind}",
        {"code": order.code, **values},
        now,
        reference=f"recycling:{order.id}",
        dedupe_key=f"recycling.{kind}:{order.id}:{order.state_since.isoformat()}{once}",
    )


def tell_trade_in(
    session: Session, old: TradeIn, kind: str, once: str, now: datetime, **values: object
) -> None:
    """A notice of `kind` (``trade_in.`` and what happened) about a trade-in, once for each `once`."""
    notify(
        session,
        old.account_id,
        f"trade_in.{kind}",
        {"code": old.code, **values},
        now,
        reference=f"trade_in:{old.id}",
        dedupe_key=f"trade_in.{kind}:{old.id}:{once}",
    )
