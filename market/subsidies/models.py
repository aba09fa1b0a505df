"""Programmes as data, each county's pot, each person's quota, claims and their evidence."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.states import States
from market.subsidies.coupon_models import Coupon as Coupon  # its tables belong to the room's


class ProgrammeState(StrEnum):
    draft = "draft"
    published = "published"


class ClaimState(StrEnum):
    held = "held"
    committed = "committed"
    delivered = "delivered"
    installed = "installed"
    evidence_complete = "evidence_complete"
    under_review = "under_review"
    approved = "approved"
    rejected = "rejected"
    refund_pending = "refund_pending"
    paid_out = "paid_out"
    clawback_due = "clawback_due"
    clawback_done = "clawback_done"
    released = "released"
    expired = "expired"
    withdrawn = "withdrawn"
    returned = "returned"


# Facts §1.4. What comes back before the treasury has been asked ends in `returned`; while it is being asked,
# the claim waits in `refund_pending` for its answer; after it has paid, the shop owes it (`clawback_due`).
_BEFORE_PAYOUT = {ClaimState.returned, ClaimState.withdrawn}
CLAIM_STATES = States(
    "claim",
    {
        ClaimState.held: {ClaimState.committed, ClaimState.released, ClaimState.expired},
        ClaimState.committed: {ClaimState.delivered, ClaimState.released},
        ClaimState.delivered: {ClaimState.installed, ClaimState.evidence_complete} | _BEFORE_PAYOUT,
        ClaimState.installed: {ClaimState.evidence_complete} | _BEFORE_PAYOUT,
        ClaimState.evidence_complete: {ClaimState.under_review} | _BEFORE_PAYOUT,
        ClaimState.under_review: {ClaimState.approved, ClaimState.rejected} | _BEFORE_PAYOUT,
        ClaimState.approved: {
            ClaimState.paid_out,
            ClaimState.rejected,
            ClaimState.refund_pending,
            ClaimState.returned,
        },
        ClaimState.rejected: {ClaimState.under_review} | _BEFORE_PAYOUT,
        ClaimState.refund_pending: {ClaimState.clawback_due, ClaimState.rejected, ClaimState.returned},
        ClaimState.paid_out: {ClaimState.clawback_due},
        ClaimState.clawback_due: {ClaimState.clawback_done},
        # A second return or price cut of the same goods.
        ClaimState.clawback_done: {ClaimState.clawback_due},
        ClaimState.released: set(),
        ClaimState.expired: set(),
        ClaimState.withdrawn: set(),
        ClaimState.returned: set(),
    },
)

# In which of a pot's three figures a claim counts; the ends that gave the pot everything back count nowhere.
COMMITTED_STATES = (
    ClaimState.committed,
    ClaimState.delivered,
    ClaimState.installed,
    ClaimState.evidence_complete,
    ClaimState.under_review,
    ClaimState.approved,
    ClaimState.rejected,
    ClaimState.refund_pending,
)
PAID_STATES = (ClaimState.paid_out, ClaimState.clawback_due, ClaimState.clawback_done)
UNUSED_STATES = (ClaimState.released, ClaimState.expired)


class ProgrammeRow(Base):
    """One version of one programme: its rules in the schema of facts §1.5, where they come from, how sure.

    `county_code` is the county that wrote it, null for one that this release ships. A published version is
    never changed (a trigger sees to it); whoever published it is not who wrote it.
    """

    __tablename__ = "programmes"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("valid_from < valid_to", name="period"),
        CheckConstraint("drafted_by <> published_by", name="four_eyes"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # CODE:VERSION
    code: Mapped[str]
    version: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    rules: Mapped[dict[str, Any]]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    state: Mapped[ProgrammeState]
    source: Mapped[str]
    confidence: Mapped[str]
    verified: Mapped[bool]
    county_code: Mapped[str | None] = mapped_column(ForeignKey("counties.code"))
    drafted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    drafted_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[datetime | None]


class Pot(Base):
    """A county's budget for a programme in fen: held for orders, committed to paid ones, paid out.

    `requires_coupon`: the county pays only for who has claimed a coupon before.
    """

    __tablename__ = "pots"
    __table_args__ = (
        CheckConstraint("held >= 0 AND committed >= 0 AND paid >= 0", name="not_negative"),
        CheckConstraint("held + committed + paid <= budget", name="within_budget"),
    )

    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"), primary_key=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"), primary_key=True)
    budget: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    committed: Mapped[int] = mapped_column(default=0)
    paid: Mapped[int] = mapped_column(default=0)
    requires_coupon: Mapped[bool] = mapped_column(default=False)


class Quota(Base):
    """How many items of a category one person has had subsidised, and how many she may.

    Versions of a programme share it. `period` is the calendar year, or empty where use is never forgotten;
    the category "*" counts all of them where the programme limits that.
    """

    __tablename__ = "quotas"
    __table_args__ = (CheckConstraint("used BETWEEN 0 AND quota", name="within_quota"),)

    programme_code: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
    quota: Mapped[int]


class Claim(Base):
    """One order line's subsidy. `reference` is the line; the serial numbers come with the delivery.

    `returned_fen` of it has gone back to the pot with goods that came back or a price that fell, and
    `returned_units` have been given back to the person's quota of that `period`. `deducted_fen` of the base
    was met by an old appliance, where the programme says that this reduces it. `clawback_fen` of what went
    back is still with the state, which had paid it out or was being asked to. `about` says what was bought
    from which shop, as it was when it was paid; both are null before.
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("amount_fen > 0 AND amount_fen <= base_fen", name="amount"),
        CheckConstraint("deducted_fen BETWEEN 0 AND base_fen - amount_fen", name="deducted"),
        CheckConstraint("returned_fen BETWEEN 0 AND amount_fen", name="returned"),
        CheckConstraint("returned_units BETWEEN 0 AND units", name="returned_units"),
        CheckConstraint("clawback_fen BETWEEN 0 AND returned_fen", name="clawback"),
        Index("ix_claims_county_code_state", "county_code", "state"),
        Index("ix_claims_shop_id_state", "shop_id", "state"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    category: Mapped[str]
    period: Mapped[str]
    units: Mapped[int]
    base_fen: Mapped[int]
    deducted_fen: Mapped[int] = mapped_column(default=0)
    amount_fen: Mapped[int]
    returned_fen: Mapped[int] = mapped_column(default=0)
    returned_units: Mapped[int] = mapped_column(default=0)
    clawback_fen: Mapped[int] = mapped_column(default=0)
    shop_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shops.id"))
    about: Mapped[dict[str, Any] | None]
    state: Mapped[ClaimState]
    created_at: Mapped[datetime]

    @property
    def left_fen(self) -> int:
        """What of it is still the buyer's."""
        return self.amount_fen - self.returned_fen


class Evidence(Base):
    """One fact that supports a claim, taken from what really happened."""

    __tablename__ = "claim_evidence"

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]


AUDIT_VIEW = DDL("""
CREATE VIEW audit_pots AS
SELECT programme_id, sum(budget)::bigint AS budget, sum(held)::bigint AS held,
       sum(committed)::bigint AS committed, sum(paid)::bigint AS paid
  FROM pots GROUP BY programme_id
""")
event.listen(Pot.__table__, "after_create", AUDIT_VIEW)
event.listen(Pot.__table__, "before_drop", DDL("DROP VIEW IF EXISTS audit_pots"))

KEEP_FUNCTION = DDL("""
CREATE FUNCTION published_programme_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published programme is never changed' USING ERRCODE = 'restrict_violation';
END $$
""")
KEEP_TRIGGER = DDL("""
CREATE TRIGGER published_programme_is_kept BEFORE UPDATE OR DELETE ON programmes
FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION published_programme_is_kept()
""")
for statement in (KEEP_FUNCTION, KEEP_TRIGGER):
    event.listen(ProgrammeRow.__table__, "after_create", statement)
event.listen(
    ProgrammeRow.__table__, "after_drop", DDL("DROP FUNCTION IF EXISTS published_programme_is_kept() CASCADE")
)
