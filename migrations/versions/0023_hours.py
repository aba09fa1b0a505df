"""Hours: overtime, the crew's break, and the part of the day in which somebody is at home."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What the vehicles that are there get: 8 hours a day, and half an hour's break about noon.
OF_VEHICLES = (
    ("regular_seconds", sa.BigInteger(), "28800"),
    ("break_seconds", sa.BigInteger(), "1800"),
    ("break_earliest", sa.Time(), "11:00"),
    ("break_latest", sa.Time(), "13:30"),
)
WINDOWED = ("jobs", "orders")
CHECKS = (
    ("vehicles", "regular_hours", "regular_seconds BETWEEN 0 AND 28800"),
    ("vehicles", "break", "(break_seconds = 0 OR break_seconds >= 1200) AND break_earliest <= break_latest"),
    ("vehicle_types", "overtime", "fen_per_overtime_hour >= 0"),
    *((table, "window", "earliest < latest") for table in WINDOWED),
)


def upgrade() -> None:
    op.add_column(
        "vehicle_types",
        sa.Column("fen_per_overtime_hour", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.alter_column("vehicle_types", "fen_per_overtime_hour", server_default=None)
    op.execute("UPDATE vehicle_types SET fen_per_overtime_hour = fen_per_hour / 2")
    for name, kind, value in OF_VEHICLES:
        op.add_column("vehicles", sa.Column(name, kind, nullable=False, server_default=value))
        op.alter_column("vehicles", name, server_default=None)
    op.add_column("runs", sa.Column("break_at", sa.DateTime(timezone=True), nullable=True))
    for table in WINDOWED:
        op.add_column(table, sa.Column("earliest", sa.Time(), nullable=True))
        op.add_column(table, sa.Column("latest", sa.Time(), nullable=True))
    for table, name, rule in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def downgrade() -> None:
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for table in WINDOWED:
        op.drop_column(table, "latest")
        op.drop_column(table, "earliest")
    op.drop_column("runs", "break_at")
    for name, _, _ in OF_VEHICLES:
        op.drop_column("vehicles", name)
    op.drop_column("vehicle_types", "fen_per_overtime_hour")
