"""Tables of what carriers do: parcels, what was scanned, and campaigns that pay the freight."""

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.clock import local_date
from market.kernel.db import Base, Id
from market.kernel.states import States


class ScanKind(StrEnum):
    """What a carrier says of a parcel."""

    picked_up = "picked_up"
    at_depot = "at_depot"
    departed = "departed"
    out_for_delivery = "out_for_delivery"
    delivered = "delivered"
    lost = "lost"


class Parcel(Base):
    """An order's parcel with a carrier. `handed_over_at` is when the carrier has it or comes for it."""

    __tablename__ = "recycling_parcels"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recycling_orders.id"), primary_key=True)
    carrier: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    booked_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]


class ParcelScan(Base):
    """One thing a carrier reported, once however often it does; `reported_at` may be long after."""

    __tablename__ = "recycling_parcel_scans"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recycling_orders.id"), primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[ScanKind]
    place: Mapped[str]
    happened_at: Mapped[datetime]
    reported_at: Mapped[datetime]


class FreightState(StrEnum):
    held = "held"
    committed = "committed"
    paid = "paid"
    released = "released"


FREIGHT_STATES = States(
    "freight_grant",
    {
        FreightState.held: {FreightState.committed, FreightState.released},
        FreightState.committed: {FreightState.paid},
        FreightState.paid: set(),
        FreightState.released: set(),
    },
)


class FreightCampaign(Base):
    """For a time, a county pays the freight of what is sent in: `budget_fen`, so many parcels a person.

    The policy's 阶段性 relief (facts §3.2): held with the label, committed once the carrier has the parcel,
    paid with the carrier's bill.
    """

    __tablename__ = "freight_campaigns"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="validity"),
        CheckConstraint("per_person > 0", name="per_person"),
        CheckConstraint("least(held_fen, committed_fen, paid_fen) >= 0", name="not_negative"),
        CheckConstraint("held_fen + committed_fen + paid_fen <= budget_fen", name="within_budget"),
        Index("ix_freight_campaigns_county_code_valid_to", "county_code", "valid_to"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    name: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    per_person: Mapped[int]
    budget_fen: Mapped[int]
    held_fen: Mapped[int] = mapped_column(default=0)
    committed_fen: Mapped[int] = mapped_column(default=0)
    paid_fen: Mapped[int] = mapped_column(default=0)
    opened_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]

    @property
    def last_day(self) -> date:
        """The last day on which it pays."""
        return local_date(self.valid_to) - timedelta(days=1)

    @property
    def left_fen(self) -> int:
        """What it may still promise."""
        return self.budget_fen - self.held_fen - self.committed_fen - self.paid_fen


class FreightUse(Base):
    """How many parcels of one person a campaign has paid or promised, and how many it may."""

    __tablename__ = "freight_uses"
    __table_args__ = (CheckConstraint("used BETWEEN 0 AND most", name="within_cap"),)

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("freight_campaigns.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    used: Mapped[int]
    most: Mapped[int]


class FreightGrant(Base):
    """One parcel's freight out of a campaign."""

    __tablename__ = "freight_grants"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_freight_grants_campaign_id_state", "campaign_id", "state"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recycling_orders.id"), primary_key=True)
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("freight_campaigns.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    amount_fen: Mapped[int]
    state: Mapped[FreightState]
    created_at: Mapped[datetime]
