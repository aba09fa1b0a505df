"""What a recall has stopped before it was delivered, and what its buyer wants instead."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base
from market.recalls.stopped_rules import StoppedState


class StoppedSale(Base):
    """A shop order that the recall stopped. `line_id` is the line that is called back.

    The money went back when it was stopped; `listing_id` is what she put into her cart instead.
    """

    __tablename__ = "stopped_sales"
    __table_args__ = (
        CheckConstraint(
            "(state = 'replacement') = (num_nonnulls(listing_id, chosen_at) = 2)"
            " AND num_nonnulls(listing_id, chosen_at) IN (0, 2)",
            name="chosen_whole",
        ),
        CheckConstraint("chosen_at >= stopped_at", name="chosen_later"),
        Index("ix_stopped_sales_recall_id", "recall_id"),
    )

    shop_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shop_orders.id"), primary_key=True)
    recall_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recalls.id"))
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"))
    state: Mapped[StoppedState]
    listing_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listings.id"))
    stopped_at: Mapped[datetime]
    chosen_at: Mapped[datetime | None]
