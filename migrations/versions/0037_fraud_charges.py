"""Charges of fraud against shops and couriers, decided by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def _check(name: str, law: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(law, name=op.f(f"ck_fraud_charges_{name}"))


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    table = target.partition(".")[0]
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_fraud_charges_{column}_{table}"))


def upgrade() -> None:
    op.create_table(
        "fraud_charges",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("charged_by_id", sa.UUID(), nullable=False),
        sa.Column("charged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", sa.UUID(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_id", sa.UUID(), nullable=True),
        sa.Column("cleared_by_id", sa.UUID(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        _check("subjectkind", "subject_kind IN ('shop', 'courier', 'recycler', 'buyer')"),
        _check("fraudstate", "state IN ('charged', 'dropped', 'found', 'cleared')"),
        _check("subject", "subject_kind IN ('shop', 'courier')"),
        _check("words_length", "char_length(words) BETWEEN 1 AND 1000"),
        _check("evidence_length", "char_length(evidence) BETWEEN 1 AND 1000"),
        _check("answered", "(answer IS NULL) = (answered_at IS NULL)"),
        _check("decided", "(state = 'charged') = (decided_at IS NULL)"),
        _check("decided_by_somebody", "(decided_at IS NULL) = (decided_by_id IS NULL)"),
        _check("four_eyes", "decided_by_id <> charged_by_id"),
        _check("recorded", "(state IN ('found', 'cleared')) = (event_id IS NOT NULL)"),
        _check("cleared", "(state = 'cleared') = (cleared_at IS NOT NULL)"),
        _key("county_code", "counties.code"),
        _key("charged_by_id", "accounts.id"),
        _key("answered_by_id", "accounts.id"),
        _key("decided_by_id", "accounts.id"),
        _key("cleared_by_id", "accounts.id"),
        _key("event_id", "rating_events.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fraud_charges")),
    )
    op.create_index("ix_fraud_charges_county_code_state", "fraud_charges", ["county_code", "state"])
    op.create_index("ix_fraud_charges_subject", "fraud_charges", ["subject_kind", "subject_id"])


def downgrade() -> None:
    op.drop_table("fraud_charges")
