"""A commit that leaves a ledger entry without postings fails, like one that leaves it unbalanced."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION ledger_entry_must_have_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.phase <> 'void' AND NOT EXISTS (SELECT FROM ledger_postings WHERE entry_id = NEW.id) THEN
    RAISE EXCEPTION 'ledger entry % has no postings', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
TRIGGER = """
CREATE CONSTRAINT TRIGGER ledger_entry_must_have_postings AFTER INSERT ON ledger_entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_must_have_postings()
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER ledger_entry_must_have_postings ON ledger_entries")
    op.execute("DROP FUNCTION ledger_entry_must_have_postings()")
