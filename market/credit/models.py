"""Tables of credit. Reviews, events and changes are only ever added to."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from market.credit.history import NEW
from market.kernel.db import Base, Id

TEXT_CHARS = 500


class SubjectKind(StrEnum):
    """Who is rated."""

    shop = "shop"
    courier = "courier"
    recycler = "recycler"
    buyer = "buyer"


class Review(Base):
    """A buyer's word on what she received. `reference` is the order line (or shop order) it is about.

    `device_hash` is what her browser's device token hashes to: it tells that two reviews came from one
    device, and nothing else of it.
    """

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
    device_hash: Mapped[str | None]
    created_at: Mapped[datetime]

    @property
    def notice_reference(self) -> str:
        """What a notice about it names: the line under which its author finds it."""
        return f"review:{self.reference.rpartition(':')[2]}"


class RatingEvent(Base):
    """One fact about a subject. `subject_id` points into another room's table by `subject_kind`.

    What amends another event (`history.AMENDMENTS`) names it: a review revised, weighed anew, or voided.
    """

    __tablename__ = "rating_events"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "kind", "reference", name="uq_rating_events_once"),
        CheckConstraint("(stars IS NULL) = (kind NOT IN ('reviewed', 'revised'))", name="stars_of_reviews"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint("(weight_milli IS NULL) = (kind <> 'weighed')", name="weight_of_weighings"),
        CheckConstraint("weight_milli BETWEEN 0 AND 1000", name="weight"),
        CheckConstraint(
            "(amends_id IS NULL) = (kind NOT IN ('revised', 'weighed', 'voided'))", name="amends_an_event"
        ),
    )

    id: Mapped[Id]
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    stars: Mapped[int | None]
    weight_milli: Mapped[int | None]
    amends_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("rating_events.id"))
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
    known_events: Mapped[int]
    reasons: Mapped[dict[str, Any]]
    criteria_version: Mapped[str]
    as_of: Mapped[datetime]

    @property
    def is_new(self) -> bool:
        """Too little is known to rate it; what overrides the score is known all the same."""
        return self.known_events < NEW and not self.reasons["gates"]

    @property
    def letter(self) -> str | None:
        """The grade as shown, and as it has its effects; None while it is new."""
        return None if self.is_new else self.grade


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


def keep_as_written(*kept: type[Base]) -> None:
    """Let PostgreSQL refuse to change or delete rows of these tables."""
    for table in (it.__table__ for it in kept):
        event.listen(table, "after_create", DDL(KEEP_AS_WRITTEN.replace("%", "%%")))
        trigger = (
            f"CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION credit_keep_as_written()"
        )
        event.listen(table, "after_create", DDL(trigger))


keep_as_written(Review, RatingEvent, RatingChange)
