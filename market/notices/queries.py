"""Reads of notices, through the person they are for."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.notices.models import Notice


def inbox(session: Session, account_id: uuid.UUID, limit: int = 50) -> Sequence[Notice]:
    """The person's notices, newest first."""
    return session.scalars(
        select(Notice).where(Notice.account_id == account_id).order_by(Notice.id.desc()).limit(limit)
    ).all()


def unread_count(session: Session, account_id: uuid.UUID) -> int:
    """How many notices the person has not seen."""
    unread = select(func.count()).where(Notice.account_id == account_id, Notice.read_at.is_(None))
    return session.scalar(unread) or 0
