"""Reads of recyclers' statements, and of what is on none yet."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger.models import Entry, Phase, Posting
from market.ledger.rules import RECYCLER_PAID, recycler_due
from market.settlements.statement_models import RecyclerStatement, StatementLine


def statements_of(session: Session, recycler_id: uuid.UUID) -> Sequence[RecyclerStatement]:
    """The recycler's statements, the newest first."""
    found = select(RecyclerStatement).where(RecyclerStatement.recycler_id == recycler_id)
    return session.scalars(found.order_by(RecyclerStatement.month.desc()).limit(60)).all()


def county_statements(session: Session, county_code: str) -> Sequence[RecyclerStatement]:
    """The county's: those still due first, the longest due before others."""
    found = select(RecyclerStatement).where(RecyclerStatement.county_code == county_code)
    order = (RecyclerStatement.state, RecyclerStatement.month.desc(), RecyclerStatement.number)
    return session.scalars(found.order_by(*order).limit(200)).all()


def is_of_county(session: Session, county_code: str, statement_id: uuid.UUID) -> bool:
    """Whether the statement is one of the county's."""
    of_county = RecyclerStatement.id == statement_id, RecyclerStatement.county_code == county_code
    return session.scalar(select(RecyclerStatement.id).where(*of_county)) is not None


def unlisted(session: Session, recycler_id: uuid.UUID, before: datetime | None = None) -> Sequence[Entry]:
    """Entries on the recycler's account that are on no statement, payments left out, oldest first."""
    found = (
        select(Entry)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(
            Posting.account_code == recycler_due(recycler_id).code,
            Entry.phase == Phase.posted,
            Entry.kind != RECYCLER_PAID,
            Entry.id.not_in(select(StatementLine.entry_id)),
        )
    )
    if before is not None:
        found = found.where(Entry.created_at < before)
    return session.scalars(found.distinct().order_by(Entry.id)).all()


def owed_fen(session: Session, recycler_id: uuid.UUID, entry: Entry) -> int:
    """What an entry adds to a recycler's debt."""
    of_account = (Posting.entry_id == entry.id, Posting.account_code == recycler_due(recycler_id).code)
    return int(session.scalar(select(func.sum(Posting.amount)).where(*of_account)) or 0)
