"""Whose work is waiting, and on which page: asked of the tables, so that what was begun also gets on."""

from functools import cache
from random import Random

from sqlalchemy import Engine, TextClause, text

_COUNTY = "JOIN county_staff w ON w.county_code = t.county_code"
_SHOP = "JOIN shop_staff w ON w.shop_id = t.shop_id"
_RECYCLER = "JOIN recycler_staff w ON w.recycler_id = t.recycler_id"
_OWN = "JOIN accounts w ON w.id = t.account_id"
_STOPS = """stops t JOIN runs r ON r.id = t.run_id JOIN couriers c ON c.id = r.courier_id
    JOIN accounts w ON w.id = c.account_id"""
_HERS = "JOIN orders o ON o.id = t.order_id JOIN accounts w ON w.id = o.account_id"
# Where something waits: the rows `t`, with whose they are as `w`; which of them wait; and the page.
_CART = "carts t JOIN accounts w ON w.id = t.account_id JOIN cart_lines l ON l.cart_id = t.id"
TASKS: dict[str, tuple[str, str, str]] = {
    "cart to take along": (_CART, "true", "/checkout/delivery"),
    "cart to pay for": (_CART, "true", "/checkout/payment"),
    "cart to order": (_CART, "true", "/checkout"),
    "order to pack": (f"shop_orders t {_SHOP}", "t.state IN ('placed', 'confirmed')", "/shop/orders/{}"),
    "goods at the hub": (
        f"shop_orders s JOIN orders t ON t.id = s.order_id {_COUNTY}",
        "s.state IN ('handed_over', 'refused')",
        "/county/hub",
    ),
    "plan to release": (f"batches t {_COUNTY}", "t.state = 'planned'", "/county/batches/{}"),
    "run to start": (
        "runs t JOIN couriers c ON c.id = t.courier_id JOIN accounts w ON w.id = c.account_id",
        "t.state = 'released'",
        "/courier/",
    ),
    "stop to serve": (_STOPS, "t.state = 'pending' AND r.state = 'underway'", "/courier/stops/{}"),
    "goods with a keeper": (
        "kept k JOIN jobs t ON t.id = k.job_id JOIN station_keepers w ON w.station_id = k.station_id",
        "k.ended_at IS NULL",
        "/station",
    ),
    "thing in use": (f"shop_orders t {_HERS}", "t.state = 'delivered'", "/orders/{order}"),
    "piece in use": (
        "order_lines t JOIN shop_orders s ON s.id = t.shop_order_id JOIN orders o ON o.id = s.order_id"
        " JOIN accounts w ON w.id = o.account_id",
        "s.state = 'delivered' AND NOT EXISTS (SELECT FROM return_requests r WHERE r.order_line_id = t.id)",
        "/orders/lines/{}/help",
    ),
    "return at the shop": (
        f"return_requests t {_SHOP}",
        "t.state IN ('requested', 'approved', 'collected', 'received', 'exchanging')",
        "/shop/returns/{}",
    ),
    "return at the county": (
        f"return_requests t {_COUNTY}",
        "t.state IN ('disputed', 'collected', 'going_home')",
        "/county/returns",
    ),
    "return of hers": (f"return_requests t {_OWN}", "t.state IN ('refused', 'exchanging')", "/returns/{}"),
    "refund to decide": (
        "refunds r JOIN shop_orders p ON p.id = r.shop_order_id JOIN orders t ON t.id = p.order_id"
        f" {_COUNTY}",
        "r.state IN ('requested', 'approved')",
        "/county/refunds",
    ),
    "repair": (
        f"repairs t {_COUNTY}",
        "t.state NOT IN ('home', 'replaced', 'withdrawn')",
        "/county/repairs/{}",
    ),
    "repair quoted": (f"repairs t {_OWN}", "t.state = 'quoted'", "/repairs/{}"),
    "recall": (f"recalls t {_COUNTY}", "t.state NOT IN ('closed', 'dismissed')", "/county/recalls/{}"),
    "recalled piece": (
        f"recall_units t {_COUNTY}",
        "t.account_id IS NOT NULL AND t.state IN ('told', 'reached', 'chosen')",
        "/county/recalls/units/{}",
    ),
    "recalled piece of hers": (f"recall_units t {_OWN}", "t.state IN ('told', 'reached')", "/recalls/{}"),
    "shelf to look at": (f"recall_shelf_checks t {_SHOP}", "t.answered_at IS NULL", "/shop/recalls"),
    "old thing to settle": (
        f"trade_ins t {_COUNTY}",
        "t.state IN ('disputed', 'unanswered', 'going_home')",
        "/county/trade-ins",
    ),
    "old thing to answer": (
        f"trade_ins t {_OWN}",
        "t.state IN ('reoffer', 'not_handed_in')",
        "/trade-ins/{}",
    ),
    "old thing to assess": (
        f"trade_ins t {_RECYCLER}",
        "t.state = 'collected'",
        "/recycler/trade-ins/{}",
    ),
    "parcel": (
        f"recycling_orders t {_RECYCLER}",
        "t.state IN ('in_transit', 'received', 'inspecting', 'rejected', 'auto_return', 'return_shipping',"
        " 'return_refused')",
        "/recycler/parcels/{}",
    ),
    "thing that is sent in": (
        f"recycling_orders t {_OWN}",
        "t.state IN ('quoted', 'label_issued', 'locked_device', 'reoffer', 'return_shipping',"
        " 'return_refused')",
        "/recycle/{}",
    ),
    "stock": (
        f"recycling_orders t {_RECYCLER}",
        "t.state IN ('paid', 'wiped', 'graded')",
        "/recycler/stock",
    ),
    "load that has come": (f"transfers t {_RECYCLER}", "t.state = 'collected'", "/recycler/arrivals"),
    "old thing on the truck": (
        "devices t JOIN couriers w ON t.holder = 'courier:' || w.id",
        "true",
        "/custody",
    ),
    "old thing at the hub": (
        "devices t JOIN county_staff w ON t.holder = 'hub:' || w.county_code",
        "true",
        "/custody",
    ),
    "inspection": (f"inspections t {_COUNTY}", "t.state <> 'closed'", "/county/inspections/{}"),
}  # fmt: skip


class Tasks:
    """What waits in a life, each kind as likely as any other."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def pick(self, chance: Random) -> tuple[str, str] | None:
        """The account of somebody whose work waits, and the page that it waits on."""
        with self.engine.connect() as connection:
            for kind in chance.sample(sorted(TASKS), len(TASKS)):
                found = connection.execute(_query(kind)).all()
                if found:
                    account_id, path = chance.choice(found)
                    return str(account_id), str(path)
        return None


@cache
def _query(kind: str) -> TextClause:
    """Accounts and pages, the newest rows first."""
    rows, waits, path = TASKS[kind]
    account = "w.id" if "JOIN accounts w" in rows else "w.account_id"
    id_ = "t.order_id" if "{order}" in path else "t.id"
    before, found, after = path.replace("{order}", "{}").partition("{}")
    page = f"'{before}' || {id_} || '{after}'" if found else f"'{path}'"
    return text(f"SELECT DISTINCT {account}, {page} FROM {rows} WHERE {waits} ORDER BY 2 DESC, 1 LIMIT 40")
