"""Mark notices as read."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from market.notices.models import Notice


def mark_read(session: Session, account_id: uuid.UUID, now: datetime) -> None:
    """The person has opened the inbox: nothing in it is new any more."""
    session.execute(
        update(Notice)
        .where(Notice.account_id == account_id, Notice.read_at.is_(None), Notice.created_at <= now)
        .values(read_at=now)
    )
