"""Give and withdraw consent."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.people.models import Consent, Purpose

# The version of each purpose's text now shown. A changed purpose is a new version and is asked for anew.
VERSIONS = {Purpose.account: 1, Purpose.assisted: 1, Purpose.sms: 1, Purpose.subsidy: 1}


def give_consent(session: Session, account_id: uuid.UUID, purpose: Purpose, now: datetime) -> None:
    """Record that the person agrees to `purpose` as it is now worded. Given twice counts once."""
    session.execute(
        insert(Consent)
        .values(id=new_id(), account_id=account_id, purpose=purpose, version=VERSIONS[purpose], given_at=now)
        .on_conflict_do_nothing()
    )


def withdraw_consent(session: Session, account_id: uuid.UUID, purpose: Purpose, now: datetime) -> None:
    """Record that the person no longer agrees to `purpose`, in any version."""
    session.execute(
        update(Consent)
        .where(Consent.account_id == account_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
