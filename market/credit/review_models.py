"""What is added to a review: an edit, photos, the shop's answer, votes, a mask, and what it weighs."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from market.credit.models import TEXT_CHARS, keep_as_written
from market.kernel.db import Base, Id
from market.kernel.states import States

MOST_PHOTOS = 4
NOTE_CHARS = 300


class ReviewEdit(Base):
    """What its author made of a review, once. The first version stays where it is."""

    __tablename__ = "review_edits"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint(f"char_length(text) <= {TEXT_CHARS}", name="text_length"),
    )

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    stars: Mapped[int]
    text: Mapped[str]
    edited_at: Mapped[datetime]


class ReviewPhoto(Base):
    """A photo of a review: a bare JPEG. `position` counts from 1."""

    __tablename__ = "review_photos"
    __table_args__ = (
        CheckConstraint(f"position BETWEEN 1 AND {MOST_PHOTOS}", name="position"),
        Index("uq_review_photos_position", "review_id", "position", unique=True),
    )

    id: Mapped[Id]
    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reviews.id"))
    position: Mapped[int]
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class ReviewAnswer(Base):
    """The shop's one answer to a review."""

    __tablename__ = "review_answers"
    __table_args__ = (CheckConstraint(f"char_length(text) BETWEEN 1 AND {TEXT_CHARS}", name="text_length"),)

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    text: Mapped[str]
    answered_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime]


class ReviewVote(Base):
    """Whether a reader found a review helpful. She may change her mind."""

    __tablename__ = "review_votes"

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    is_helpful: Mapped[bool]
    voted_at: Mapped[datetime]


class ReviewWeighing(Base):
    """What a review counts in the averages from `weighed_at` on, in thousandths, and each signal why.

    `signals` is a list of ``{"kind": …, "keeps_milli": …, "others": …}``; the latest weighing is in force.
    """

    __tablename__ = "review_weighings"
    __table_args__ = (
        CheckConstraint("weight_milli BETWEEN 0 AND 1000", name="weight"),
        Index("ix_review_weighings_review_id_weighed_at", "review_id", "weighed_at"),
    )

    id: Mapped[Id]
    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reviews.id"))
    weight_milli: Mapped[int]
    signals: Mapped[list[Any]]
    weighed_at: Mapped[datetime]


class MaskReason(StrEnum):
    """Why words may not stay readable. That they are unkind to a shop is no reason."""

    insult = "insult"
    personal_data = "personal_data"
    advertisement = "advertisement"
    unlawful = "unlawful"


class MaskState(StrEnum):
    proposed = "proposed"
    masked = "masked"
    declined = "declined"
    lifted = "lifted"


MASK_STATES = States(
    "review_mask",
    {
        MaskState.proposed: {MaskState.masked, MaskState.declined},
        MaskState.masked: {MaskState.lifted},
        MaskState.declined: set(),
        MaskState.lifted: set(),
    },
)
LIVE = frozenset({MaskState.proposed, MaskState.masked})


class ReviewMask(Base):
    """Words and photos covered by a tombstone: one operator proposes it, another decides.

    The stars stay and count; the original stays in `reviews`.
    """

    __tablename__ = "review_masks"
    __table_args__ = (
        CheckConstraint("decided_by_id <> proposed_by_id", name="four_eyes"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name="lifted"),
        CheckConstraint(f"char_length(note) BETWEEN 1 AND {NOTE_CHARS}", name="note_length"),
        Index(
            "uq_review_masks_live",
            "review_id",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'masked')"),
        ),
    )

    id: Mapped[Id]
    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reviews.id"))
    state: Mapped[MaskState]
    reason: Mapped[MaskReason]
    note: Mapped[str]
    proposed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    lifted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    lifted_at: Mapped[datetime | None]


keep_as_written(ReviewEdit, ReviewPhoto, ReviewAnswer, ReviewWeighing)
