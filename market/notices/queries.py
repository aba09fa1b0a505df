"""A person's own inbox."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.notices.models import Notice


def inbox(session: Session, account_id: uuid.UUID, limit: int = 50) -> Sequence[Notice]:
    """Her notices, newest first."""
    return session.scalars(
        select(Notice)
        .where(Notice.account_id == account_id)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
    ).all()


def unread(session: Session, account_id: uuid.UUID) -> int:
    """How many she has not seen."""
    found = select(func.count()).where(Notice.account_id == account_id, Notice.read_at.is_(None))
    return session.scalar(found) or 0
