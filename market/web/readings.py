"""A page that shows somebody else's personal data says so to that person."""

import uuid
from collections.abc import Collection

from flask_login import current_user

from market.kernel import clock
from market.kernel.db import db
from market.orders.queries import buyers_of
from market.people.data_access import record_access
from market.people.models import ViewerRole, ViewPurpose


def note_reading(account_id: uuid.UUID, role: ViewerRole, purpose: ViewPurpose, reference: str) -> None:
    """Record that the signed-in person, in `role`, was shown data of `account_id`. Commits."""
    record_access(db.session(), account_id, current_user.id, role, purpose, reference, clock.now())
    db.session.commit()


def note_orders_read(numbers: Collection[str], role: ViewerRole, purpose: ViewPurpose) -> None:
    """Record that the signed-in person was shown data of the buyers of these orders. Commits."""
    session, now = db.session(), clock.now()
    for number, buyer in sorted(buyers_of(session, numbers).items()):
        record_access(session, buyer, current_user.id, role, purpose, number, now)
    session.commit()
