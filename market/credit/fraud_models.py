"""Charges of fraud against a shop or a courier, and what became of them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from market.credit.models import SubjectKind
from market.kernel.db import Base, Id
from market.kernel.states import States

WORDS_CHARS = 1_000


class FraudState(StrEnum):
    charged = "charged"
    dropped = "dropped"
    found = "found"
    cleared = "cleared"


FRAUD_STATES = States(
    "fraud_charge",
    {
        FraudState.charged: {FraudState.dropped, FraudState.found},
        FraudState.dropped: set(),
        FraudState.found: {FraudState.cleared},
        FraudState.cleared: set(),
    },
)


class FraudCharge(Base):
    """One operator charges with what she has seen, the charged may answer, another operator decides.

    `evidence` names what it rests on: order, claim or payment numbers, one a line. `event_id` is the event
    that opened the rating's gate.
    """

    __tablename__ = "fraud_charges"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('shop', 'courier')", name="subject"),
        CheckConstraint(f"char_length(words) BETWEEN 1 AND {WORDS_CHARS}", name="words_length"),
        CheckConstraint(f"char_length(evidence) BETWEEN 1 AND {WORDS_CHARS}", name="evidence_length"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(state = 'charged') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_by_id <> charged_by_id", name="four_eyes"),
        CheckConstraint("(state IN ('found', 'cleared')) = (event_id IS NOT NULL)", name="recorded"),
        CheckConstraint("(state = 'cleared') = (cleared_at IS NOT NULL)", name="cleared"),
        Index("ix_fraud_charges_county_code_state", "county_code", "state"),
        Index("ix_fraud_charges_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[uuid.UUID]
    state: Mapped[FraudState] = mapped_column(default=FraudState.charged)
    words: Mapped[str]
    evidence: Mapped[str]
    charged_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    charged_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime | None]
    reasons: Mapped[str | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("rating_events.id"))
    cleared_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    cleared_at: Mapped[datetime | None]
