"""Note who looked at whose personal data."""

import uuid
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.ids import new_id
from market.people.models import DataAccess, ViewerRole, ViewPurpose


def record_access(
    session: Session,
    account_id: uuid.UUID,
    viewer_id: uuid.UUID,
    role: ViewerRole,
    purpose: ViewPurpose,
    reference: str,
    now: datetime,
) -> None:
    """Record that `viewer_id`, in `role`, saw personal data of `account_id` for `purpose`.

    `reference` names the order or job. A page opened again on the same day, and looking at one's own data,
    add nothing.
    """
    if account_id == viewer_id:
        return
    session.execute(
        insert(DataAccess)
        .values(
            id=new_id(),
            account_id=account_id,
            viewer_id=viewer_id,
            role=role,
            purpose=purpose,
            reference=reference,
            day=local_date(now),
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
