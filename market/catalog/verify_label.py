"""The county's operator compares a declared label with the register."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import LABEL_STATES, LabelRecord
from market.catalog.queries import label_in_county
from market.catalog.rules import LabelState
from market.kernel.errors import NotFound, Refused


def verify_label(
    session: Session, county_code: str, label_id: uuid.UUID, account_id: uuid.UUID, now: datetime
) -> LabelRecord:
    """The label is as declared: its grade counts from now on.

    Raises NotFound; Refused(``state.illegal_move``).
    """
    return _decide(session, county_code, label_id, LabelState.verified, account_id, now)


def reject_label(
    session: Session, county_code: str, label_id: uuid.UUID, reason: str, account_id: uuid.UUID, now: datetime
) -> LabelRecord:
    """The label does not stand, or stands no longer, for a reason that the shop reads.

    Raises NotFound; Refused(``catalog.reason_missing`` | ``state.illegal_move``).
    """
    if not reason.strip():
        raise Refused("catalog.reason_missing", field="reason")
    return _decide(session, county_code, label_id, LabelState.rejected, account_id, now, reason.strip())


def _decide(
    session: Session,
    county_code: str,
    label_id: uuid.UUID,
    to: LabelState,
    account_id: uuid.UUID,
    now: datetime,
    reason: str | None = None,
) -> LabelRecord:
    label = label_in_county(session, county_code, label_id, lock=True)
    if label is None:
        raise NotFound
    LABEL_STATES.move(label, to)
    label.reason, label.verified_by, label.verified_at = reason, account_id, now
    session.flush()
    return label
