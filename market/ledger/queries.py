"""Balances and statements: sums over postings."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from market.ledger.models import Entry, Phase, Posting
from market.ledger.rules import Account, Side


def balance(session: Session, account: Account) -> int:
    """What `account` holds, in its unit, positive on its normal side; holds do not count."""
    total = session.execute(
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Posting.account_code == account.code, Entry.phase == Phase.posted)
    ).scalar_one()
    return int(total) if account.normal_side is Side.debit else -int(total)


def held(session: Session, account: Account) -> int:
    """What open holds would take from `account` (positive against its normal side)."""
    resolution = aliased(Entry)
    total = session.execute(
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(resolution, resolution.resolves_id == Entry.id)
        .where(Posting.account_code == account.code, Entry.phase == Phase.pending, resolution.id.is_(None))
    ).scalar_one()
    return -int(total) if account.normal_side is Side.debit else int(total)
