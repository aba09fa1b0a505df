"""Tables of oversight."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.oversight.states import (
    CaseKind,
    CaseState,
    DrawState,
    InspectionState,
    Outcome,
    Severity,
)


class InspectionDraw(Base):
    """A draw of so many of the county's recyclers and of the inspectors for each.

    `recyclers` are licence numbers and `inspectors` account ids, both in the order of their public numbers
    (from 1) as they stood at the announcement. `tickets` is how many each recycler has by its rating then.
    `seed` is there once it is drawn.
    """

    __tablename__ = "inspection_draws"
    __table_args__ = (
        CheckConstraint("places > 0 AND inspectors_each > 0", name="places"),
        CheckConstraint("(state = 'drawn') = (seed IS NOT NULL)", name="seed_after"),
        Index("ix_inspection_draws_county_code", "county_code", "draws_at"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    state: Mapped[DrawState]
    draws_at: Mapped[datetime]
    places: Mapped[int]
    inspectors_each: Mapped[int]
    recyclers: Mapped[list[Any]]
    tickets: Mapped[list[Any]]
    inspectors: Mapped[list[Any]]
    seed_hash: Mapped[str]
    sealed_seed: Mapped[str]
    seed: Mapped[str | None]
    announced_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class Inspection(Base):
    """One visit at a recycler. `inspector_numbers` are those of its draw."""

    __tablename__ = "inspections"
    __table_args__ = (
        UniqueConstraint("draw_id", "recycler_id"),
        CheckConstraint("published_by_id <> confirmed_by_id", name="four_eyes"),
        CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL)"
            " AND (state IN ('published', 'rectified', 'closed')) = (published_at IS NOT NULL)",
            name="published_whole",
        ),
        CheckConstraint(
            "state = 'draft' OR num_nulls(visited_on, confirmed_by_id) = 0", name="confirmed_whole"
        ),
        Index("ix_inspections_recycler_id", "recycler_id"),
        Index("ix_inspections_county_code_state", "county_code", "state"),
    )

    id: Mapped[Id]
    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspection_draws.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    recycler_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recyclers.id"))
    inspector_numbers: Mapped[list[Any]]
    inspector_ids: Mapped[list[Any]]
    state: Mapped[InspectionState]
    visited_on: Mapped[date | None]
    summary: Mapped[str]
    sent_back: Mapped[str]
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    published_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Finding(Base):
    """Something wrong that a visit found, and until when it is to be put right."""

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("(jpeg IS NULL) = (sha256 IS NULL)", name="photo_whole"),
        CheckConstraint("greatest(octet_length(jpeg), octet_length(fixed_jpeg)) <= 1000000", name="size"),
        CheckConstraint("rectified_at IS NULL OR reported_at IS NOT NULL", name="reported_first"),
        Index("ix_findings_inspection_id", "inspection_id", "id"),
    )

    id: Mapped[Id]
    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inspections.id"))
    item: Mapped[str]
    severity: Mapped[Severity]
    words: Mapped[str]
    due_on: Mapped[date]
    jpeg: Mapped[bytes | None] = mapped_column(deferred=True)
    sha256: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    report: Mapped[str]
    fixed_jpeg: Mapped[bytes | None] = mapped_column(deferred=True)
    rectified_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ReportedCase(Base):
    """What somebody reported. Nothing says who: `number` is all that leads back to it."""

    __tablename__ = "reported_cases"
    __table_args__ = (
        CheckConstraint(
            "(state = 'answered') = (num_nulls(answer, outcome, answered_at) = 0)", name="answered"
        ),
        CheckConstraint("(state = 'filed') = (taken_up_at IS NULL)", name="taken_up"),
        Index("ix_reported_cases_county_code_state", "county_code", "state"),
        Index("ix_reported_cases_recycler_id", "recycler_id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    recycler_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recyclers.id"))
    kind: Mapped[CaseKind]
    state: Mapped[CaseState]
    place: Mapped[str]
    words: Mapped[str]
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    overdue_at: Mapped[datetime | None]
    taken_up_at: Mapped[datetime | None]
    handler_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    answer: Mapped[str | None]


class CasePhoto(Base):
    """A photo of a report: JPEG, without where and with what it was taken."""

    __tablename__ = "case_photos"
    __table_args__ = (CheckConstraint("octet_length(jpeg) <= 1000000", name="size"),)

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reported_cases.id"), index=True)
    jpeg: Mapped[bytes]
    sha256: Mapped[str]
