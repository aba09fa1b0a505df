"""Sets and their lines."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.catalog.models import Listing
from market.kernel.db import Base, Id
from market.kernel.states import States
from market.scenes.rules import Scene, Terms
from market.shops.models import Shop


class SetState(StrEnum):
    shown = "shown"
    hidden = "hidden"


SET_STATES = States("scene_set", {SetState.shown: {SetState.hidden}, SetState.hidden: {SetState.shown}})


class SceneSet(Base):
    """Some of a shop's listings for one scene; together they cost `promotion_fen` less. A county's set has no
    shop: its lines are of several."""

    __tablename__ = "scene_sets"
    __table_args__ = (
        UniqueConstraint("shop_id", "name"),
        CheckConstraint("promotion_fen >= 0", name="promotion"),
        CheckConstraint("(shop_id IS NULL) = (county_code IS NOT NULL)", name="one_owner"),
        CheckConstraint("shop_id IS NOT NULL OR promotion_fen = 0", name="no_promotion_of_others"),
        UniqueConstraint("county_code", "name"),
        CheckConstraint("char_length(name) BETWEEN 2 AND 30", name="name_length"),
        Index("ix_scene_sets_shop_id_state", "shop_id", "state"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shops.id"))
    county_code: Mapped[str | None] = mapped_column(ForeignKey("counties.code"))
    scene: Mapped[Scene]
    name: Mapped[str]
    promotion_fen: Mapped[int]
    state: Mapped[SetState] = mapped_column(default=SetState.shown)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    shop: Mapped[Shop | None] = relationship()
    lines: Mapped[list["SceneLine"]] = relationship(
        order_by="SceneLine.position", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def terms(self) -> Terms:
        """What the rules need to know of it."""
        return Terms(self.promotion_fen, {line.listing_id: line.pieces for line in self.lines})


class SceneLine(Base):
    """So many pieces of one listing in a set."""

    __tablename__ = "scene_lines"
    __table_args__ = (
        CheckConstraint("pieces BETWEEN 1 AND 9", name="pieces"),
        Index("ix_scene_lines_listing_id", "listing_id"),
    )

    set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scene_sets.id"), primary_key=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    position: Mapped[int]
    pieces: Mapped[int]

    listing: Mapped[Listing] = relationship()
