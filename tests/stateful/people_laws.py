"""What no walk may break, asked of the rows in SQL of its own: the code under test has no part in it."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, text

from tests.stateful.people_states import follows

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
    "a return settled without a refund": """
        SELECT id FROM return_requests WHERE state = 'refunded' AND refund_id IS NULL""",
    "a refund paid out twice": """
        SELECT reference FROM ledger_entries WHERE kind IN ('refund.succeeded', 'refund.bounced')
        GROUP BY reference
        HAVING sum(CASE kind WHEN 'refund.succeeded' THEN 1 ELSE -1 END) NOT BETWEEN 0 AND 1""",
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
# What came to each recycler, less what left it, is there now; and each thing is as heavy as the scale said.
MASS = {
    "mass balance, by count": """
        SELECT coalesce(m.party, s.party) FROM (
            SELECT party, sum(n) AS n FROM (
                SELECT details ->> 'holder' AS party, 1 AS n FROM custody_events
                UNION ALL SELECT details ->> 'from', -1 FROM custody_events) moves
            WHERE party LIKE 'recycler:%' GROUP BY party) m
        FULL JOIN (SELECT holder AS party, count(*) AS n FROM devices
            WHERE holder LIKE 'recycler:%' GROUP BY holder) s ON s.party = m.party
        WHERE coalesce(m.n, 0) <> coalesce(s.n, 0)""",
    "mass balance, by gram": """
        SELECT d.code FROM devices d JOIN (
            SELECT DISTINCT ON (device_id) device_id, (details ->> 'weight_grams')::bigint AS grams
            FROM custody_events WHERE details ? 'weight_grams' ORDER BY device_id, seq DESC) w
            ON w.device_id = d.id WHERE w.grams IS DISTINCT FROM d.weight_grams""",
}
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


def wrong(connection: Connection) -> Iterator[tuple[str, Any]]:
    """Everything that was credited twice, got lost, or went where its state table does not lead."""
    for what, query in {**TWICE, **MASS}.items():
        yield from ((what, row[0]) for row in connection.execute(text(query)))
    yield from illegal(connection)
