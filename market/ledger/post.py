"""Write entries: posted at once, or held and then posted or voided."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.ledger.models import Entry, LedgerAccount, Phase, Posting
from market.ledger.rules import Account, Line, Side, Unit, reversed_lines, well_formed

# An entry with its accounts and postings, in one statement: much of what the market does waits for one.
_ENTRY = text("""
WITH entry AS (
  INSERT INTO ledger_entries (id, kind, reference, key, phase, resolves_id, occurred_at, created_at)
  VALUES (:id, :kind, :reference, :key, :phase, :resolves_id, :occurred_at, :created_at)
  ON CONFLICT DO NOTHING RETURNING id
), opened AS (
  INSERT INTO ledger_accounts (code, unit, normal_side)
  SELECT account.* FROM entry, unnest(:codes ::text[], :units ::text[], :sides ::text[]) AS account
  ON CONFLICT DO NOTHING
), posted AS (
  INSERT INTO ledger_postings (entry_id, line, account_code, amount)
  SELECT entry.id, posting.line - 1, posting.account_code, posting.amount
    FROM entry, unnest(:accounts ::text[], :amounts ::bigint[])
         WITH ORDINALITY AS posting (account_code, amount, line)
)
SELECT id FROM entry
""")


def post(
    session: Session,
    kind: str,
    reference: str,
    key: str,
    lines: Iterable[Line],
    now: datetime,
    *,
    occurred_at: datetime | None = None,
) -> bool:
    """Post `lines` as one entry. False, and nothing written, where `key` was used or all lines are zero.

    Raises ValueError where the lines do not sum to zero in each unit.
    """
    return (
        _write(session, Phase.posted, kind, reference, key, lines, now, occurred_at=occurred_at) is not None
    )


def reverse(session: Session, key: str, now: datetime) -> bool:
    """Undo the posted entry of `key` by its mirror image: a mistake is never edited. False the second time.

    Raises NoResultFound where no such entry is posted.
    """
    wrong = session.execute(select(Entry).where(Entry.key == key, Entry.phase == Phase.posted)).scalar_one()
    lines = reversed_lines(_lines_of(session, wrong))
    return post(session, f"{wrong.kind}.reversed", wrong.reference, f"{key}:reversed", lines, now)


def hold(
    session: Session, kind: str, reference: str, key: str, lines: Iterable[Line], now: datetime
) -> uuid.UUID:
    """Hold `lines`: they count in no balance until `post_hold`. The same key gives the same hold."""
    entry_id = _write(session, Phase.pending, kind, reference, key, lines, now)
    return entry_id or session.execute(select(Entry.id).where(Entry.key == key)).scalar_one()


def post_hold(session: Session, hold_key: str, now: datetime) -> bool:
    """Post the hold of `hold_key` in full. False where it was resolved before."""
    held = _held(session, hold_key)
    lines = _lines_of(session, held)
    key = f"{hold_key}:resolved"
    return (
        _write(session, Phase.posted, held.kind, held.reference, key, lines, now, resolves_id=held.id)
        is not None
    )


def void_hold(session: Session, hold_key: str, now: datetime) -> bool:
    """Let the hold of `hold_key` go. False where it was resolved before."""
    held = _held(session, hold_key)
    key = f"{hold_key}:resolved"
    return (
        _write(session, Phase.void, held.kind, held.reference, key, [], now, resolves_id=held.id) is not None
    )


def _lines_of(session: Session, entry: Entry) -> list[Line]:
    rows = session.execute(
        select(Posting, LedgerAccount)
        .join(LedgerAccount, LedgerAccount.code == Posting.account_code)
        .where(Posting.entry_id == entry.id)
        .order_by(Posting.line)
    )
    return [
        Line(Account(account.code, Unit(account.unit), Side(account.normal_side)), posting.amount)
        for posting, account in rows
    ]


def _held(session: Session, hold_key: str) -> Entry:
    return session.execute(
        select(Entry).where(Entry.key == hold_key, Entry.phase == Phase.pending)
    ).scalar_one()


def _write(
    session: Session,
    phase: Phase,
    kind: str,
    reference: str,
    key: str,
    lines: Iterable[Line],
    now: datetime,
    *,
    occurred_at: datetime | None = None,
    resolves_id: uuid.UUID | None = None,
) -> uuid.UUID | None:
    """The new entry's id, or None where the key (or the hold's resolution) was taken."""
    kept = well_formed(lines)
    if not kept and phase is not Phase.void:
        return None
    # Accounts are opened in the order of their codes, so that two entries never wait on each other.
    accounts = sorted({line.account for line in kept}, key=lambda account: account.code)
    row = {
        "id": new_id(),
        "kind": kind,
        "reference": reference,
        "key": key,
        "phase": phase.value,
        "resolves_id": resolves_id,
        "occurred_at": occurred_at or now,
        "created_at": now,
        "codes": [account.code for account in accounts],
        "units": [account.unit.value for account in accounts],
        "sides": [account.normal_side.value for account in accounts],
        "accounts": [line.account.code for line in kept],
        "amounts": [line.amount for line in kept],
    }
    session.flush()  # what the caller changed before stands before the entry
    entry_id: uuid.UUID | None = session.connection().execute(_ENTRY, row).scalar_one_or_none()
    return entry_id
