"""Tell somebody something, and note that it was read."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.notices.models import Notice


def notify(
    session: Session,
    account_id: uuid.UUID,
    kind: str,
    params: dict[str, Any],
    now: datetime,
    reference: str | None = None,
    dedupe_key: str | None = None,
) -> None:
    """Put a notice into the person's inbox; with a `dedupe_key`, once."""
    session.execute(
        insert(Notice)
        .values(
            id=new_id(),
            account_id=account_id,
            kind=kind,
            params=params,
            reference=reference,
            dedupe_key=dedupe_key,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
    )


def mark_read(session: Session, account_id: uuid.UUID, now: datetime) -> None:
    """The person has seen her inbox."""
    session.execute(
        update(Notice).where(Notice.account_id == account_id, Notice.read_at.is_(None)).values(read_at=now)
    )
