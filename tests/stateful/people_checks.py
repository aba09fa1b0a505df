"""What must hold after every move and at the end of every life, worked out without the code under test."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.orm import Session

from market import audit
from market.cash.models import BreakState, CashBreak
from tests.stateful.people_laws import wrong
from tests.stateful.people_states import reach, tables

NEW_STATES = "SELECT n, thing, id, was, now FROM walk_states WHERE n > :after ORDER BY n"
UNEVEN = """
    SELECT p.entry_id FROM ledger_postings p JOIN ledger_accounts a ON a.code = p.account_code
    WHERE p.entry_id IN (SELECT id FROM ledger_entries WHERE id > CAST(:after AS uuid))
    GROUP BY p.entry_id, a.unit HAVING sum(p.amount) <> 0
"""


class Watcher:
    """Follows a life: the states its things went through, and what no move may break."""

    def __init__(self, engine: Engine, reached: Counter[str]) -> None:
        self.engine, self.reached = engine, reached
        with engine.connect() as connection:
            self._after = connection.scalar(text("SELECT coalesce(max(n), 0) FROM walk_states"))
            self._entry = self._last_entry(connection)

    def after_a_move(self) -> None:
        """What changed: each state may follow the one before it, and each new entry is even."""
        with self.engine.connect() as connection:
            for n, thing, id_, was, now in connection.execute(text(NEW_STATES), {"after": self._after}):
                self._after = n
                self.reached[f"{thing} {now}"] += 1
                assert now in {state.value for state in tables()[thing]}, (thing, now)
                assert was is None or now in reach(thing, was), f"{thing} {id_}: {was} → {now}"
            uneven = connection.execute(text(UNEVEN), {"after": self._entry}).all()
            assert not uneven, uneven
            self._entry = self._last_entry(connection)

    def audit(self, now: datetime) -> None:
        """Every book balances, and nothing was credited twice."""
        with Session(self.engine) as session:
            # A difference that somebody counted and nobody resolved yet is what the audit is to say.
            open_ = select(CashBreak.reference).where(CashBreak.state == BreakState.open)
            counted = {("cash", reference) for reference in session.scalars(open_)}
            said = [it for it in audit.run(session, now) if it.book != "outbox"]
            broken = [it for it in said if (it.book, it.detail.partition(": expected")[0]) not in counted]
            found = list(wrong(session.connection()))
        assert not broken, broken
        assert not found, found

    def _last_entry(self, connection: Connection) -> str:
        found = connection.scalar(text("SELECT id FROM ledger_entries ORDER BY id DESC LIMIT 1"))
        return str(found or "00000000-0000-0000-0000-000000000000")
