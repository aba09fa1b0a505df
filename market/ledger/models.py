"""Accounts, entries and postings. The application's role may insert and read them, nothing else."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.ledger.rules import Side, Unit


class Phase(StrEnum):
    posted = "posted"
    pending = "pending"
    void = "void"


class LedgerAccount(Base):
    """An account of the book; its code is its name (``shop:…:pending``)."""

    __tablename__ = "ledger_accounts"

    code: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[Unit]
    normal_side: Mapped[Side]


class Entry(Base):
    """Postings that belong together. A `void` entry has none and resolves a pending one."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("(phase = 'void') <= (resolves_id IS NOT NULL)", name="void_resolves"),
        CheckConstraint("phase <> 'pending' OR resolves_id IS NULL", name="pending_resolves_nothing"),
        Index("ix_ledger_entries_reference", "reference"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    reference: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    phase: Mapped[Phase]
    resolves_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ledger_entries.id"), unique=True)
    occurred_at: Mapped[datetime]
    created_at: Mapped[datetime]


class Posting(Base):
    """`amount` in the account's unit: positive debits, negative credits."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="not_zero"),
        Index("ix_ledger_postings_account_code", "account_code", postgresql_include=["amount", "entry_id"]),
    )

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    account_code: Mapped[str] = mapped_column(ForeignKey("ledger_accounts.code"))
    amount: Mapped[int]


# The last line of defence: whatever code wrote the rows, a commit that leaves an entry unbalanced fails.
BALANCE_FUNCTION = DDL("""
CREATE FUNCTION ledger_entry_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  broken record;
BEGIN
  SELECT a.unit, sum(p.amount) AS total INTO broken
    FROM ledger_postings p JOIN ledger_accounts a ON a.code = p.account_code
   WHERE p.entry_id = NEW.entry_id GROUP BY a.unit HAVING sum(p.amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger entry %% is off by %% %%', NEW.entry_id, broken.total, broken.unit
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
""")
BALANCE_TRIGGER = DDL("""
CREATE CONSTRAINT TRIGGER ledger_entry_must_balance AFTER INSERT ON ledger_postings
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_must_balance()
""")
POSTINGS_FUNCTION = DDL("""
CREATE FUNCTION ledger_entry_must_have_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.phase <> 'void' AND NOT EXISTS (SELECT FROM ledger_postings WHERE entry_id = NEW.id) THEN
    RAISE EXCEPTION 'ledger entry %% has no postings', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
""")
POSTINGS_TRIGGER = DDL("""
CREATE CONSTRAINT TRIGGER ledger_entry_must_have_postings AFTER INSERT ON ledger_entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_must_have_postings()
""")
AUDIT_VIEW = DDL("""
CREATE VIEW audit_postings AS
SELECT p.entry_id, p.account_code AS account, a.unit, p.amount, e.created_at, e.reference
  FROM ledger_postings p
  JOIN ledger_entries e ON e.id = p.entry_id
  JOIN ledger_accounts a ON a.code = p.account_code
 WHERE e.phase = 'posted'
""")
for statement in (BALANCE_FUNCTION, BALANCE_TRIGGER, POSTINGS_FUNCTION, POSTINGS_TRIGGER, AUDIT_VIEW):
    event.listen(Posting.__table__, "after_create", statement)
event.listen(Posting.__table__, "before_drop", DDL("DROP VIEW IF EXISTS audit_postings"))
event.listen(
    Posting.__table__, "after_drop", DDL("DROP FUNCTION IF EXISTS ledger_entry_must_balance() CASCADE")
)
event.listen(
    Posting.__table__,
    "after_drop",
    DDL("DROP FUNCTION IF EXISTS ledger_entry_must_have_postings() CASCADE"),
)
