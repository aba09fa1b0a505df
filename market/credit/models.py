"""Tables of credit. Reviews, events and changes are only ever added to."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id

TEXT_CHARS = 500


class SubjectKind(StrEnum):
    """Who is rated."""

    shop = "shop"
    courier = "courier"
    recycler = "recycler"


class Review(Base):
    """A buyer's word on what she received. `reference` is the order line (or shop order) it is about."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint(f"char_length(text) <= {TEXT_CHARS}", name="text_length"),
        Index("ix_reviews_shop_id_created_at", "shop_id", "created_at"),
        Index("ix_reviews_listing_id_created_at", "listing_id", "created_at"),
    )

    id: Mapped[Id]
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    listing_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listings.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    stars: Mapped[int]
    text: Mapped[str]
    created_at: Mapped[datetime]


class RatingEvent(Base):
    """One fact about a subject. `subject_id` points into another room's table by `subject_kind`."""

    __tablename__ = "rating_events"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "kind", "reference", name="uq_rating_events_once"),
        CheckConstraint("(stars IS NULL) = (kind <> 'reviewed')", name="stars_of_reviews"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    )

    id: Mapped[Id]
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    stars: Mapped[int | None]
    reference: Mapped[str]
    happened_at: Mapped[datetime]


class Rating(Base):
    """A subject's standing as computed at its last event, with the criteria's version."""

    __tablename__ = "ratings"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 1000", name="score"),
        CheckConstraint("grade IN ('A+', 'A', 'B', 'C', 'D')", name="grade"),
    )

    subject_kind: Mapped[SubjectKind] = mapped_column(primary_key=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    score: Mapped[int]
    grade: Mapped[str]
    stars_milli: Mapped[int]
    positive_lower_milli: Mapped[int | None]
    n_effective_centi: Mapped[int]
    reasons: Mapped[dict[str, Any]]
    criteria_version: Mapped[str]
    as_of: Mapped[datetime]


class RatingChange(Base):
    """What one event did to a rating: the reason a person reads, and appeals against."""

    __tablename__ = "rating_changes"
    __table_args__ = (Index("ix_rating_changes_subject", "subject_kind", "subject_id", "changed_at"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_events.id"), primary_key=True)
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    score_before: Mapped[int | None]
    score_after: Mapped[int]
    grade_before: Mapped[str | None]
    grade_after: Mapped[str]
    changed_at: Mapped[datetime]


# E-Commerce Law art. 39 forbids deleting reviews, and a rating that can be replayed needs its events whole.
KEEP_AS_WRITTEN = """
CREATE OR REPLACE FUNCTION credit_keep_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as written', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
for kept in (Review, RatingEvent, RatingChange):
    table = kept.__table__
    event.listen(table, "after_create", DDL(KEEP_AS_WRITTEN.replace("%", "%%")))
    event.listen(
        table,
        "after_create",
        DDL(
            f"CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON {kept.__tablename__} "
            "FOR EACH ROW EXECUTE FUNCTION credit_keep_as_written()"
        ),
    )
