"""The inbox."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id


class Notice(Base):
    """One thing to know. `reference` names what it is about, such as ``order:ID``."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_account_id_created_at", "account_id", "created_at"),
        Index("ix_notices_unread", "account_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    reference: Mapped[str | None]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
