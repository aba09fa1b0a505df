"""Fairs, their stops, the shops that take part, and what each has set aside."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.catalog.models import Listing
from market.kernel.db import Base, Id
from market.kernel.states import States
from market.places.models import Region
from market.shops.models import Shop


class FairKind(StrEnum):
    fair = "fair"
    van = "van"


class FairState(StrEnum):
    planned = "planned"
    over = "over"
    canceled = "canceled"


FAIR_STATES = States(
    "fair",
    {
        FairState.planned: {FairState.over, FairState.canceled},
        FairState.over: set(),
        FairState.canceled: set(),
    },
)


class Fair(Base):
    """A fair or a van's round of one county. It ends with its last stop."""

    __tablename__ = "fairs"
    __table_args__ = (
        CheckConstraint("char_length(title) BETWEEN 2 AND 40", name="title_length"),
        CheckConstraint("(state = 'canceled') = (cancel_reason IS NOT NULL)", name="canceled"),
        Index("ix_fairs_county_code_ends_at", "county_code", "ends_at"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    kind: Mapped[FairKind]
    title: Mapped[str]
    state: Mapped[FairState] = mapped_column(default=FairState.planned)
    cancel_reason: Mapped[str | None]
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]

    stops: Mapped[list["FairStop"]] = relationship(
        order_by="FairStop.starts_at", lazy="selectin", back_populates="fair"
    )
    shops: Mapped[list["FairShop"]] = relationship(order_by="FairShop.joined_at", lazy="selectin")


class FairStop(Base):
    """Where it stands, and when. `visitors` said that they were there; nobody knows who they are."""

    __tablename__ = "fair_stops"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="hours"),
        CheckConstraint("visitors >= 0", name="visitors"),
        Index("ix_fair_stops_fair_id", "fair_id"),
        Index("ix_fair_stops_ends_at", "ends_at"),
    )

    id: Mapped[Id]
    fair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fairs.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    venue: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    visitors: Mapped[int] = mapped_column(default=0)

    fair: Mapped[Fair] = relationship(back_populates="stops")
    region: Mapped[Region] = relationship(lazy="joined")


class FairShop(Base):
    """A shop takes part; `arrived_at` is when it scanned the code on the spot."""

    __tablename__ = "fair_shops"

    fair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fairs.id"), primary_key=True)
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    joined_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship()


class FairGoods(Base):
    """Pieces of a listing that are set aside for a fair: `brought` of them, of which `sold` were sold.

    The rest is reserved under `reservation`; each change of it is another `attempt`.
    """

    __tablename__ = "fair_goods"
    __table_args__ = (
        UniqueConstraint("fair_id", "listing_id"),
        CheckConstraint("brought > 0 AND sold BETWEEN 0 AND brought", name="not_oversold"),
        Index("ix_fair_goods_listing_id", "listing_id"),
    )

    id: Mapped[Id]
    fair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fairs.id"))
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    brought: Mapped[int]
    sold: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=1)
    given_back_at: Mapped[datetime | None]

    fair: Mapped[Fair] = relationship()
    listing: Mapped[Listing] = relationship()

    @property
    def left(self) -> int:
        """Pieces that can still be bought there."""
        return 0 if self.given_back_at else self.brought - self.sold

    @property
    def reservation(self) -> str:
        """What their stock is kept under."""
        return f"fair_goods:{self.id}:{self.attempt}"
