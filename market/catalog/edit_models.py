"""Changes of what an operator has verified: they wait, and until then the old value sells."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.catalog.models import Listing
from market.kernel.db import Base, Id
from market.kernel.states import States


class EditState(StrEnum):
    waiting = "waiting"
    accepted = "accepted"
    rejected = "rejected"
    withdrawn = "withdrawn"


EDIT_STATES = States(
    "edit",
    {
        EditState.waiting: {EditState.accepted, EditState.rejected, EditState.withdrawn},
        EditState.accepted: set(),
        EditState.rejected: set(),
        EditState.withdrawn: set(),
    },
)


class ListingEdit(Base):
    """What a shop wants to change: `changes` holds ``{field: [old, new]}``. A listing has one that waits.

    `withdrawn` is one that the shop took back, or asked anew before it was decided.
    """

    __tablename__ = "listing_edits"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="looked_at"),
        CheckConstraint("(state = 'rejected') = (reason IS NOT NULL)", name="reasoned"),
        Index("ix_listing_edits_listing_id", "listing_id"),
        Index(
            "uq_listing_edits_waiting", "listing_id", unique=True, postgresql_where=text("state = 'waiting'")
        ),
    )

    id: Mapped[Id]
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    changes: Mapped[dict[str, Any]]
    state: Mapped[EditState] = mapped_column(default=EditState.waiting)
    reason: Mapped[str | None]
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]

    listing: Mapped[Listing] = relationship()
