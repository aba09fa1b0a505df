"""Sheets that shops sent in."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class ImportState(StrEnum):
    read = "read"
    applying = "applying"
    applied = "applied"


IMPORT_STATES = States(
    "import",
    {
        ImportState.read: {ImportState.applying},
        ImportState.applying: {ImportState.applied},
        ImportState.applied: set(),
    },
)


class SheetImport(Base):
    """A sheet as it was read: `rows` are ``{column: text}`` in their order, `lines` where each stood in it.

    `done` rows have been dealt with: `counts` says how many by what became of them, and `flaws` keeps
    ``{row: {column: [code, values]}}`` of those that were wrong.
    """

    __tablename__ = "sheet_imports"
    __table_args__ = (
        CheckConstraint("done >= 0", name="done"),
        CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_whole"),
        Index("ix_sheet_imports_shop_id", "shop_id"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    rows: Mapped[list[Any]] = mapped_column(deferred=True)
    lines: Mapped[list[Any]] = mapped_column(deferred=True)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    flaws: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    state: Mapped[ImportState] = mapped_column(default=ImportState.read)
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
