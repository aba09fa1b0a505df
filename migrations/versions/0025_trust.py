"""Trust: what is added to reviews, amended events, appeals, buyers' credit, and what a rating does."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

RATED = ("rating_events", "ratings", "rating_changes")
KINDS = ("shop", "courier", "recycler")
EVENT_COLUMNS = ("weight_milli", "amends_id")
EVENT_CHECKS = {
    "weight_of_weighings": "(weight_milli IS NULL) = (kind <> 'weighed')",
    "weight": "weight_milli BETWEEN 0 AND 1000",
    "amends_an_event": "(amends_id IS NULL) = (kind NOT IN ('revised', 'weighed', 'voided'))",
}
PUBLISHED = """
INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key)
SELECT gen_random_uuid(), 'credit.criteria_published', '{"version": "2026-12"}', 'pending', 0, now(), now(),
       'credit.criteria_published:2026-12'
 WHERE EXISTS (SELECT FROM ratings)
"""
_AMENDING = "kind IN ('revised', 'weighed', 'voided', 'criteria_changed') OR subject_kind = 'buyer'"
FORGOTTEN = (
    f"DELETE FROM rating_changes WHERE {_AMENDING}",  # noqa: S608 - our own words
    f"DELETE FROM rating_events WHERE {_AMENDING}",  # noqa: S608 - our own words
    "DELETE FROM ratings WHERE subject_kind = 'buyer'",
)
NEW_TABLES = (
    "review_edits", "review_photos", "review_answers", "review_votes", "review_weighings", "review_masks",
    "rating_appeals", "buyer_credit_choices",
)  # fmt: skip
KEPT = ("review_edits", "review_photos", "review_answers", "review_weighings")


def _kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in RATED:
        op.drop_constraint(op.f(f"ck_{table}_subjectkind"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_subjectkind"), table, f"subject_kind IN ({listed})")


def _stars_of(kinds: str) -> None:
    op.drop_constraint(op.f("ck_rating_events_stars_of_reviews"), "rating_events", type_="check")
    op.create_check_constraint(
        op.f("ck_rating_events_stars_of_reviews"),
        "rating_events",
        f"(stars IS NULL) = (kind NOT IN ({kinds}))",
    )


def _enum(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _kinds((*KINDS, "buyer"))
    op.add_column("reviews", sa.Column("device_hash", sa.Text(), nullable=True))
    op.add_column("rating_events", sa.Column("weight_milli", sa.BigInteger(), nullable=True))
    op.add_column("rating_events", sa.Column("amends_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_rating_events_amends_id"), "rating_events", "rating_events", ["amends_id"], ["id"]
    )
    _stars_of("'reviewed', 'revised'")
    for name, rule in EVENT_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_rating_events_{name}"), "rating_events", rule)
    op.add_column("ratings", sa.Column("known_events", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("ratings", "known_events", server_default=None)
    op.add_column(
        "couriers", sa.Column("cash_share_bp", sa.BigInteger(), nullable=False, server_default="10000")
    )
    op.alter_column("couriers", "cash_share_bp", server_default=None)
    op.create_check_constraint(
        op.f("ck_couriers_cash_share"), "couriers", "cash_share_bp BETWEEN 0 AND 10000"
    )
    op.add_column(
        "inspection_draws",
        sa.Column("tickets", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"),
    )
    op.execute(
        "UPDATE inspection_draws SET tickets ="
        " (SELECT coalesce(jsonb_agg(1), '[]') FROM jsonb_array_elements(recyclers))"
    )
    op.alter_column("inspection_draws", "tickets", server_default=None)
    _reviews()
    _appeals()
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION credit_keep_as_written()"
        )
    # Ratings are computed in whole numbers from now on, and say how much they know.
    op.execute(PUBLISHED)


def _reviews() -> None:
    op.create_table(
        "review_edits",
        sa.Column("review_id", sa.UUID(), nullable=False),
        sa.Column("stars", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_review_edits_stars")),
        sa.CheckConstraint("char_length(text) <= 500", name=op.f("ck_review_edits_text_length")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_review_edits_review_id")),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_review_edits")),
    )
    op.create_table(
        "review_photos",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("review_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 4", name=op.f("ck_review_photos_position")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_review_photos_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_photos")),
    )
    op.create_index("uq_review_photos_position", "review_photos", ["review_id", "position"], unique=True)
    op.create_table(
        "review_answers",
        sa.Column("review_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.UUID(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 500", name=op.f("ck_review_answers_text_length")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["accounts.id"], name=op.f("fk_review_answers_answered_by_id")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_review_answers_review_id")),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_review_answers")),
    )
    op.create_table(
        "review_votes",
        sa.Column("review_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("is_helpful", sa.Boolean(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_review_votes_account_id")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_review_votes_review_id")),
        sa.PrimaryKeyConstraint("review_id", "account_id", name=op.f("pk_review_votes")),
    )
    op.create_table(
        "review_weighings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("review_id", sa.UUID(), nullable=False),
        sa.Column("weight_milli", sa.BigInteger(), nullable=False),
        sa.Column("signals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weight_milli BETWEEN 0 AND 1000", name=op.f("ck_review_weighings_weight")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_review_weighings_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_weighings")),
    )
    op.create_index(
        "ix_review_weighings_review_id_weighed_at", "review_weighings", ["review_id", "weighed_at"]
    )
    op.create_table(
        "review_masks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("review_id", sa.UUID(), nullable=False),
        sa.Column(
            "state", _enum("proposed", "masked", "declined", "lifted", name="maskstate"), nullable=False
        ),
        sa.Column(
            "reason",
            _enum("insult", "personal_data", "advertisement", "unlawful", name="maskreason"),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.UUID(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.UUID(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_review_masks_four_eyes")),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_review_masks_decided")
        ),
        sa.CheckConstraint(
            "(decided_by_id IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_review_masks_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "(state = 'lifted') = (lifted_at IS NOT NULL)", name=op.f("ck_review_masks_lifted")
        ),
        sa.CheckConstraint("char_length(note) BETWEEN 1 AND 300", name=op.f("ck_review_masks_note_length")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_review_masks_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["accounts.id"], name=op.f("fk_review_masks_lifted_by_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["accounts.id"], name=op.f("fk_review_masks_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_review_masks_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_masks")),
    )
    op.create_index(
        "uq_review_masks_live",
        "review_masks",
        ["review_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'masked')"),
    )


def _appeals() -> None:
    op.create_table(
        "rating_appeals",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("subject_kind", _enum(*KINDS, "buyer", name="subjectkind"), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("state", _enum("open", "upheld", "rejected", name="appealstate"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("appealed_by_id", sa.UUID(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(words) BETWEEN 1 AND 500", name=op.f("ck_rating_appeals_words_length")
        ),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_rating_appeals_decided")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_rating_appeals_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (answer IS NULL)", name=op.f("ck_rating_appeals_answered")
        ),
        sa.CheckConstraint(
            "decided_by_id <> appealed_by_id", name=op.f("ck_rating_appeals_decided_by_another")
        ),
        sa.ForeignKeyConstraint(
            ["appealed_by_id"], ["accounts.id"], name=op.f("fk_rating_appeals_appealed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_rating_appeals_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_rating_appeals_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["rating_events.id"], name=op.f("fk_rating_appeals_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_appeals")),
        sa.UniqueConstraint("event_id", name=op.f("uq_rating_appeals_event_id")),
    )
    op.create_index("ix_rating_appeals_subject", "rating_appeals", ["subject_kind", "subject_id"])
    op.create_index("ix_rating_appeals_county_code_state", "rating_appeals", ["county_code", "state"])
    op.create_table(
        "buyer_credit_choices",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_buyer_credit_choices_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_buyer_credit_choices")),
    )


def downgrade() -> None:
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM outbox WHERE kind LIKE 'credit.%'")
    op.drop_column("inspection_draws", "tickets")
    op.drop_constraint(op.f("ck_couriers_cash_share"), "couriers", type_="check")
    op.drop_column("couriers", "cash_share_bp")
    op.drop_column("ratings", "known_events")
    # The older schema has no word for buyers' ratings, nor for events that amend others.
    for table in ("rating_changes", "rating_events"):
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER keep_as_written")
    for statement in FORGOTTEN:
        op.execute(statement)
    for table in ("rating_changes", "rating_events"):
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER keep_as_written")
    for name in EVENT_CHECKS:
        op.drop_constraint(op.f(f"ck_rating_events_{name}"), "rating_events", type_="check")
    _stars_of("'reviewed'")
    op.drop_constraint(op.f("fk_rating_events_amends_id"), "rating_events", type_="foreignkey")
    for column in EVENT_COLUMNS:
        op.drop_column("rating_events", column)
    op.drop_column("reviews", "device_hash")
    _kinds(KINDS)
