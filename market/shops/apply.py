"""Bring a shop in: it applies with its licence and an owner, and takes on staff."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.shops.history import SHOP, note
from market.shops.models import Shop, ShopRole, ShopStaff, ShopState

LICENCE = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")


@dataclass(frozen=True, slots=True)
class Application:
    """What a shop says of itself. The position is WGS-84; `commission_bp` is in basis points;
    `categories` are codes."""

    county_code: str
    name: str
    licence_number: str
    phone: str
    address: str
    lat: float | None = None
    lon: float | None = None
    commission_bp: int = 0
    categories: tuple[str, ...] = ()


def apply(session: Session, application: Application, owner_id: uuid.UUID, now: datetime) -> Shop:
    """The new shop, waiting for the county's answer, with its owner.

    Raises Refused: ``shops.licence_shape``, ``shops.licence_taken`` (field licence_number);
    ``shops.works_elsewhere``.
    """
    licence = application.licence_number.strip().upper()
    if not LICENCE.fullmatch(licence):
        raise Refused("shops.licence_shape", field="licence_number")
    shop = session.scalars(
        insert(Shop)
        .values(
            id=new_id(),
            county_code=application.county_code,
            name=application.name.strip(),
            state=ShopState.applied,
            state_since=now,
            licence_number=licence,
            phone=application.phone,
            address=application.address,
            lat=application.lat,
            lon=application.lon,
            commission_bp=application.commission_bp,
            categories=sorted(set(application.categories)),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["licence_number"])
        .returning(Shop)
    ).one_or_none()
    if shop is None:
        raise Refused("shops.licence_taken", field="licence_number")
    add_staff(session, shop.id, owner_id, ShopRole.owner, now)
    note(session, shop.id, SHOP, ShopState.applied, "", owner_id, now)
    return shop


def add_staff(
    session: Session, shop_id: uuid.UUID, account_id: uuid.UUID, role: ShopRole, now: datetime
) -> None:
    """Let the account work for the shop. Raises Refused(``shops.works_elsewhere``)."""
    added = session.scalar(
        insert(ShopStaff)
        .values(account_id=account_id, shop_id=shop_id, role=role, created_at=now)
        .on_conflict_do_nothing()
        .returning(ShopStaff.account_id)
    )
    if added is None:
        raise Refused("shops.works_elsewhere", field="phone")
