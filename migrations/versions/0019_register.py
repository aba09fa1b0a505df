"""The register's papers and history, draws and inspections, reported cases, and collection points."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATES = "ck_recyclers_recyclerstate"


def upgrade() -> None:
    op.add_column("recyclers", sa.Column("state_reason", sa.Text(), nullable=True))
    _recycler_states("active", "suspended", "lapsed")
    # Licences entered before have their clocks from here on.
    op.execute(
        """
        INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key)
        SELECT gen_random_uuid(), 'recycling.licence_lapses', jsonb_build_object('recycler_id', id), 'pending',
               0, (valid_to + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', now(),
               'recycling.licence_lapses:' || id || ':' || valid_to
        FROM recyclers
        """
    )
    op.create_table(
        "collection_points",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "temporary", "yard", name="pointkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closing",
                "closed",
                name="pointstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column(
            "position_source",
            sa.Enum(
                "surveyed",
                "courier",
                "estimated",
                name="positionsource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("operator_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("licence_number", sa.Text(), nullable=False),
        sa.Column("fire_cover", sa.Text(), nullable=False),
        sa.Column("keeper_id", sa.UUID(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("capacity_cm3", sa.BigInteger(), nullable=False),
        sa.Column("load_cm3", sa.BigInteger(), nullable=False),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("jpeg", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (closed_reason IS NULL)",
            name=op.f("ck_collection_points_closed_for_a_reason"),
        ),
        sa.CheckConstraint(
            "(jpeg IS NULL) = (sha256 IS NULL)", name=op.f("ck_collection_points_photo_whole")
        ),
        sa.CheckConstraint(
            "abs(lat) <= 90 AND abs(lon) <= 180", name=op.f("ck_collection_points_position_on_earth")
        ),
        sa.CheckConstraint(
            "load_cm3 BETWEEN 0 AND capacity_cm3", name=op.f("ck_collection_points_never_above_full")
        ),
        sa.CheckConstraint("octet_length(jpeg) <= 1000000", name=op.f("ck_collection_points_size")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_collection_points_dates")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_collection_points_county_code")
        ),
        sa.ForeignKeyConstraint(["keeper_id"], ["accounts.id"], name=op.f("fk_collection_points_keeper_id")),
        sa.ForeignKeyConstraint(
            ["township_code"], ["regions.code"], name=op.f("fk_collection_points_township_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_points")),
    )
    op.create_index(
        "ix_collection_points_county_code_state", "collection_points", ["county_code", "state"], unique=False
    )
    op.create_index("ix_collection_points_keeper_id", "collection_points", ["keeper_id"], unique=False)
    op.create_table(
        "inspection_draws",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "announced", "drawn", name="drawstate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("draws_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("inspectors_each", sa.BigInteger(), nullable=False),
        sa.Column("recyclers", postgresql.JSONB(), nullable=False),
        sa.Column("inspectors", postgresql.JSONB(), nullable=False),
        sa.Column("seed_hash", sa.Text(), nullable=False),
        sa.Column("sealed_seed", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("announced_by_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'drawn') = (seed IS NOT NULL)", name=op.f("ck_inspection_draws_seed_after")
        ),
        sa.CheckConstraint("places > 0 AND inspectors_each > 0", name=op.f("ck_inspection_draws_places")),
        sa.ForeignKeyConstraint(
            ["announced_by_id"], ["accounts.id"], name=op.f("fk_inspection_draws_announced_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_inspection_draws_county_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_draws")),
    )
    op.create_index(
        "ix_inspection_draws_county_code", "inspection_draws", ["county_code", "draws_at"], unique=False
    )
    op.create_table(
        "inspections",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("draw_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("recycler_id", sa.UUID(), nullable=False),
        sa.Column("inspector_numbers", postgresql.JSONB(), nullable=False),
        sa.Column("inspector_ids", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "confirmed",
                "published",
                "rectified",
                "closed",
                name="inspectionstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("sent_back", sa.Text(), nullable=False),
        sa.Column("confirmed_by_id", sa.UUID(), nullable=True),
        sa.Column("published_by_id", sa.UUID(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL) AND (state IN ('published', 'rectified', 'closed')) = (published_at IS NOT NULL)",
            name=op.f("ck_inspections_published_whole"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR num_nulls(visited_on, confirmed_by_id) = 0",
            name=op.f("ck_inspections_confirmed_whole"),
        ),
        sa.CheckConstraint("published_by_id <> confirmed_by_id", name=op.f("ck_inspections_four_eyes")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["accounts.id"], name=op.f("fk_inspections_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_inspections_county_code")),
        sa.ForeignKeyConstraint(["draw_id"], ["inspection_draws.id"], name=op.f("fk_inspections_draw_id")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["accounts.id"], name=op.f("fk_inspections_published_by_id")
        ),
        sa.ForeignKeyConstraint(["recycler_id"], ["recyclers.id"], name=op.f("fk_inspections_recycler_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("draw_id", "recycler_id", name=op.f("uq_inspections_draw_id_recycler_id")),
    )
    op.create_index("ix_inspections_county_code_state", "inspections", ["county_code", "state"], unique=False)
    op.create_index("ix_inspections_recycler_id", "inspections", ["recycler_id"], unique=False)
    op.create_table(
        "point_rooms",
        sa.Column("point_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("capacity_units", sa.BigInteger(), nullable=False),
        sa.Column("load_units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "load_units BETWEEN 0 AND capacity_units", name=op.f("ck_point_rooms_never_above_full")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["collection_points.id"], name=op.f("fk_point_rooms_point_id")),
        sa.PrimaryKeyConstraint("point_id", "kind", name=op.f("pk_point_rooms")),
    )
    op.create_table(
        "recycler_documents",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recycler_id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(jpeg) <= 1000000", name=op.f("ck_recycler_documents_size")),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["accounts.id"], name=op.f("fk_recycler_documents_added_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["recycler_id"], ["recyclers.id"], name=op.f("fk_recycler_documents_recycler_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recycler_documents")),
        sa.UniqueConstraint("recycler_id", "sha256", name=op.f("uq_recycler_documents_recycler_id_sha256")),
    )
    op.create_table(
        "register_changes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recycler_id", sa.UUID(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "added",
                "edited",
                "renewed",
                "document_added",
                "suspended",
                "reopened",
                "lapsed",
                name="registeract",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(act = 'lapsed') = (by_id IS NULL)", name=op.f("ck_register_changes_somebody")),
        sa.CheckConstraint("act <> 'suspended' OR reason <> ''", name=op.f("ck_register_changes_reasoned")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_register_changes_by_id")),
        sa.ForeignKeyConstraint(
            ["recycler_id"], ["recyclers.id"], name=op.f("fk_register_changes_recycler_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_changes")),
    )
    op.create_index(
        "ix_register_changes_recycler_id", "register_changes", ["recycler_id", "id"], unique=False
    )
    op.create_table(
        "reported_cases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("recycler_id", sa.UUID(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "illegal_dismantling",
                "fake_parts",
                "data_leak",
                "pollution",
                "price",
                "other",
                name="casekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "filed",
                "taken_up",
                "answered",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handler_id", sa.UUID(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "borne_out",
                "not_borne_out",
                "not_ours",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'answered') = (num_nulls(answer, outcome, answered_at) = 0)",
            name=op.f("ck_reported_cases_answered"),
        ),
        sa.CheckConstraint(
            "(state = 'filed') = (taken_up_at IS NULL)", name=op.f("ck_reported_cases_taken_up")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_reported_cases_county_code")
        ),
        sa.ForeignKeyConstraint(["handler_id"], ["accounts.id"], name=op.f("fk_reported_cases_handler_id")),
        sa.ForeignKeyConstraint(
            ["recycler_id"], ["recyclers.id"], name=op.f("fk_reported_cases_recycler_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_reported_cases_number")),
    )
    op.create_index(
        "ix_reported_cases_county_code_state", "reported_cases", ["county_code", "state"], unique=False
    )
    op.create_index("ix_reported_cases_recycler_id", "reported_cases", ["recycler_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("point_id", sa.UUID(), nullable=False),
        sa.Column("recycler_id", sa.UUID(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "collected",
                "canceled",
                name="transferstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "why",
            sa.Enum(
                "nearly_full",
                "closing",
                "asked",
                name="why",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("weight_grams", sa.BigInteger(), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'collected') = (collected_at IS NOT NULL)", name=op.f("ck_transfers_collected_at")
        ),
        sa.CheckConstraint(
            "units > 0 AND least(weight_grams, volume_cm3) > 0", name=op.f("ck_transfers_measures")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["collection_points.id"], name=op.f("fk_transfers_point_id")),
        sa.ForeignKeyConstraint(["recycler_id"], ["recyclers.id"], name=op.f("fk_transfers_recycler_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("number", name=op.f("uq_transfers_number")),
    )
    op.create_index("ix_transfers_point_id", "transfers", ["point_id"], unique=False)
    op.create_index("ix_transfers_recycler_id", "transfers", ["recycler_id"], unique=False)
    op.create_table(
        "case_photos",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.CheckConstraint("octet_length(jpeg) <= 1000000", name=op.f("ck_case_photos_size")),
        sa.ForeignKeyConstraint(["case_id"], ["reported_cases.id"], name=op.f("fk_case_photos_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_photos")),
    )
    op.create_index(op.f("ix_case_photos_case_id"), "case_photos", ["case_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("inspection_id", sa.UUID(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "minor",
                "major",
                "critical",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("fixed_jpeg", sa.LargeBinary(), nullable=True),
        sa.Column("rectified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(jpeg IS NULL) = (sha256 IS NULL)", name=op.f("ck_findings_photo_whole")),
        sa.CheckConstraint(
            "greatest(octet_length(jpeg), octet_length(fixed_jpeg)) <= 1000000", name=op.f("ck_findings_size")
        ),
        sa.CheckConstraint(
            "rectified_at IS NULL OR reported_at IS NOT NULL", name=op.f("ck_findings_reported_first")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_findings_inspection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_inspection_id", "findings", ["inspection_id", "id"], unique=False)
    op.create_table(
        "point_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("brought_code", sa.Text(), nullable=True),
        sa.Column("point_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "held",
                "awaiting_truck",
                "gone",
                "lapsed",
                name="itemstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.UUID(), nullable=True),
        sa.Column("weight_grams", sa.BigInteger(), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=False),
        sa.Column("longest_side_mm", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.UUID(), nullable=True),
        sa.Column("transfer_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state IN ('awaiting_truck', 'gone')) = (transfer_id IS NOT NULL)",
            name=op.f("ck_point_items_on_a_transfer"),
        ),
        sa.CheckConstraint(
            "(state IN ('booked', 'lapsed')) = (held_at IS NULL)", name=op.f("ck_point_items_held_at")
        ),
        sa.CheckConstraint(
            "least(volume_cm3, weight_grams, longest_side_mm) > 0", name=op.f("ck_point_items_measures")
        ),
        sa.CheckConstraint("people IN (1, 2)", name=op.f("ck_point_items_people")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_point_items_account_id")),
        sa.ForeignKeyConstraint(["point_id"], ["collection_points.id"], name=op.f("fk_point_items_point_id")),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["accounts.id"], name=op.f("fk_point_items_received_by_id")
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_point_items_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_items")),
        sa.UniqueConstraint("brought_code", name=op.f("uq_point_items_brought_code")),
        sa.UniqueConstraint("code", name=op.f("uq_point_items_code")),
    )
    op.create_index("ix_point_items_account_id", "point_items", ["account_id"], unique=False)
    op.create_index("ix_point_items_point_id_state", "point_items", ["point_id", "state"], unique=False)
    op.create_index("ix_point_items_transfer_id", "point_items", ["transfer_id"], unique=False)


def downgrade() -> None:
    op.drop_table("point_items")
    op.drop_table("findings")
    op.drop_table("case_photos")
    op.drop_table("transfers")
    op.drop_table("reported_cases")
    op.drop_table("register_changes")
    op.drop_table("recycler_documents")
    op.drop_table("point_rooms")
    op.drop_table("inspections")
    op.drop_table("inspection_draws")
    op.drop_table("collection_points")
    op.execute("UPDATE recyclers SET state = 'suspended' WHERE state = 'lapsed'")
    _recycler_states("active", "suspended")
    op.drop_column("recyclers", "state_reason")
    op.execute(
        "DELETE FROM outbox WHERE kind ~ '^(oversight|collection)[.]'"
        " OR kind IN ('recycling.licence_lapses', 'recycling.recycler_stopped', 'recycling.recycler_works')"
    )


def _recycler_states(*kinds: str) -> None:
    op.drop_constraint(op.f(STATES), "recyclers", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f(STATES), "recyclers", f"state IN ({allowed})")
