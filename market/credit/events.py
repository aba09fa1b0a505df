"""What happened to reviews and ratings."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ReviewWritten:
    """A review is there, or was edited, and is to be weighed."""

    kind: ClassVar[str] = "credit.review_written"
    review_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class GradeChanged:
    """A rating has another letter than before: what it does is to follow."""

    kind: ClassVar[str] = "credit.grade_changed"
    subject_kind: str
    subject_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class CriteriaPublished:
    """The criteria, or how they are computed, are new: everybody is to be rated anew."""

    kind: ClassVar[str] = "credit.criteria_published"
    version: str


@dataclass(frozen=True, slots=True)
class AppealDue:
    """A clock: by now the county should have decided."""

    kind: ClassVar[str] = "credit.appeal_due"
    appeal_id: uuid.UUID
