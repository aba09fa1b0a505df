"""What becomes of a paid claim: serial numbers, review, its trail, the treasury, what goes back."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.kernel.db import Base, Id
from market.kernel.states import States
from market.subsidies.fraud_rules import Severity


class ClaimSerialState(StrEnum):
    free = "free"
    claimed = "claimed"
    released = "released"


CLAIM_SERIAL_STATES = States(
    "claim_serial",
    {
        ClaimSerialState.free: {ClaimSerialState.claimed},
        ClaimSerialState.claimed: {ClaimSerialState.released},
        # The goods came back and were seen to: they may be sold, and subsidized, again.
        ClaimSerialState.released: {ClaimSerialState.claimed},
    },
)


class ClaimSerial(Base):
    """A serial number, once over all programmes, and the one claim that has it."""

    __tablename__ = "claim_serials"
    __table_args__ = (
        CheckConstraint("(state = 'claimed') = (claim_id IS NOT NULL)", name="claimed_by_one"),
        CheckConstraint("serial = upper(serial) AND char_length(serial) BETWEEN 4 AND 40", name="serial"),
        Index("ix_claim_serials_claim_id", "claim_id"),
    )

    serial: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[ClaimSerialState]
    claim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claims.id"))
    changed_at: Mapped[datetime]


class ClaimSignal(Base):
    """What a claim may share with other people's: the hash of its address, telephone or means of payment."""

    __tablename__ = "claim_signals"
    __table_args__ = (Index("ix_claim_signals_kind_digest", "kind", "digest"),)

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    seen_at: Mapped[datetime]


class ClaimFlag(Base):
    """A pattern of fraud that a rule found in a claim; it stands until somebody lifts it for a reason."""

    __tablename__ = "claim_flags"
    __table_args__ = (
        UniqueConstraint("claim_id", "rule"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted_by"),
        CheckConstraint("(lifted_at IS NULL) = (lift_reason IS NULL)", name="lifted_for"),
    )

    id: Mapped[Id]
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    rule: Mapped[str]
    severity: Mapped[Severity]
    detail: Mapped[dict[str, Any]]
    found_at: Mapped[datetime]
    lifted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None]


class ClaimReview(Base):
    """Who has looked at a claim: an auditor and two operators, three people; and who rejected it last.

    An appeal begins again with other people: whoever rejected it decides no more.
    """

    __tablename__ = "claim_reviews"
    __table_args__ = (
        CheckConstraint("first_by_id <> second_by_id", name="four_eyes"),
        CheckConstraint(
            "audited_by_id <> first_by_id AND audited_by_id <> second_by_id", name="audited_by_another"
        ),
        CheckConstraint("rejected_by_id <> audited_by_id OR is_rejected", name="appeal_audited_by_another"),
        CheckConstraint("rejected_by_id <> first_by_id OR is_rejected", name="appeal_by_another_first"),
        CheckConstraint("rejected_by_id <> second_by_id OR is_rejected", name="appeal_by_another_second"),
        CheckConstraint("(first_at IS NULL) OR (audited_at IS NOT NULL)", name="audited_first"),
        CheckConstraint("(second_at IS NULL) OR (first_at IS NOT NULL)", name="first_before_second"),
        CheckConstraint("NOT is_rejected OR reason IS NOT NULL", name="rejected_for_a_reason"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    begun_at: Mapped[datetime]
    audited_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    audited_at: Mapped[datetime | None]
    first_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    first_at: Mapped[datetime | None]
    second_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    second_at: Mapped[datetime | None]
    is_rejected: Mapped[bool] = mapped_column(default=False)
    rejected_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    rejected_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    appeals: Mapped[int] = mapped_column(default=0)


class StepKind(StrEnum):
    moved = "moved"
    brought = "brought"
    audited = "audited"
    approved = "approved"
    rejected = "rejected"
    lifted = "lifted"
    appealed = "appealed"
    closed = "closed"
    serial = "serial"
    returned = "returned"
    treasury = "treasury"


class ClaimStep(Base):
    """One line of a claim's trail: what happened, who did it (None: the market itself), and why."""

    __tablename__ = "claim_steps"
    __table_args__ = (Index("ix_claim_steps_claim_id", "claim_id"),)

    id: Mapped[Id]
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    kind: Mapped[StepKind]
    state: Mapped[str]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class Auditor(Base):
    """Somebody of a third party that the county has hired to look at claims; never one of its operators."""

    __tablename__ = "subsidy_auditors"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"), index=True)
    firm: Mapped[str]
    created_at: Mapped[datetime]


class ClawbackState(StrEnum):
    due = "due"
    netted = "netted"
    repaid = "repaid"
    void = "void"


CLAWBACK_STATES = States(
    "clawback",
    {
        ClawbackState.due: {ClawbackState.netted, ClawbackState.repaid, ClawbackState.void},
        ClawbackState.netted: {ClawbackState.repaid, ClawbackState.void},
        ClawbackState.repaid: set(),
        ClawbackState.void: set(),
    },
)


class Clawback(Base):
    """`amount_fen` that the state gets back.

    The shop owes it, pays it by its settlement sheet (`netted`), and the county gives it to the treasury with
    a batch (`repaid`). `void` where the treasury had not paid at all.
    """

    __tablename__ = "clawbacks"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_clawbacks_claim_id", "claim_id"),
    )

    id: Mapped[Id]
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    amount_fen: Mapped[int]
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[ClawbackState]
    created_at: Mapped[datetime]
    netted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class LineState(StrEnum):
    sent = "sent"
    paid = "paid"
    rejected = "rejected"


LINE_STATES = States(
    "treasury_line",
    {
        LineState.sent: {LineState.paid, LineState.rejected},
        LineState.paid: set(),
        LineState.rejected: set(),
    },
)


class TreasuryBatch(Base):
    """What the treasury is asked to pay less what goes back to it, and the CSV it was given, to the byte."""

    __tablename__ = "treasury_batches"
    __table_args__ = (
        UniqueConstraint("county_code", "number"),
        CheckConstraint("claims_fen >= 0 AND clawbacks_fen >= 0 AND size > 0", name="sums"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    number: Mapped[int]
    size: Mapped[int]
    claims_fen: Mapped[int]
    clawbacks_fen: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    made_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]

    lines: Mapped[list["TreasuryLine"]] = relationship(
        back_populates="batch", order_by="TreasuryLine.position", lazy="selectin"
    )


class TreasuryLine(Base):
    """One claim, or one clawback, in a batch; `document` is what the treasury reads of it."""

    __tablename__ = "treasury_lines"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(state = 'sent') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("state <> 'paid' OR bank_reference IS NOT NULL", name="paid_by"),
        CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name="rejected_for"),
        # Each claim is in one batch, unless the treasury turned it down there.
        Index(
            "uq_treasury_lines_claim_id",
            "claim_id",
            unique=True,
            postgresql_where=text("clawback_id IS NULL AND state <> 'rejected'"),
        ),
    )

    id: Mapped[Id]
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("treasury_batches.id"))
    position: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    clawback_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("clawbacks.id"), unique=True)
    amount_fen: Mapped[int]
    document: Mapped[dict[str, Any]]
    state: Mapped[LineState]
    bank_reference: Mapped[str | None]
    reason: Mapped[str | None]
    settled_at: Mapped[datetime | None]

    batch: Mapped[TreasuryBatch] = relationship(back_populates="lines")


class TreasuryImport(Base):
    """A file of payment results as it was uploaded; applying it again changes nothing."""

    __tablename__ = "treasury_imports"
    __table_args__ = (UniqueConstraint("county_code", "sha256"),)

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    uploaded_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    applied_rows: Mapped[int | None]


# Whatever code is at work: a trail is only ever written on, and evidence stays what it was.
KEEP_FUNCTION = DDL("""
CREATE FUNCTION claim_record_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a claim''s trail and evidence are never changed' USING ERRCODE = 'restrict_violation';
END $$
""")
event.listen(ClaimStep.__table__, "after_create", KEEP_FUNCTION)
event.listen(
    ClaimStep.__table__,
    "after_create",
    DDL("""
CREATE TRIGGER claim_record_is_kept BEFORE UPDATE OR DELETE ON claim_steps
FOR EACH ROW EXECUTE FUNCTION claim_record_is_kept()
"""),
)
event.listen(
    ClaimStep.__table__,
    "after_create",
    DDL("""
CREATE TRIGGER claim_record_is_kept BEFORE UPDATE OR DELETE ON claim_evidence
FOR EACH ROW EXECUTE FUNCTION claim_record_is_kept()
"""),
)
event.listen(ClaimStep.__table__, "after_drop", DDL("DROP FUNCTION IF EXISTS claim_record_is_kept() CASCADE"))
