"""All that a page says of one rating, read in one statement."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Uuid, bindparam, select
from sqlalchemy.orm import Session

from market.credit.appeal_models import RatingAppeal
from market.credit.history import Happened
from market.credit.models import Rating, RatingChange, RatingEvent, SubjectKind
from market.credit.queries import Entry
from market.kernel.together import Together

_KIND = bindparam("subject_kind", type_=Rating.subject_kind.type)
_ID = bindparam("subject_id", type_=Uuid())
STANDING = (
    select(Rating).where(Rating.subject_kind == _KIND, Rating.subject_id == _ID),
    select(RatingEvent).where(
        RatingEvent.subject_kind == _KIND,
        RatingEvent.subject_id == _ID,
        RatingEvent.happened_at <= bindparam("now", type_=DateTime(timezone=True)),
    ),
    select(RatingChange, RatingEvent, RatingAppeal)
    .join(RatingEvent, RatingEvent.id == RatingChange.event_id)
    .outerjoin(RatingAppeal, RatingAppeal.event_id == RatingEvent.id)
    .where(RatingChange.subject_kind == _KIND, RatingChange.subject_id == _ID)
    .order_by(RatingChange.changed_at.desc(), RatingChange.event_id.desc())
    .limit(20),
)
"""The parts that `standing_of` takes, for `kernel.together`: of `subject_kind` and `subject_id`, at `now`."""
_STANDING = Together(*STANDING)


@dataclass(frozen=True, slots=True)
class Standing:
    """A rating (None before anything was recorded), every event behind it, its latest changes first."""

    rating: Rating | None
    events: Sequence[Happened]
    entries: Sequence[Entry]


def standing(session: Session, kind: SubjectKind, subject_id: uuid.UUID, now: datetime) -> Standing:
    """How a subject stands at `now`."""
    return standing_of(*_STANDING.read(session, subject_kind=kind, subject_id=subject_id, now=now))


def standing_of(found: Sequence[Rating], events: Sequence[RatingEvent], changes: Sequence[Any]) -> Standing:
    """What the rows of `STANDING` say."""
    happened = [
        Happened(row.kind, row.happened_at, row.stars, row.weight_milli, row.id, row.amends_id)
        for row in events
    ]
    return Standing(next(iter(found), None), happened, [Entry(*row) for row in changes])
