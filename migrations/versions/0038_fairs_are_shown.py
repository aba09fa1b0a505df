"""The home page shows fairs, so changes of them count."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# How many came to a stop is counted by the minute and shown nowhere that is kept.
SHOWN = {"fairs": "UPDATE", "fair_stops": "UPDATE OF fair_id, region_code, venue, starts_at, ends_at"}


def upgrade() -> None:
    for table, update in SHOWN.items():
        op.execute(
            f"CREATE TRIGGER count_shown_change AFTER INSERT OR {update} OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION count_shown_change()"
        )


def downgrade() -> None:
    for table in SHOWN:
        op.execute(f"DROP TRIGGER count_shown_change ON {table}")
