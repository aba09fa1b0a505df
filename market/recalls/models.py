"""Tables of recalls. Their records are kept for five years from the close: nothing here is ever deleted."""

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, DDL, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.catalog.models import Product
from market.catalog.recall_rule import Scope, ScopeKind
from market.kernel.db import Base, Id
from market.recalls.states import Bearer, DutyKind, RecallState, Remedy, UnitState


class Recall(Base):
    """A danger of a product, from its signal to its close. `code` is what everybody knows it by.

    `hazard` is what can happen, `advice` what an owner should do at once, `maker` whom the costs are claimed
    from. `rate_bp` (basis points) is how many of the affected sold pieces were remedied, once it is closed.
    """

    __tablename__ = "recalls"
    __table_args__ = (
        CheckConstraint("confirmed_by <> published_by", name="four_eyes"),
        CheckConstraint("(kind = 'batch') = (batch IS NOT NULL)", name="batch_named"),
        CheckConstraint(
            "num_nonnulls(first_serial, last_serial) = CASE WHEN kind = 'serials' THEN 2 ELSE 0 END",
            name="serials_named",
        ),
        CheckConstraint("num_nonnulls(published_by, published_at) IN (0, 2)", name="published_whole"),
        CheckConstraint(
            "(state = 'closed') = (num_nonnulls(closed_at, rate_bp) = 2)"
            " AND num_nonnulls(closed_at, rate_bp) IN (0, 2)",
            name="closed_whole",
        ),
        CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate"),
        CheckConstraint(
            "(state IN ('signal', 'investigating', 'confirmed', 'dismissed')) = (published_at IS NULL)",
            name="published",
        ),
        Index("ix_recalls_county_code_state", "county_code", "state"),
        Index("ix_recalls_product_id", "product_id"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    state: Mapped[RecallState]
    kind: Mapped[ScopeKind]
    batch: Mapped[str | None]
    first_serial: Mapped[str | None]
    last_serial: Mapped[str | None]
    maker: Mapped[str]
    hazard: Mapped[str]
    advice: Mapped[str]
    remedies: Mapped[list[str]] = mapped_column(ARRAY(Text))
    source: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rate_bp: Mapped[int | None]

    product: Mapped[Product] = relationship()

    @property
    def reference(self) -> str:
        """What other rooms call it."""
        return f"recall:{self.id}"

    @property
    def scope(self) -> Scope:
        """Which pieces it is of."""
        return Scope(self.kind, self.batch, self.first_serial, self.last_serial)


class RecallStep(Base):
    """When a recall entered a state, who did it (None: the market itself), and what was said."""

    __tablename__ = "recall_steps"
    __table_args__ = (Index("ix_recall_steps_recall_id", "recall_id"),)

    id: Mapped[Id]
    recall_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recalls.id"))
    state: Mapped[RecallState]
    note: Mapped[str]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class RecallUnit(Base):
    """One piece that a recall is of, with its buyer where it was sold. `key` makes it one row.

    A sold piece whose number nobody wrote down is there without one. `cost_fen` is what its remedy cost,
    which `borne_by` owes; `failed_by` marked the buyer out of reach.
    """

    __tablename__ = "recall_units"
    __table_args__ = (
        UniqueConstraint("recall_id", "key"),
        CheckConstraint("(account_id IS NULL) = (order_line_id IS NULL)", name="sold_whole"),
        CheckConstraint("(state IN ('chosen', 'remedied')) <= (remedy IS NOT NULL)", name="remedy_chosen"),
        CheckConstraint("(state = 'remedied') = (remedied_at IS NOT NULL)", name="remedied_at"),
        CheckConstraint("cost_fen >= 0", name="cost"),
        CheckConstraint("(state = 'unreachable') <= (failed_by IS NOT NULL)", name="failed_by"),
        Index("ix_recall_units_account_id", "account_id"),
        Index("ix_recall_units_recall_id_state", "recall_id", "state"),
    )

    id: Mapped[Id]
    recall_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recalls.id"))
    key: Mapped[str]
    serial: Mapped[str | None]
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("order_lines.id"))
    state: Mapped[UnitState]
    remedy: Mapped[Remedy | None]
    chosen_at: Mapped[datetime | None]
    remedied_at: Mapped[datetime | None]
    cost_fen: Mapped[int] = mapped_column(default=0)
    borne_by: Mapped[Bearer] = mapped_column(default=Bearer.maker)
    note: Mapped[str] = mapped_column(default="")
    failed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]

    recall: Mapped[Recall] = relationship()

    @property
    def refund_key(self) -> str:
        """What its refund is asked for under, once."""
        return f"recall:{self.id}"


class RecallDuty(Base):
    """A report that the law wants until `due_at`; `number` counts the progress reports from 1."""

    __tablename__ = "recall_duties"
    __table_args__ = (
        UniqueConstraint("recall_id", "kind", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("num_nonnulls(filed_at, filed_by, note) IN (0, 3)", name="filed_whole"),
        Index("ix_recall_duties_due_at", "due_at", postgresql_where="filed_at IS NULL"),
    )

    id: Mapped[Id]
    recall_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recalls.id"))
    kind: Mapped[DutyKind]
    number: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime]
    filed_at: Mapped[datetime | None]
    filed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    note: Mapped[str | None]

    def is_late(self, now: datetime) -> bool:
        """Whether it was filed after its last moment, or is not filed and that is over."""
        return (self.filed_at or now) >= self.due_at


class ShelfCheck(Base):
    """A shop that lists the product has to look on its shelf by `due_at`, and says how many it took off."""

    __tablename__ = "recall_shelf_checks"
    __table_args__ = (
        CheckConstraint("num_nonnulls(answered_at, answered_by, pieces) IN (0, 3)", name="answered_whole"),
        CheckConstraint("pieces >= 0", name="pieces"),
    )

    recall_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recalls.id"), primary_key=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"), index=True)
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    pieces: Mapped[int | None]


class RecallPayment(Base):
    """Money that the maker of a called-back product has paid in for its remedies."""

    __tablename__ = "recall_payments"
    __table_args__ = (
        UniqueConstraint("county_code", "bank_reference"),
        CheckConstraint("amount_fen > 0", name="amount"),
    )

    id: Mapped[Id]
    recall_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recalls.id"), index=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    amount_fen: Mapped[int]
    bank_reference: Mapped[str]
    booked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    paid_at: Mapped[datetime]


KEEP = {"recalls": "DELETE", "recall_units": "DELETE", "recall_duties": "DELETE",
                        "recall_shelf_checks": "DELETE", "recall_steps": "UPDATE OR DELETE",
                        "recall_payments": "UPDATE OR DELETE"}  # fmt: skip
KEEP_FUNCTION = """
CREATE OR REPLACE FUNCTION recalls_keep_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the records of a recall are kept' USING ERRCODE = 'restrict_violation'; END $$
"""
for kept in (Recall, RecallStep, RecallUnit, RecallDuty, ShelfCheck, RecallPayment):
    event.listen(kept.__table__, "after_create", DDL(KEEP_FUNCTION))
    event.listen(
        kept.__table__,
        "after_create",
        DDL(
            f"CREATE TRIGGER keep_as_written BEFORE {KEEP[kept.__tablename__]} ON {kept.__tablename__} "
            "FOR EACH ROW EXECUTE FUNCTION recalls_keep_as_written()"
        ),
    )
