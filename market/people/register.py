"""Open an account."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.people.consents import give_consent
from market.people.models import Account, AccountState, Purpose
from market.people.passwords import hash_password
from market.people.rules import normalize_phone, password_flaw


def register(
    session: Session, phone: str, name: str, password: str, now: datetime, locale: str = "zh"
) -> Account:
    """The new account of `phone`, with consent to the use of data that an account needs.

    Raises Refused: people.phone_shape, people.phone_taken (field phone); people.password_* (field password).
    """
    number = normalize_phone(phone)
    if number is None:
        raise Refused("people.phone_shape", field="phone")
    if flaw := password_flaw(password, number):
        raise Refused(flaw, field="password")
    account = _insert(session, number, name.strip(), hash_password(password), locale, now)
    give_consent(session, account.id, Purpose.account, now)
    return account


def _insert(
    session: Session, phone: str, name: str, password_hash: str, locale: str, now: datetime
) -> Account:
    """One INSERT decides who is first when a number registers twice at once."""
    account = session.scalars(
        insert(Account)
        .values(
            id=new_id(),
            phone=phone,
            name=name,
            password_hash=password_hash,
            locale=locale,
            state=AccountState.active,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["phone"])
        .returning(Account)
    ).one_or_none()
    if account is None:
        raise Refused("people.phone_taken", field="phone")
    return account
