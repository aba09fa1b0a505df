"""Reads of shops."""

import uuid
from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from market.people.queries import TOKENS_ACCOUNT
from market.shops.models import ON_SHOW, Shop, ShopChange, ShopPaper, ShopRole, ShopStaff, ShopState


def shop_of(session: Session, account_id: uuid.UUID) -> Shop | None:
    """The shop the person works for, in whatever state it is, or None."""
    return session.scalar(
        select(Shop).join(ShopStaff, ShopStaff.shop_id == Shop.id).where(ShopStaff.account_id == account_id)
    )


SHOP_ID_OF_TOKEN = select(ShopStaff.shop_id).where(ShopStaff.account_id.in_(TOKENS_ACCOUNT))
"""The shop that whoever signs in works for, for `kernel.together`: see `people.queries.ARRIVAL`."""


def role_of(session: Session, account_id: uuid.UUID) -> ShopRole | None:
    """As what the person works for a shop, or None."""
    return session.scalar(select(ShopStaff.role).where(ShopStaff.account_id == account_id))


OPEN_SHOP = select(Shop).where(Shop.id == bindparam("shop_id"), Shop.state.in_(ON_SHOW))
"""The shop as everybody may see it, while it is open or on holiday, for `kernel.together`."""


def papers_of(session: Session, shop_id: uuid.UUID) -> dict[str, ShopPaper]:
    """The shop's papers by kind; one that was never sent in is not there."""
    found = session.scalars(select(ShopPaper).where(ShopPaper.shop_id == shop_id))
    return {paper.kind: paper for paper in found}


def changes_of(session: Session, shop_id: uuid.UUID, limit: int = 50) -> Sequence[ShopChange]:
    """What became of the shop, the latest first."""
    found = select(ShopChange).where(ShopChange.shop_id == shop_id)
    return session.scalars(
        found.order_by(ShopChange.changed_at.desc(), ShopChange.id.desc()).limit(limit)
    ).all()


def shops(session: Session, county_code: str, state: ShopState | None = None) -> Sequence[Shop]:
    """The county's shops by name, all of them or those in `state`."""
    found = select(Shop).where(Shop.county_code == county_code)
    if state is not None:
        found = found.where(Shop.state == state)
    return session.scalars(found.order_by(Shop.name, Shop.id)).all()


def shop_in_county(
    session: Session, county_code: str, shop_id: uuid.UUID, *, lock: bool = False
) -> Shop | None:
    """One shop of the operator's county, or None."""
    found = select(Shop).where(Shop.id == shop_id, Shop.county_code == county_code)
    return session.scalar(found.with_for_update() if lock else found)


def staff(session: Session, shop_id: uuid.UUID) -> Sequence[ShopStaff]:
    """Who works for the shop, the longest there first."""
    return session.scalars(
        select(ShopStaff).where(ShopStaff.shop_id == shop_id).order_by(ShopStaff.created_at)
    ).all()
