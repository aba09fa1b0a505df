"""Sign in and out: a session is a row that can be ended from any other browser."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.people.models import Account, AccountSession, AccountState
from market.people.passwords import hash_password, needs_rehash, verify
from market.people.rules import normalize_phone, token_hash

SESSION_LIFETIME = timedelta(days=30)
_USER_AGENT_CHARS = 200


@dataclass(frozen=True, slots=True)
class SignIn:
    """A new session and the token that opens it. The token exists nowhere else."""

    account: Account
    token: str = field(repr=False)


def sign_in(session: Session, phone: str, password: str, user_agent: str, now: datetime) -> SignIn:
    """Start a session for the person with this phone and password.

    Raises Refused: people.wrong_sign_in (the same for an unknown number), people.suspended.
    """
    account = session.scalars(
        select(Account).where(Account.phone == (normalize_phone(phone) or ""))
    ).one_or_none()
    known = account is not None and account.state is not AccountState.closed
    if not verify(account.password_hash if account and known else None, password) or account is None:
        raise Refused("people.wrong_sign_in", field="password")
    if account.state is AccountState.suspended:
        raise Refused("people.suspended", field="phone")
    if needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    return start_session(session, account, user_agent, now)


def start_session(session: Session, account: Account, user_agent: str, now: datetime) -> SignIn:
    """A fresh session for `account`, whose identity has been proved."""
    token = secrets.token_urlsafe(32)
    session.add(
        AccountSession(
            account_id=account.id,
            token_hash=token_hash(token),
            user_agent=user_agent[:_USER_AGENT_CHARS],
            created_at=now,
            seen_at=now,
            expires_at=now + SESSION_LIFETIME,
        )
    )
    session.flush()
    return SignIn(account, token)


def sign_out(session: Session, account_id: uuid.UUID, session_id: uuid.UUID, now: datetime) -> None:
    """End one of the person's own sessions. Raises NotFound where it is not theirs or has ended."""
    ended = session.execute(
        update(AccountSession)
        .where(
            AccountSession.id == session_id,
            AccountSession.account_id == account_id,
            AccountSession.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(AccountSession.id)
    ).first()
    if ended is None:
        raise NotFound


def sign_out_everywhere(
    session: Session, account_id: uuid.UUID, now: datetime, keep: uuid.UUID | None = None
) -> None:
    """End all of the person's sessions but `keep`."""
    session.execute(
        update(AccountSession)
        .where(
            AccountSession.account_id == account_id,
            AccountSession.revoked_at.is_(None),
            AccountSession.id.is_distinct_from(keep),
        )
        .values(revoked_at=now)
    )


def touch(session: Session, account_session: AccountSession, now: datetime) -> bool:
    """Note that the session is in use, once an hour at most; whether anything was noted."""
    if now - account_session.seen_at < timedelta(hours=1):
        return False
    account_session.seen_at = now
    return True
