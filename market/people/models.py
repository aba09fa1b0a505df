"""Tables of people."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.places.rules import Position, PositionSource


class AccountState(StrEnum):
    active = "active"
    suspended = "suspended"
    closed = "closed"


class Account(Base):
    """One person. `phone` is what they sign in with (none once closed); `locale` is ``zh`` or ``en``."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(
            "phone ~ '^1[3-9][0-9]{9}$' OR state = 'closed' AND phone ~ '^x[0-9a-f]{32}$'", name="phone_shape"
        ),
        CheckConstraint("locale in ('zh', 'en')", name="locale_known"),
        CheckConstraint("char_length(name) between 1 and 40", name="name_length"),
    )

    id: Mapped[Id]
    phone: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str] = mapped_column(default="zh")
    state: Mapped[AccountState] = mapped_column(default=AccountState.active)
    created_at: Mapped[datetime]


class AccountSession(Base):
    """One signed-in browser. Holds the hash of its token, so that a copy of the table opens nothing.

    `proved_at` is when a second factor was last given in it.
    """

    __tablename__ = "account_sessions"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_later"),
        Index("ix_account_sessions_account_id", "account_id", postgresql_where=text("revoked_at is null")),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_agent: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]


class CountyStaff(Base):
    """An account that works for a county's operator."""

    __tablename__ = "county_staff"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"), index=True)
    created_at: Mapped[datetime]


class StationKeeper(Base):
    """An account that keeps a village station."""

    __tablename__ = "station_keepers"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    station_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    created_at: Mapped[datetime]


class Address(Base):
    """Where somebody receives goods. The position is WGS-84 and may be unknown."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint("(lat is null) = (lon is null)", name="position_whole"),
        CheckConstraint("(lat is null) = (position_source is null)", name="position_sourced"),
        CheckConstraint("char_length(detail) between 1 and 120", name="detail_length"),
        CheckConstraint("char_length(recipient_name) between 1 and 40", name="recipient_name_length"),
        CheckConstraint("phone ~ '^1[3-9][0-9]{9}$'", name="phone_shape"),
        Index("ix_addresses_account_id", "account_id", postgresql_where=text("deleted_at is null")),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    township_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    village_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    detail: Mapped[str]
    recipient_name: Mapped[str]
    phone: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    position_source: Mapped[PositionSource | None]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def position(self) -> Position | None:
        """Where it is, where anyone knows."""
        if self.lat is None or self.lon is None or self.position_source is None:
            return None
        return Position(self.lat, self.lon, self.position_source)


class Purpose(StrEnum):
    """What personal data is used for, each with its own consent."""

    account = "account"
    assisted = "assisted"
    sms = "sms"
    subsidy = "subsidy"


class Consent(Base):
    """A purpose, in the version of the text that was shown. Given again after a withdrawal is a new row."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("withdrawn_at >= given_at", name="withdrawn_later"),
        Index(
            "uq_consents_standing",
            "account_id",
            "purpose",
            "version",
            unique=True,
            postgresql_where=text("withdrawn_at is null"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    purpose: Mapped[Purpose]
    version: Mapped[int]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ViewerRole(StrEnum):
    """As what somebody looked at another person's data."""

    auditor = "auditor"
    county = "county"
    courier = "courier"
    recycler = "recycler"
    shop = "shop"
    station = "station"


class ViewPurpose(StrEnum):
    """What somebody looked at another person's data for."""

    collection = "collection"
    delivery = "delivery"
    order = "order"
    recycling = "recycling"
    review = "review"
    settlement = "settlement"
    subsidy = "subsidy"


class DataAccess(Base):
    """`viewer_id`, in `role`, saw data of `account_id` for `purpose`; one row per day and thing."""

    __tablename__ = "data_accesses"
    __table_args__ = (
        UniqueConstraint("account_id", "viewer_id", "purpose", "reference", "day", name="uq_data_accesses"),
        Index("ix_data_accesses_account_id_created_at", "account_id", "created_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    viewer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[ViewerRole]
    purpose: Mapped[ViewPurpose]
    reference: Mapped[str]
    day: Mapped[date]
    created_at: Mapped[datetime]
