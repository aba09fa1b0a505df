"""The county's operator compares a declared label with its scan and with the register."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import LABEL_STATES, LabelRecord
from market.catalog.queries import label_in_county
from market.catalog.rules import LabelState
from market.catalog.zone import reconsider, tell_sellers
from market.kernel.errors import NotFound, Refused


def verify_label(
    session: Session, county_code: str, label_id: uuid.UUID, account_id: uuid.UUID, now: datetime
) -> LabelRecord:
    """The label is as declared: its grade counts from now on.

    Raises NotFound; Refused(``catalog.scan_missing`` | ``state.illegal_move``).
    """
    return _decide(session, county_code, label_id, LabelState.verified, account_id, now)


def reject_label(
    session: Session, county_code: str, label_id: uuid.UUID, reason: str, account_id: uuid.UUID, now: datetime
) -> LabelRecord:
    """The label does not stand, or stands no longer, for a reason that the shops are told.

    Raises NotFound; Refused(``catalog.reason_missing`` | ``state.illegal_move``).
    """
    if not reason.strip():
        raise Refused("catalog.reason_missing", field="reason")
    label = _decide(session, county_code, label_id, LabelState.rejected, account_id, now, reason.strip())
    params = {"record": label.record_number, "reason": label.reason}
    tell_sellers(
        session, label.product_id, "catalog.label_rejected", params, f"label_rejected:{label.id}", now
    )
    return label


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
    if to is LabelState.verified and label.scan_id is None:
        raise Refused("catalog.scan_missing")
    LABEL_STATES.move(label, to)
    label.reason, label.verified_by, label.verified_at = reason, account_id, now
    reconsider(session, label.product_id, now)
    return label
