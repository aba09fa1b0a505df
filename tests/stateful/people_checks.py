"""What must hold after every move and at the end of every life, worked out without the code under test."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from market import audit
from tests.stateful.people_states import follows, reach, tables

NEW_STATES = "SELECT n, thing, id, was, now FROM walk_states WHERE n > :after ORDER BY n"
# Sums of what was posted since, by entry and unit; and tenders against totals.
UNEVEN = {
    "entry": """
        SELECT p.entry_id FROM ledger_postings p JOIN ledger_accounts a ON a.code = p.account_code
        WHERE p.entry_id IN (SELECT id FROM ledger_entries WHERE id > CAST(:after_entry AS uuid))
        GROUP BY p.entry_id, a.unit HAVING sum(p.amount) <> 0""",
}
# Each of these is a credit that somebody would have had twice.
TWICE = {
    "recycling order credited twice": """
        SELECT reference FROM ledger_entries
        WHERE kind = 'recycling.owed' GROUP BY reference HAVING count(*) > 1""",
    "bank transfer booked twice": """
        SELECT reference FROM ledger_entries
        WHERE kind = 'recycling.transferred' GROUP BY reference HAVING count(*) > 1""",
    "order credited both in points and in yuan": """
        SELECT b.order_id FROM recycling_bank_payouts b
        JOIN points_lots l ON l.reference = 'recycling:' || b.order_id WHERE b.amount_fen IS NOT NULL""",
    "recycling order credited something else than what stands in it": """
        SELECT o.id FROM recycling_orders o
        LEFT JOIN points_lots l ON l.reference = 'recycling:' || o.id
        LEFT JOIN recycling_bank_payouts b ON b.order_id = o.id AND b.paid_at IS NOT NULL
        WHERE coalesce(o.paid_fen, 0) <> coalesce(l.points * 1, 0) + coalesce(b.amount_fen, 0)""",
    "credited though it never was accepted": """
        SELECT o.id FROM recycling_orders o JOIN ledger_entries e ON e.reference = 'recycling:' || o.id
        WHERE e.kind = 'recycling.owed' AND o.state IN ('draft', 'quoted', 'label_issued', 'awaiting_pickup',
        'in_transit', 'received', 'inspecting', 'reoffer', 'locked_device', 'rejected', 'auto_return',
        'return_shipping', 'returned', 'cancelled', 'expired', 'hazard_hold')""",
    "more given back than was paid for a line": """
        SELECT l.order_line_id FROM refund_lines l JOIN refunds r ON r.id = l.refund_id
        JOIN order_lines o ON o.id = l.order_line_id WHERE r.state NOT IN ('rejected', 'failed')
        GROUP BY l.order_line_id, o.quantity HAVING sum(l.quantity) > o.quantity""",
    "two refunds alive for one return": """
        SELECT rr.id FROM return_requests rr WHERE rr.state = 'refunded' AND rr.refund_id IS NULL""",
    "a refund paid out twice": """
        SELECT reference FROM ledger_entries WHERE kind LIKE 'refund%paid%' GROUP BY kind, reference
        HAVING count(*) > 1""",
    "a device in two ends": """
        SELECT d.id FROM devices d JOIN resales s ON s.device_id = d.id
        JOIN handover_lines hl ON hl.device_id = d.id JOIN handovers h ON h.id = hl.handover_id
        WHERE h.state = 'taken' AND h.taker_role = 'dismantler'""",
    "resold without a wipe": """
        SELECT s.device_id FROM resales s JOIN devices d ON d.id = s.device_id
        LEFT JOIN wipe_certificates w ON w.device_id = d.id
        WHERE w.device_id IS NULL AND d.category_code IN
        (SELECT category_code FROM recycling_prices WHERE (prices ->> 'holds_data')::boolean)""",
}
# Count and gram of all that any recycler ever held, from custody alone, against where the things are now.
MASS = """
    WITH came AS (
        SELECT DISTINCT e.device_id, e.details ->> 'holder' AS recycler FROM custody_events e
        WHERE e.details ->> 'holder' LIKE 'recycler:%'),
    last AS (
        SELECT DISTINCT ON (device_id) device_id, details ->> 'holder' AS holder FROM custody_events
        WHERE details ? 'holder' ORDER BY device_id, seq DESC)
    SELECT d.code FROM devices d JOIN last ON last.device_id = d.id WHERE last.holder <> d.holder
    UNION ALL
    SELECT d.code FROM came JOIN devices d ON d.id = came.device_id
    WHERE split_part(d.holder, ':', 1) NOT IN
        ('recycler', 'buyer', 'dismantler', 'post', 'hub', 'consumer', 'courier')
"""

# What rooms wrote down themselves, move by move: each follows the one before it directly, and the last is
# what the thing is now.
HISTORIES = {
    "recycling_orders.state": """
        SELECT o.id, e.state, o.state FROM custody_events e JOIN recycling_orders o ON o.id = e.device_id
        ORDER BY e.device_id, e.seq""",
    "trade_ins.state": """
        SELECT t.id, e.state, t.state FROM custody_events e JOIN trade_ins t ON t.id = e.device_id
        ORDER BY e.device_id, e.seq""",
    "return_requests.state": """
        SELECT r.id, s.state, r.state FROM aftersales_steps s
        JOIN return_requests r ON s.reference = 'return:' || r.id ORDER BY r.id, s.id""",
    "repairs.state": """
        SELECT r.id, s.state, r.state FROM aftersales_steps s
        JOIN repairs r ON s.reference = 'repair:' || r.id ORDER BY r.id, s.id""",
    "shop_orders.state": """
        SELECT o.id, s.state, o.state FROM shop_order_steps s JOIN shop_orders o ON o.id = s.shop_order_id
        ORDER BY o.id, s.id""",
    "recalls.state": """
        SELECT r.id, s.state, r.state FROM recall_steps s JOIN recalls r ON r.id = s.recall_id
        ORDER BY r.id, s.id""",
}


def illegal(connection: Connection) -> Iterator[tuple[str, Any]]:
    """Moves in the rooms' histories that their state tables do not have, and histories that end elsewhere."""
    for name, query in HISTORIES.items():
        for id_, steps in groupby(connection.execute(text(query)), itemgetter(0)):
            known = list(steps)
            states = [state for _, state, _ in known]
            for was, now in pairwise(states):
                if was != now and now not in follows(name, was):
                    yield name, (id_, was, now)
            if states[-1] != known[-1][2]:
                yield name, (id_, states, known[-1][2])


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
            for what, query in UNEVEN.items():
                rows = connection.execute(text(query), {"after_entry": self._entry}).all()
                assert not rows, (what, rows)
            self._entry = self._last_entry(connection)

    def audit(self, now: datetime) -> None:
        """Every book balances, and nothing was credited twice."""
        with Session(self.engine) as session:
            broken = [it for it in audit.run(session, now) if it.book != "outbox"]
            wrong = list(self._wrong(session.connection()))
        assert not broken, broken
        assert not wrong, wrong

    def _wrong(self, connection: Connection) -> Iterator[tuple[str, Any]]:
        for what, query in {**TWICE, "mass": MASS}.items():
            yield from ((what, row[0]) for row in connection.execute(text(query)))
        yield from illegal(connection)

    def _last_entry(self, connection: Connection) -> str:
        found = connection.scalar(text("SELECT id FROM ledger_entries ORDER BY id DESC LIMIT 1"))
        return str(found or "00000000-0000-0000-0000-000000000000")
