"""Note that counted was not what was expected."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.cash.models import BreakKind, BreakState, CashBreak, Deposit, HandIn
from market.kernel.ids import new_id


def note_difference(
    session: Session, found_at: HandIn | Deposit, expected_fen: int, counted_fen: int, now: datetime
) -> None:
    """A break for a person to look at, where the sums (in fen) differ."""
    if expected_fen == counted_fen:
        return
    at_counter = isinstance(found_at, HandIn)
    kind = BreakKind.hand_in if at_counter else BreakKind.deposit
    session.add(
        CashBreak(
            id=new_id(),
            kind=kind,
            reference=f"{kind.value}:{found_at.id}",
            county_code=found_at.county_code,
            courier_id=found_at.courier_id if isinstance(found_at, HandIn) else None,
            expected_fen=expected_fen,
            counted_fen=counted_fen,
            state=BreakState.open,
            found_at=now,
        )
    )
