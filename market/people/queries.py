"""Reads of people: everything through the person whose it is."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound
from market.people.consents import VERSIONS
from market.people.models import (
    Account,
    AccountSession,
    AccountState,
    Address,
    Consent,
    CountyStaff,
    DataAccess,
    Purpose,
    StationKeeper,
)
from market.people.rules import token_hash

_OWN_ADDRESS = select(Address).where(
    Address.id == bindparam("address_id"),
    Address.account_id == bindparam("account_id"),
    Address.deleted_at.is_(None),
)


def account_of_token(session: Session, token: str, now: datetime) -> tuple[Account, AccountSession] | None:
    """Whose live session `token` opens, or None."""
    row = session.execute(
        select(Account, AccountSession)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(
            AccountSession.token_hash == token_hash(token),
            AccountSession.revoked_at.is_(None),
            AccountSession.expires_at > now,
            Account.state == AccountState.active,
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def live_sessions(session: Session, account_id: uuid.UUID, now: datetime) -> Sequence[AccountSession]:
    """The person's signed-in browsers, the latest used first."""
    return session.scalars(
        select(AccountSession)
        .where(
            AccountSession.account_id == account_id,
            AccountSession.revoked_at.is_(None),
            AccountSession.expires_at > now,
        )
        .order_by(AccountSession.seen_at.desc())
    ).all()


def county_of_staff(session: Session, account_id: uuid.UUID) -> str | None:
    """The code of the county the person operates, or None."""
    return session.scalar(select(CountyStaff.county_code).where(CountyStaff.account_id == account_id))


def station_of_keeper(session: Session, account_id: uuid.UUID) -> uuid.UUID | None:
    """The station that the person keeps, or None."""
    return session.scalar(select(StationKeeper.station_id).where(StationKeeper.account_id == account_id))


def addresses(session: Session, account_id: uuid.UUID) -> Sequence[Address]:
    """The person's addresses, newest first."""
    return session.scalars(
        select(Address)
        .where(Address.account_id == account_id, Address.deleted_at.is_(None))
        .order_by(Address.id.desc())
    ).all()


def address(session: Session, account_id: uuid.UUID, address_id: uuid.UUID) -> Address:
    """One of the person's own addresses. Raises NotFound."""
    found = session.scalars(_OWN_ADDRESS, {"account_id": account_id, "address_id": address_id}).one_or_none()
    if found is None:
        raise NotFound
    return found


def consents(session: Session, account_id: uuid.UUID) -> Sequence[Consent]:
    """Every consent the person gave or withdrew, newest first."""
    return session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.id.desc())
    ).all()


def agrees(session: Session, account_id: uuid.UUID, purpose: Purpose) -> bool:
    """Whether the person agrees to `purpose` as it is now worded."""
    standing = select(Consent.id).where(
        Consent.account_id == account_id,
        Consent.purpose == purpose,
        Consent.version == VERSIONS[purpose],
        Consent.withdrawn_at.is_(None),
    )
    return session.scalar(standing) is not None


def standing_consents(session: Session, account_id: uuid.UUID) -> dict[Purpose, Consent]:
    """By purpose, the newest version that the person agreed to and has not taken back."""
    rows = session.scalars(
        select(Consent)
        .where(Consent.account_id == account_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.version)
    )
    return {consent.purpose: consent for consent in rows}


def accesses(session: Session, account_id: uuid.UUID, limit: int = 50) -> Sequence[Row[DataAccess, str]]:
    """Who looked at the person's data, newest first: the record and the viewer's name."""
    return session.execute(
        select(DataAccess, Account.name)
        .join(Account, Account.id == DataAccess.viewer_id)
        .where(DataAccess.account_id == account_id)
        .order_by(DataAccess.created_at.desc())
        .limit(limit)
    ).all()


def staff_of_county(session: Session, county_code: str) -> Sequence[uuid.UUID]:
    """The accounts that work for the county's operator."""
    return session.scalars(
        select(CountyStaff.account_id)
        .where(CountyStaff.county_code == county_code)
        .order_by(CountyStaff.account_id)
    ).all()
