"""Shops and who works in them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States


class ShopState(StrEnum):
    applied = "applied"
    open = "open"
    suspended = "suspended"
    closed = "closed"


SHOP_STATES = States(
    "shop",
    {
        ShopState.applied: {ShopState.open, ShopState.closed},
        ShopState.open: {ShopState.suspended, ShopState.closed},
        ShopState.suspended: {ShopState.open, ShopState.closed},
        ShopState.closed: set(),
    },
)


class ShopRole(StrEnum):
    owner = "owner"
    clerk = "clerk"


class Shop(Base):
    """A county shop. `commission_bp` is the market's share of the goods in basis points (1/100 of 1 %)."""

    __tablename__ = "shops"
    __table_args__ = (
        CheckConstraint("commission_bp BETWEEN 0 AND 10000", name="commission"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="position_whole"),
        CheckConstraint("state IN ('applied', 'open') OR state_reason IS NOT NULL", name="state_reasoned"),
        # The unified social credit code, GB 32100-2015: 18 characters without I, O, S, V and Z.
        CheckConstraint("licence_number ~ '^[0-9A-HJ-NP-RTUW-Y]{18}$'", name="licence_shape"),
        Index("ix_shops_county_code", "county_code"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    name: Mapped[str]
    state: Mapped[ShopState] = mapped_column(default=ShopState.applied)
    state_reason: Mapped[str | None]
    state_since: Mapped[datetime]
    licence_number: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str]
    address: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    commission_bp: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class ShopStaff(Base):
    """An account that works for a shop."""

    __tablename__ = "shop_staff"
    __table_args__ = (Index("ix_shop_staff_shop_id", "shop_id"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    role: Mapped[ShopRole]
    created_at: Mapped[datetime]
