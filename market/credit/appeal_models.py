"""Appeals against events of a rating, and the buyers who want no credit kept of them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.credit.models import SubjectKind
from market.kernel.db import Base, Id
from market.kernel.states import States

WORDS_CHARS = 500


class AppealState(StrEnum):
    open = "open"
    upheld = "upheld"
    rejected = "rejected"


APPEAL_STATES = States(
    "rating_appeal",
    {
        AppealState.open: {AppealState.upheld, AppealState.rejected},
        AppealState.upheld: set(),
        AppealState.rejected: set(),
    },
)


class RatingAppeal(Base):
    """Somebody rated says that an event is wrong; a person of the county decides, and says why.

    One appeal per event. `late_at` is when it was found that nobody had decided by `due_at`.
    """

    __tablename__ = "rating_appeals"
    __table_args__ = (
        CheckConstraint(f"char_length(words) BETWEEN 1 AND {WORDS_CHARS}", name="words_length"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decided_at IS NULL) = (answer IS NULL)", name="answered"),
        CheckConstraint("decided_by_id <> appealed_by_id", name="decided_by_another"),
        Index("ix_rating_appeals_subject", "subject_kind", "subject_id"),
        Index("ix_rating_appeals_county_code_state", "county_code", "state"),
    )

    id: Mapped[Id]
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_events.id"), unique=True)
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[uuid.UUID]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    state: Mapped[AppealState]
    words: Mapped[str]
    appealed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    appealed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    late_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]


class BuyerCreditChoice(Base):
    """A buyer's word on her credit. While it is off nothing is recorded, and nothing is decided by it."""

    __tablename__ = "buyer_credit_choices"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    is_off: Mapped[bool]
    changed_at: Mapped[datetime]
