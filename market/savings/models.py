"""The appliances that people have at home."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id


class Appliance(Base):
    """One appliance of a person. `reference` is the order line it came with, None where she wrote it down.

    `declared_life_years` is the maker's own word on the plate, and goes before the standard's.
    """

    __tablename__ = "appliances"
    __table_args__ = (
        CheckConstraint("declared_life_years BETWEEN 1 AND 40", name="declared_life"),
        CheckConstraint("installed_on >= bought_on", name="installed_later"),
        CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name_length"),
        Index("ix_appliances_account_id", "account_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    name: Mapped[str]
    bought_on: Mapped[date | None]
    installed_on: Mapped[date | None]
    declared_life_years: Mapped[int | None]
    reference: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
