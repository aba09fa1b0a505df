"""Move a recall and one of its pieces, and lock them before."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound
from market.kernel.ids import new_id
from market.recalls.models import Recall, RecallStep, RecallUnit
from market.recalls.states import RECALL_STATES, UNIT_STATES, RecallState, UnitState


def lock_recall(session: Session, county_code: str, recall_id: uuid.UUID) -> Recall:
    """The county's recall, locked. Raises NotFound where it is another county's."""
    found = session.get(Recall, recall_id, with_for_update=True, populate_existing=True)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def lock_unit(session: Session, unit_id: uuid.UUID) -> RecallUnit:
    """A piece and, before it, its recall, both locked. Raises NotFound."""
    recall_id = session.scalar(select(RecallUnit.recall_id).where(RecallUnit.id == unit_id))
    if recall_id is None:
        raise NotFound
    session.get(Recall, recall_id, with_for_update=True, populate_existing=True)
    return session.get_one(RecallUnit, unit_id, with_for_update=True, populate_existing=True)


def move(
    session: Session, recall: Recall, to: RecallState, by_id: uuid.UUID | None, note: str, now: datetime
) -> None:
    """Put `recall` in state `to` and write down who did it. Raises Refused(``state.illegal_move``)."""
    RECALL_STATES.move(recall, to)
    record(session, recall, by_id, note, now)


def record(session: Session, recall: Recall, by_id: uuid.UUID | None, note: str, now: datetime) -> None:
    """Write down something in the state that the recall is in."""
    session.add(
        RecallStep(
            id=new_id(), recall_id=recall.id, state=recall.state, note=note.strip(), by_id=by_id, at=now
        )
    )
    session.flush()


def move_unit(unit: RecallUnit, to: UnitState, now: datetime) -> None:
    """Put a piece in state `to`. Raises Refused(``state.illegal_move``)."""
    UNIT_STATES.move(unit, to)
    unit.changed_at = now
