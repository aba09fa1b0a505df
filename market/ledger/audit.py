"""Recompute the book from its rows."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

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
    yield from _resolution_breaks(session)


def _resolution_breaks(session: Session) -> Iterator[str]:
    """A hold that was posted moved what it held, account by account; only holds are resolved."""
    resolved, first = aliased(Entry), aliased(Entry)
    strays = session.scalars(
        select(resolved.id).join(first, first.id == resolved.resolves_id).where(first.phase != Phase.pending)
    )
    for entry_id in strays:
        yield f"ledger entry {entry_id} resolves what was no hold"
    sums = (
        select(Posting.entry_id, Posting.account_code, func.sum(Posting.amount).label("amount"))
        .group_by(Posting.entry_id, Posting.account_code)
        .subquery()
    )
    held, moved = aliased(sums), aliased(sums)
    posted = (Entry.phase == Phase.posted) & Entry.resolves_id.is_not(None)
    pair = select(Entry.id, Entry.resolves_id).where(posted).subquery()
    for mine, other, column in ((held, moved, pair.c.resolves_id), (moved, held, pair.c.id)):
        counterpart = pair.c.id if column is pair.c.resolves_id else pair.c.resolves_id
        differing = session.scalars(
            select(pair.c.id)
            .join(mine, mine.c.entry_id == column)
            .outerjoin(
                other, (other.c.entry_id == counterpart) & (other.c.account_code == mine.c.account_code)
            )
            .where(other.c.amount.is_distinct_from(mine.c.amount))
            .distinct()
        )
        for entry_id in differing:
            yield f"ledger entry {entry_id} posted something else than was held"
