"""Keep addresses: add, change, remove."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.people.models import Address
from market.people.queries import address
from market.people.rules import normalize_phone
from market.places import queries as places
from market.places.models import RegionLevel
from market.places.rules import Position


@dataclass(frozen=True, slots=True)
class AddressInput:
    """What somebody wrote into the address form."""

    county_code: str
    township_code: str
    village_code: str
    detail: str
    recipient_name: str
    phone: str


def add_address(session: Session, account_id: uuid.UUID, written: AddressInput, now: datetime) -> Address:
    """A new address of the person's.

    Raises Refused: people.phone_shape (field phone), people.region_mismatch (field village_code).
    """
    new = Address(account_id=account_id, created_at=now)
    _fill(session, new, written)
    session.add(new)
    session.flush()
    return new


def change_address(
    session: Session, account_id: uuid.UUID, address_id: uuid.UUID, written: AddressInput
) -> Address:
    """Rewrite one of the person's own addresses; orders keep the copy they took. Raises NotFound, Refused."""
    found = address(session, account_id, address_id)
    _fill(session, found, written)
    session.flush()
    return found


def remove_address(session: Session, account_id: uuid.UUID, address_id: uuid.UUID, now: datetime) -> None:
    """Take the address off the person's list. Raises NotFound."""
    address(session, account_id, address_id).deleted_at = now
    session.flush()


def _fill(session: Session, target: Address, written: AddressInput) -> None:
    phone = normalize_phone(written.phone)
    if phone is None:
        raise Refused("people.phone_shape", field="phone")
    position = _village_position(session, written)
    target.county_code, target.township_code = written.county_code, written.township_code
    target.village_code = written.village_code
    target.detail, target.recipient_name = written.detail.strip(), written.recipient_name.strip()
    target.phone = phone
    target.lat = position.lat if position else None
    target.lon = position.lon if position else None
    target.position_source = position.source if position else None


def _village_position(session: Session, written: AddressInput) -> Position | None:
    """Where the village is, as far as known. Raises Refused where the three do not nest."""
    village = places.region(session, written.village_code)
    if (
        village is None
        or village.level is not RegionLevel.village
        or village.parent_code != written.township_code
        or not written.township_code.startswith(written.county_code)
        or places.county(session, written.county_code) is None
    ):
        raise Refused("people.region_mismatch", field="village_code")
    return village.position
