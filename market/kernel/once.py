"""Idempotency keys: a request that moves money or goods is done once, however often it arrives."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.kernel.db import Base


class IdempotencyKey(Base):
    """Who sent which key, for what, and the place (`location`) the first answer pointed to."""

    __tablename__ = "idempotency_keys"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    location: Mapped[str | None]
    created_at: Mapped[datetime]


def claim(
    session: Session, actor: str | uuid.UUID, key: str, purpose: str, now: datetime
) -> IdempotencyKey | None:
    """Take `key` for this transaction. None where it is new; the finished row where it was used before.

    A second request with the same key waits on the unique index until the first commits or rolls back.
    """
    taken = session.execute(
        insert(IdempotencyKey)
        .values(actor=str(actor), key=key, purpose=purpose, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    ).first()
    if taken:
        return None
    return session.execute(
        select(IdempotencyKey).where(IdempotencyKey.actor == str(actor), IdempotencyKey.key == key)
    ).scalar_one()
