"""Groups and the places in them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.catalog.models import Listing
from market.groups.rules import Option, PriceTier, price_at
from market.groups.states import GroupState, PlaceState
from market.kernel.db import Base, Id


class GroupOrder(Base):
    """A listing that is made once `least` pieces are wanted, at `price_fen` each.

    From more pieces on `tiers` say what each costs; `agreed_price_fen` is what the deadline came to. `taken`
    pieces are in held or paid places. `complete_by` is set once the goods are there. `shop_at_fault`: it let
    down a group that had come about.
    """

    __tablename__ = "group_orders"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= most", name="not_oversold"),
        CheckConstraint("least BETWEEN 1 AND most", name="least"),
        CheckConstraint("price_fen > 0", name="price"),
        CheckConstraint("deposit_fen >= 100 AND deposit_fen * 5 <= price_fen", name="deposit"),
        CheckConstraint("make_by > closes_at", name="make_by"),
        CheckConstraint("complete_days BETWEEN 3 AND 30", name="complete_days"),
        CheckConstraint("char_length(words) BETWEEN 2 AND 200", name="words_length"),
        CheckConstraint("(state = 'ready') <= (complete_by IS NOT NULL)", name="complete_by"),
        CheckConstraint("(state = 'canceled') = (cancel_reason IS NOT NULL)", name="canceled"),
        CheckConstraint(
            "(state IN ('confirmed', 'ready', 'closed')) <= (agreed_price_fen IS NOT NULL)", name="agreed"
        ),
        CheckConstraint("agreed_price_fen BETWEEN 1 AND price_fen", name="agreed_price"),
        CheckConstraint("NOT shop_at_fault OR state = 'canceled'", name="at_fault"),
        Index("ix_group_orders_shop_id_state", "shop_id", "state"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), index=True)
    words: Mapped[str]
    price_fen: Mapped[int]
    tiers: Mapped[list[Any]] = mapped_column(default=list)
    agreed_price_fen: Mapped[int | None]
    deposit_fen: Mapped[int]
    least: Mapped[int]
    most: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    options: Mapped[list[Any]]
    closes_at: Mapped[datetime]
    make_by: Mapped[datetime]
    complete_days: Mapped[int]
    complete_by: Mapped[datetime | None]
    state: Mapped[GroupState] = mapped_column(default=GroupState.open)
    cancel_reason: Mapped[str | None]
    shop_at_fault: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    listing: Mapped[Listing] = relationship()

    @property
    def price_tiers(self) -> list[PriceTier]:
        """What each piece costs from so many on."""
        return [PriceTier(row["pieces"], row["price_fen"]) for row in self.tiers]

    def price_of(self, pieces: int) -> int:
        """What each piece costs in fen: what was agreed, before that what so many wanted `pieces` come to."""
        return self.agreed_price_fen or price_at(pieces, self.price_fen, self.price_tiers)

    @property
    def choices(self) -> list[Option]:
        """What a buyer chooses about her piece."""
        return [Option(row["name"], tuple(row["choices"])) for row in self.options]


class GroupPlace(Base):
    """One person's pieces in a group, what she chose, and her deposit in fen for all of them.

    `terms_version` is of the deposit rule she agreed to. `given_back_fen` of it is on its way back, and
    `penalty_fen` the shop owes her besides.
    Its stock is kept under `reservation`: each time it is kept anew is another `attempt`.
    """

    __tablename__ = "group_places"
    __table_args__ = (
        CheckConstraint("pieces BETWEEN 1 AND 5", name="pieces"),
        CheckConstraint("deposit_fen > 0 AND given_back_fen BETWEEN 0 AND deposit_fen", name="deposit"),
        CheckConstraint(
            "penalty_fen IN (0, deposit_fen) AND (penalty_fen = 0 OR state = 'returned')", name="penalty"
        ),
        CheckConstraint("(state IN ('held', 'lapsed')) = (paid_at IS NULL)", name="paid"),
        CheckConstraint("(paid_at IS NULL) = (payment_id IS NULL)", name="paid_by"),
        CheckConstraint("(state = 'ordered') <= (order_id IS NOT NULL)", name="ordered"),
        Index(
            "ix_group_places_one_live",
            "group_id",
            "account_id",
            unique=True,
            postgresql_where=text("state IN ('held', 'joined', 'ordered')"),
        ),
        Index("ix_group_places_account_id", "account_id"),
        Index("ix_group_places_order_id", "order_id"),
    )

    id: Mapped[Id]
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("group_orders.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    pieces: Mapped[int]
    chosen: Mapped[dict[str, Any]]
    deposit_fen: Mapped[int]
    terms_version: Mapped[str]
    state: Mapped[PlaceState] = mapped_column(default=PlaceState.held)
    attempt: Mapped[int] = mapped_column(default=1)
    pay_before: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payments.id"))
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orders.id"))
    given_back_fen: Mapped[int] = mapped_column(default=0)
    penalty_fen: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    group: Mapped[GroupOrder] = relationship()

    @property
    def reference(self) -> str:
        """What other rooms call it; its payment's bill."""
        return f"group_place:{self.id}"

    @property
    def penalty(self) -> str:
        """What the refund of its penalty is called."""
        return f"{self.reference}:penalty"

    @property
    def reservation(self) -> str:
        """What its stock is kept under."""
        return f"{self.reference}:{self.attempt}"
