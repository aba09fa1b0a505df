"""Change one's name, language and password."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.people.models import Account
from market.people.passwords import hash_password, verify
from market.people.rules import password_flaw
from market.people.sign_in import sign_out_everywhere


def change_profile(account: Account, name: str, locale: str) -> None:
    """Go by `name` and read in `locale` from now on."""
    account.name = name.strip()
    account.locale = locale


def change_password(
    session: Session, account: Account, current: str, new: str, now: datetime, keep: uuid.UUID | None = None
) -> None:
    """Replace the password and end every session but `keep`: whoever knew the old one is out.

    Raises Refused: people.wrong_password (field current), people.password_* (field password).
    """
    if not verify(account.password_hash, current):
        raise Refused("people.wrong_password", field="current")
    if flaw := password_flaw(new, account.phone):
        raise Refused(flaw, field="password")
    account.password_hash = hash_password(new)
    sign_out_everywhere(session, account.id, now, keep=keep)
    session.flush()
