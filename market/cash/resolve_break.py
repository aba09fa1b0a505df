"""Say why cash differed, and write it off where it will not come back."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.cash.models import BREAK_STATES, BreakState, CashBreak
from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import CASH_DIFFERENCES, Line, courier_cash, hub_cash


def resolve_break(
    session: Session,
    county_code: str,
    break_id: uuid.UUID,
    note: str,
    write_off: bool,
    by: uuid.UUID,
    now: datetime,
) -> CashBreak:
    """`by` explains the difference; with `write_off` the market bears it (or keeps it). Once.

    Without, it stays on the account of whoever had the cash. Raises NotFound where it is another county's;
    Refused(``cash.note_missing``, field note).
    """
    found = session.scalars(
        select(CashBreak)
        .where(CashBreak.id == break_id, CashBreak.county_code == county_code)
        .with_for_update(of=CashBreak)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    if found.state is BreakState.resolved:
        return found
    if not note.strip():
        raise Refused("cash.note_missing", field="note")
    BREAK_STATES.move(found, BreakState.resolved)
    found.note, found.resolved_by, found.resolved_at = note.strip(), by, now
    if write_off:
        _write_off(session, found, now)
    session.flush()
    return found


def _write_off(session: Session, found: CashBreak, now: datetime) -> None:
    """What was short is debited to the differences; what was too much is credited to them."""
    source = courier_cash(found.courier_id) if found.courier_id else hub_cash(found.county_code)
    missing = found.written_off_fen = found.missing_fen
    lines = [Line(CASH_DIFFERENCES, missing), Line(source, -missing)]
    post(session, "cash.written_off", f"cash_break:{found.id}", f"cash_break:{found.id}", lines, now)
