"""What a person does not want to hear of. Everything is told until she says otherwise."""

import uuid
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.notices.models import NoticeOptOut


def wants(session: Session, account_id: uuid.UUID, kind: str) -> bool:
    """Whether the person wants notices of `kind`."""
    return session.get(NoticeOptOut, (account_id, kind)) is None


def choose(session: Session, account_id: uuid.UUID, kind: str, wanted: bool, now: datetime) -> None:
    """Want notices of `kind`, or no longer. The same choice twice counts once."""
    chosen = NoticeOptOut.account_id == account_id, NoticeOptOut.kind == kind
    if wanted:
        session.execute(delete(NoticeOptOut).where(*chosen))
    else:
        row = {"account_id": account_id, "kind": kind, "chosen_at": now}
        session.execute(insert(NoticeOptOut).values(row).on_conflict_do_nothing())
