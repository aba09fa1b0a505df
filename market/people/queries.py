"""Reads of people: everything through the person whose it is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Uuid, bindparam, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound
from market.kernel.together import Together
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
from market.places.models import County, Region
from market.places.queries import COUNTIES, full_names

_OWN_ADDRESS = select(Address).where(
    Address.id == bindparam("address_id"),
    Address.account_id == bindparam("account_id"),
    Address.deleted_at.is_(None),
)
_LIVE = (
    AccountSession.token_hash == bindparam("token_hash"),
    AccountSession.revoked_at.is_(None),
    AccountSession.expires_at > bindparam("now"),
)
ARRIVAL = (
    select(Account, AccountSession)
    .join(AccountSession, AccountSession.account_id == Account.id)
    .where(*_LIVE, Account.state == AccountState.active),
    select(Address)
    .join(AccountSession, AccountSession.account_id == Address.account_id)
    .where(*_LIVE, Address.deleted_at.is_(None))
    .order_by(Address.id.desc())
    .limit(1),
    COUNTIES,
)
"""What `arrival` asks, for `kernel.together`: by `token_hash`, at `now`."""
TOKENS_ACCOUNT = select(AccountSession.account_id).where(*_LIVE)
_ARRIVAL = Together(*ARRIVAL)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who a token lets in, and what every page asks of her: her newest address, and all counties by code."""

    account: Account
    account_session: AccountSession
    home: Address | None
    counties: Sequence[County]


def arrival(session: Session, token: str, now: datetime) -> Arrival | None:
    """Whose live session `token` opens, or None. One statement."""
    return arrival_of(*_ARRIVAL.read(session, token_hash=token_hash(token), now=now))


def arrival_of(found: Sequence[Any], homes: Sequence[Address], counties: Sequence[County]) -> Arrival | None:
    """What the rows of `ARRIVAL` say."""
    if not found:
        return None
    account, account_session = found[0]
    return Arrival(account, account_session, next(iter(homes), None), counties)


PRIVACY = Together(
    select(AccountSession)
    .where(
        AccountSession.account_id == bindparam("account_id"),
        AccountSession.revoked_at.is_(None),
        AccountSession.expires_at > bindparam("now"),
    )
    .order_by(AccountSession.seen_at.desc()),
    select(Consent).where(Consent.account_id == bindparam("account_id")).order_by(Consent.id.desc()),
    select(DataAccess, Account.name)
    .join(Account, Account.id == DataAccess.viewer_id)
    .where(DataAccess.account_id == bindparam("account_id"))
    .order_by(DataAccess.created_at.desc())
    .limit(50),
)
"""The person's browsers, the latest used first; her consents, the newest first; and who looked, as well."""


_HERS = (Address.account_id == bindparam("account_id", type_=Uuid()), Address.deleted_at.is_(None))
_ADDRESSES = select(Address).where(*_HERS).order_by(Address.id.desc())
_WITH_REGIONS = Together(
    _ADDRESSES,
    select(Region)
    .where(select(Address.id).where(*_HERS, Address.village_code.startswith(Region.code)).exists())
    .order_by(Region.code),
)


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
    return session.scalars(_ADDRESSES, {"account_id": account_id}).all()


def addresses_with_regions(
    session: Session, account_id: uuid.UUID
) -> tuple[Sequence[Address], dict[str, str]]:
    """The person's addresses, newest first, and the full names of their villages by code: one statement."""
    own, regions = _WITH_REGIONS.read(session, account_id=account_id)
    return own, full_names(regions, {it.village_code for it in own})


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
    return standing_of(consents(session, account_id))


def standing_of(consents: Sequence[Consent]) -> dict[Purpose, Consent]:
    """As `standing_consents`, of those."""
    standing = [it for it in consents if it.withdrawn_at is None]
    return {it.purpose: it for it in sorted(standing, key=lambda it: it.version)}


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
