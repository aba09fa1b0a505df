"""One custody for what came by post and what was traded in, and the documents of what became of it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TAKEN_OVER = "'confirmed', 'wiped', 'graded', 'resold', 'dismantled'"
TRADE_IN_STATES = (
    "awaiting_pickup", "not_handed_in", "kept", "collected", "reoffer", "disputed", "unanswered", "confirmed",
    "wiped", "graded", "resold", "dismantled", "going_home", "returned", "cancelled",
)  # fmt: skip
STATES_BEFORE = tuple(it for it in TRADE_IN_STATES if it not in ("wiped", "graded", "resold", "dismantled"))
ORDER_STATES = (
    "draft", "quoted", "label_issued", "awaiting_pickup", "in_transit", "received", "inspecting",
    "locked_device", "reoffer", "offer_accepted", "payout_pending", "paid", "wiped", "graded", "resold",
    "dismantled", "rejected", "auto_return", "return_shipping", "returned", "lost_in_transit", "hazard_hold",
    "expired", "cancelled",
)  # fmt: skip
GRADES = ("A", "B", "C", "D", "E", "scrap")
ROLES = ("consumer", "post", "courier", "hub", "recycler", "dismantler", "buyer")
KEPT = ("handover_lines", "wipe_certificates", "resales")

# Who holds what there is already. What was sold or dismantled before there were documents of it has none:
# it went out of the recycler's hands to `post`, which no balance counts as sold or dismantled.
DEVICES = (
    "INSERT INTO devices (id, kind, code, county_code, category_code, holder, weight_grams, serial_number,"
    " created_at)"
    " SELECT o.id, 'mail_in', o.code, o.county_code, o.category_code, CASE"
    "  WHEN o.state IN ('in_transit', 'lost_in_transit', 'return_shipping', 'resold', 'dismantled') THEN 'post'"
    "  WHEN o.received_at IS NOT NULL AND o.state <> 'returned' THEN concat('recycler:', o.recycler_id)"
    "  ELSE 'consumer' END, o.weight_grams, w.serial_number, o.created_at"
    " FROM recycling_orders o LEFT JOIN wipe_certificates w ON w.order_id = o.id",
    "INSERT INTO devices (id, kind, code, county_code, category_code, holder, weight_grams, created_at)"
    " SELECT id, 'trade_in', code, county_code, category_code, CASE"
    "  WHEN state IN ('awaiting_pickup', 'not_handed_in', 'kept', 'cancelled', 'returned') THEN 'consumer'"
    "  WHEN recycler_id IS NOT NULL THEN concat('recycler:', recycler_id)"
    "  ELSE concat('hub:', county_code) END, confirmed_weight_grams, created_at FROM trade_ins",
)


def _one_of(name: str, *kinds: str) -> sa.Enum:
    return sa.Enum(*kinds, name=name, native_enum=False, create_constraint=True, length=32)


def _check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _trade_in_checks(states: tuple[str, ...], taken_over: str) -> None:
    allowed = ", ".join(f"'{state}'" for state in states)
    _check("trade_ins", "tradeinstate", f"state IN ({allowed})")
    _check("trade_ins", "weighed", f"(state IN ({taken_over})) <= (confirmed_weight_grams IS NOT NULL)")
    known = f"'not_handed_in', 'kept', {taken_over}, 'going_home', 'returned'"
    _check("trade_ins", "worth_known", f"(state IN ({known})) = (worth_fen IS NOT NULL)")


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _make_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", _one_of("devicekind", "mail_in", "trade_in"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("handover_id", sa.UUID(), nullable=True),
        sa.Column("weight_grams", sa.BigInteger(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("serial_number", sa.Text(), nullable=True),
        _moment("created_at"),
        sa.CheckConstraint("weight_grams > 0", name=op.f("ck_devices_weight")),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_devices_county_code")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["categories.code"], name=op.f("fk_devices_category_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("code", name=op.f("uq_devices_code")),
    )
    op.create_index("ix_devices_holder", "devices", ["holder"])
    op.create_index("ix_devices_county_code", "devices", ["county_code"])
    for statement in DEVICES:
        op.execute(statement)


def _make_documents() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("taker_role", _one_of("role", *ROLES), nullable=False),
        sa.Column("taker", sa.Text(), nullable=True),
        sa.Column("state", _one_of("handoverstate", "open", "taken", "withdrawn"), nullable=False),
        sa.Column("offered_by_id", sa.UUID(), nullable=False),
        _moment("offered_at"),
        _moment("valid_until"),
        sa.Column("taken_by_id", sa.UUID(), nullable=True),
        _moment("taken_at", nullable=True),
        sa.CheckConstraint("(state = 'taken') = (taken_at IS NOT NULL)", name=op.f("ck_handovers_taken_at")),
        sa.CheckConstraint(
            "(state = 'taken') <= (num_nonnulls(taker, taken_by_id) = 2)", name=op.f("ck_handovers_signed")
        ),
        sa.CheckConstraint(
            "(taker_role = 'dismantler') = (number IS NOT NULL)", name=op.f("ck_handovers_manifest")
        ),
        sa.CheckConstraint("offered_at < valid_until", name=op.f("ck_handovers_validity")),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_handovers_county_code")),
        sa.ForeignKeyConstraint(["offered_by_id"], ["accounts.id"], name=op.f("fk_handovers_offered_by_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["accounts.id"], name=op.f("fk_handovers_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("code", name=op.f("uq_handovers_code")),
        sa.UniqueConstraint("number", name=op.f("uq_handovers_number")),
    )
    op.create_index("ix_handovers_giver", "handovers", ["giver"])
    op.create_index("ix_handovers_taker", "handovers", ["taker"])
    op.create_foreign_key(op.f("fk_devices_handover_id"), "devices", "handovers", ["handover_id"], ["id"])
    op.create_table(
        "handover_lines",
        sa.Column("handover_id", sa.UUID(), nullable=False),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("weight_grams", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_handover_lines_handover_id")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_handover_lines_device_id")),
        sa.PrimaryKeyConstraint("handover_id", "device_id", name=op.f("pk_handover_lines")),
    )
    op.create_index("ix_handover_lines_device_id", "handover_lines", ["device_id"])
    op.create_table(
        "resales",
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("recycler_id", sa.UUID(), nullable=False),
        sa.Column("sold_by_id", sa.UUID(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=False),
        sa.Column("grade", _one_of("devicegrade", *GRADES), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("warranty_months", sa.BigInteger(), nullable=False),
        sa.Column("weight_grams", sa.BigInteger(), nullable=False),
        _moment("sold_at"),
        sa.CheckConstraint("price_fen > 0 AND weight_grams > 0", name=op.f("ck_resales_amounts")),
        sa.CheckConstraint("warranty_months >= 3", name=op.f("ck_resales_warranty")),
        sa.CheckConstraint("grade <> 'scrap'", name=op.f("ck_resales_not_scrap")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_resales_device_id")),
        sa.ForeignKeyConstraint(["recycler_id"], ["recyclers.id"], name=op.f("fk_resales_recycler_id")),
        sa.ForeignKeyConstraint(["sold_by_id"], ["accounts.id"], name=op.f("fk_resales_sold_by_id")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_resales")),
        sa.UniqueConstraint("number", name=op.f("uq_resales_number")),
    )
    op.create_index("ix_resales_recycler_id", "resales", ["recycler_id"])


def _belongs_to(table: str, before: str, after: str, target: str) -> None:
    """Name the thing that a row is about, and where it is found."""
    op.drop_constraint(op.f(f"fk_{table}_{before}"), table, type_="foreignkey")
    op.alter_column(table, before, new_column_name=after)
    op.create_foreign_key(op.f(f"fk_{table}_{after}"), table, target, [after], ["id"])


def _open_chains() -> None:
    """One more row for everything there is, saying who holds it: chained to what was written before."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT d.id, d.holder, d.weight_grams, coalesce(o.state, t.state) AS state,"
            " coalesce(o.state_since, t.confirmed_at, t.collected_at, t.created_at) AS at, e.seq, e.hash,"
            " coalesce(h.holder, 'consumer') AS before"
            " FROM devices d LEFT JOIN recycling_orders o ON o.id = d.id LEFT JOIN trade_ins t ON t.id = d.id"
            " LEFT JOIN LATERAL (SELECT seq, hash FROM custody_events WHERE device_id = d.id"
            "  ORDER BY seq DESC LIMIT 1) e ON true"
            " LEFT JOIN LATERAL (SELECT details->>'holder' AS holder FROM custody_events"
            "  WHERE device_id = d.id AND details ? 'holder' ORDER BY seq DESC LIMIT 1) h ON true"
        )
    ).mappings()
    for values in _first_holders([dict(row) for row in rows]):
        connection.execute(
            sa.text(
                "INSERT INTO custody_events (device_id, seq, state, by, details, happened_at, hash)"
                " VALUES (:id, :seq, :state, 'market', CAST(:details AS jsonb), :at, :hash)"
            ),
            values,
        )


def _first_holders(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        details = {"taken_over": True}
        if row["holder"] != row["before"]:
            details |= {"from": row["before"], "holder": row["holder"]}
        if row["weight_grams"]:
            details["weight_grams"] = row["weight_grams"]
        seq = 0 if row["seq"] is None else row["seq"] + 1
        hashed = {
            "order": str(row["id"]), "seq": seq, "state": row["state"], "by": "market", "details": details,
            "at": row["at"].astimezone(UTC).isoformat(),
        }  # fmt: skip
        text = json.dumps(hashed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        chained = hashlib.sha256(f"{row['hash'] or '0' * 64}\n{text}".encode()).hexdigest()
        known = {"id": row["id"], "seq": seq, "state": row["state"], "at": row["at"]}
        yield known | {"details": json.dumps(details), "hash": chained}


def upgrade() -> None:
    op.add_column(
        "recyclers",
        sa.Column(
            "kind", _one_of("recyclerkind", "collector", "dismantler"), nullable=False,
            server_default="collector",
        ),
    )  # fmt: skip
    op.alter_column("recyclers", "kind", server_default=None)
    op.add_column("trade_ins", sa.Column("grade", _one_of("devicegrade", *GRADES), nullable=True))
    _trade_in_checks(TRADE_IN_STATES, TAKEN_OVER)
    _make_devices()
    _make_documents()
    op.drop_constraint(op.f("ck_custody_events_recyclingstate"), "custody_events", type_="check")
    op.alter_column("custody_events", "state", type_=sa.Text(), existing_type=sa.String(32))
    _belongs_to("custody_events", "order_id", "device_id", "devices")
    _belongs_to("wipe_certificates", "order_id", "device_id", "devices")
    _open_chains()
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION custody_keep_as_written()"
        )
    op.execute(
        "CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON handovers FOR EACH ROW"
        " WHEN (OLD.state <> 'open') EXECUTE FUNCTION custody_keep_as_written()"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE custody_events DISABLE TRIGGER keep_as_written")
    op.execute("DROP TRIGGER keep_as_written ON wipe_certificates")
    for table in ("custody_events", "wipe_certificates"):
        op.execute(f"DELETE FROM {table} WHERE device_id IN (SELECT id FROM trade_ins)")  # noqa: S608
        _belongs_to(table, "device_id", "order_id", "recycling_orders")
    op.execute("ALTER TABLE custody_events ENABLE TRIGGER keep_as_written")
    op.alter_column(
        "custody_events", "state", type_=sa.String(32), existing_type=sa.Text(), existing_nullable=False
    )
    allowed = ", ".join(f"'{state}'" for state in ORDER_STATES)
    op.create_check_constraint(
        op.f("ck_custody_events_recyclingstate"), "custody_events", f"state IN ({allowed})"
    )
    op.drop_table("resales")
    op.drop_table("handover_lines")
    op.drop_constraint(op.f("fk_devices_handover_id"), "devices", type_="foreignkey")
    op.drop_table("handovers")
    op.drop_table("devices")
    op.execute(
        "UPDATE trade_ins SET state = 'confirmed' WHERE state IN ('wiped', 'graded', 'resold', 'dismantled')"
    )
    _trade_in_checks(STATES_BEFORE, "'confirmed'")
    op.drop_column("trade_ins", "grade")
    op.drop_column("recyclers", "kind")
