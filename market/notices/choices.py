"""What a person does not want to hear of. Everything is told until she says otherwise."""

import uuid
from datetime import datetime

from sqlalchemy import Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.notices.models import NoticeOptOut

OPTED_OUT = select(NoticeOptOut.chosen_at).where(
    NoticeOptOut.account_id == bindparam("account_id", type_=Uuid()),
    NoticeOptOut.kind == bindparam("kind"),
)
"""What `wants` asks, for `kernel.together`: nothing where she wants to hear of it."""


def wants(session: Session, account_id: uuid.UUID, kind: str) -> bool:
    """Whether the person wants notices of `kind`."""
    return session.scalar(OPTED_OUT, {"account_id": account_id, "kind": kind}) is None


def choose(session: Session, account_id: uuid.UUID, kind: str, wanted: bool, now: datetime) -> None:
    """Want notices of `kind`, or no longer. The same choice twice counts once."""
    chosen = NoticeOptOut.account_id == account_id, NoticeOptOut.kind == kind
    if wanted:
        session.execute(delete(NoticeOptOut).where(*chosen))
    else:
        row = {"account_id": account_id, "kind": kind, "chosen_at": now}
        session.execute(insert(NoticeOptOut).values(row).on_conflict_do_nothing())
