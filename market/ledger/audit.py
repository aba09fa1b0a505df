"""Recompute the book from its rows."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger.models import Entry, LedgerAccount, Phase, Posting


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each entry whose postings do not sum to zero or are missing."""
    unbalanced = session.execute(
        select(Posting.entry_id, LedgerAccount.unit, func.sum(Posting.amount))
        .join(LedgerAccount, LedgerAccount.code == Posting.account_code)
        .group_by(Posting.entry_id, LedgerAccount.unit)
        .having(func.sum(Posting.amount) != 0)
    )
    for entry_id, unit, total in unbalanced:
        yield f"ledger entry {entry_id} is off by {total} {unit.value}"
    empty = session.execute(
        select(Entry.id).where(
            Entry.phase != Phase.void, ~select(Posting.line).where(Posting.entry_id == Entry.id).exists()
        )
    )
    for (entry_id,) in empty:
        yield f"ledger entry {entry_id} has no postings"
    gaps = session.execute(
        select(Posting.entry_id).group_by(Posting.entry_id).having(func.count() != func.max(Posting.line) + 1)
    )
    for (entry_id,) in gaps:
        yield f"ledger entry {entry_id} has lost a posting"
