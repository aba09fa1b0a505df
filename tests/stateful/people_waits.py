"""Where work waits in the tables: whose it is, on which page, and what is written on the paper before her."""

_COUNTY = "JOIN county_staff w ON w.county_code = t.county_code"
_SHOP = "JOIN shop_staff w ON w.shop_id = t.shop_id"
_RECYCLER = "JOIN recycler_staff w ON w.recycler_id = t.recycler_id"
_OWN = "JOIN accounts w ON w.id = t.account_id"
_COURIER = "JOIN couriers c ON c.id = {} JOIN accounts w ON w.id = c.account_id"
_STOPS = f"stops t JOIN runs r ON r.id = t.run_id {_COURIER.format('r.courier_id')}"
_HERS = "JOIN orders o ON o.id = t.order_id JOIN accounts w ON w.id = o.account_id"
_BOUGHT = """order_lines t JOIN shop_orders s ON s.id = t.shop_order_id JOIN orders o ON o.id = s.order_id
    JOIN accounts w ON w.id = o.account_id"""
_UNTOUCHED = """s.state = 'delivered'
    AND NOT EXISTS (SELECT FROM return_requests r WHERE r.order_line_id = t.id)
    AND NOT EXISTS (SELECT FROM repairs r WHERE r.order_line_id = t.id)"""
_YUAN = "to_char({} / 100.0, 'FM999999990.00')"
# Where something waits: the rows `t`, with whose they are as `w`; which of them wait; and the page. Where it
# has one, last what she reads there who does it, and types.
_CART = """carts t JOIN accounts w ON w.id = t.account_id JOIN cart_lines l ON l.cart_id = t.id
    JOIN addresses a ON a.account_id = w.id"""
_RECALLS = "(SELECT count(*) FROM recalls)"
TASKS: dict[str, tuple[str, ...]] = {
    "cart to take along": (_CART, "true", "/checkout/delivery"),
    "cart to pay for": (_CART, "true", "/checkout/payment"),
    "order to pay": (
        f"orders t {_OWN}",
        "t.payment_state = 'due' AND t.payment_method = 'stripe' AND t.state = 'placed'",
        "/orders/{}",
    ),
    "due to pay": (
        "trade_in_dues d JOIN trade_ins t ON t.id = d.trade_in_id JOIN accounts w ON w.id = t.account_id",
        "d.state = 'open'",
        "/trade-ins/{}",
    ),
    "order back at the shop": (f"shop_orders t {_SHOP}", "t.state = 'returned_to_hub'", "/shop/orders/{}"),
    "order to pack": (f"shop_orders t {_SHOP}", "t.state IN ('placed', 'confirmed')", "/shop/orders/{}"),
    "goods at the hub": (
        f"shop_orders s JOIN orders t ON t.id = s.order_id {_COUNTY}",
        "s.state IN ('handed_over', 'refused')",
        "/county/hub",
    ),
    "plan to release": (f"batches t {_COUNTY}", "t.state = 'planned'", "/county/batches/{}"),
    "run to start": (f"runs t {_COURIER.format('t.courier_id')}", "t.state = 'released'", "/courier/"),
    "stop to serve": (_STOPS, "t.state = 'pending' AND r.state = 'underway'", "/courier/stops/{}"),
    "goods with a keeper": (
        "kept k JOIN jobs t ON t.id = k.job_id JOIN station_keepers w ON w.station_id = k.station_id",
        "k.ended_at IS NULL",
        "/station",
        "jsonb_build_object('code', t.pickup_code)",
    ),
    "cash in the bag": (
        f"cash_collections t {_COURIER.format('t.courier_id')}"
        " LEFT JOIN cash_hand_ins h ON h.id = t.hand_in_id",
        "h.id IS NULL OR h.state = 'open'",
        "/courier/cash",
    ),
    "cash at the counter": (
        f"cash_hand_ins t {_COUNTY}",
        "t.state = 'open' AND t.wrong_tries < 5",
        "/county/cash",
        f"jsonb_build_object('counted_fen', {_YUAN.format('t.expected_fen')})",
    ),
    "cash to bank": (
        f"cash_hand_ins t {_COUNTY}",
        "t.state = 'received' AND t.deposit_id IS NULL",
        "/county/cash",
        f"jsonb_build_object('hand_ins', t.id, 'amount_fen', {_YUAN.format('t.counted_fen')})",
    ),
    "cash that differed": (f"cash_breaks t {_COUNTY}", "t.state = 'open'", "/county/cash"),
    "sheet to approve": (
        f"settlement_sheets t {_COUNTY}",
        "t.state IN ('drawn_up', 'checked')",
        "/county/settlements/{}",
    ),
    "shop to pay": (
        f"settlement_sheets t {_COUNTY}",
        "t.state = 'payable'",
        "/county/settlements",
    ),
    "account to tell": (
        f"settlement_sheets t {_SHOP}",
        "NOT EXISTS (SELECT FROM shop_bank_accounts b WHERE b.shop_id = t.shop_id)",
        "/shop/settlements",
    ),
    "statement to be paid": (f"recycler_statements t {_COUNTY}", "t.state = 'due'", "/county/statements"),
    "thing in use": (f"shop_orders t {_HERS}", "t.state = 'delivered'", "/orders/{order_id}"),
    "piece not wanted": (_BOUGHT, _UNTOUCHED, "/orders/lines/{}/return/no_reason/refund"),
    "piece to change": (_BOUGHT, _UNTOUCHED, "/orders/lines/{}/return/fault/exchange"),
    "piece with a scratch": (_BOUGHT, _UNTOUCHED, "/orders/lines/{}/return/damaged/price_cut"),
    "piece that is missing": (_BOUGHT, _UNTOUCHED, "/orders/lines/{}/return/missing/refund"),
    "piece to mend": (_BOUGHT, _UNTOUCHED, "/orders/lines/{}/repair"),
    "piece mended badly": (
        _BOUGHT,
        "EXISTS (SELECT FROM repairs r WHERE r.order_line_id = t.id AND r.state = 'home')",
        "/orders/lines/{}/repair",
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
        f"refunds t {_COUNTY}",
        "t.state IN ('requested', 'failed') OR (t.state = 'approved' AND t.payment_id IS NULL)",
        "/county/refunds",
    ),
    "repair": (
        f"repairs t {_COUNTY}",
        "t.state NOT IN ('home', 'replaced', 'withdrawn')",
        "/county/repairs/{}",
    ),
    "repair quoted": (f"repairs t {_OWN}", "t.state = 'quoted'", "/repairs/{}"),
    "news of a danger": (
        "order_lines l JOIN shop_orders s ON s.id = l.shop_order_id JOIN orders o ON o.id = s.order_id"
        " JOIN listings g ON g.id = l.listing_id JOIN products t ON t.id = g.product_id"
        " JOIN county_staff w ON w.county_code = o.county_code",
        "s.state IN ('placed', 'confirmed', 'delivered') AND NOT EXISTS"
        f" (SELECT FROM recalls r WHERE r.product_id = t.id) AND {_RECALLS} < 4",
        "/county/recalls/declare/{}",
    ),
    "recall": (f"recalls t {_COUNTY}", "t.state NOT IN ('closed', 'dismissed')", "/county/recalls/{}"),
    "recalled piece": (
        f"recall_units t {_COUNTY}",
        "t.account_id IS NOT NULL AND t.state IN ('told', 'reached', 'chosen')",
        "/county/recalls/units/{}",
    ),
    "thing that was stopped": (
        f"stopped_sales d JOIN shop_orders t ON t.id = d.shop_order_id {_HERS}",
        "d.state = 'money'",
        "/orders/{order_id}",
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
    "parcel that is lost": (
        f"recycling_orders t {_COUNTY}",
        "t.state = 'lost_in_transit'",
        "/county/mail-in",
    ),
    "thing to sign for": (
        "handovers t JOIN recycler_staff w ON t.taker = t.taker_role::text || ':' || w.recycler_id",
        "t.state = 'open'",
        "/custody/take?code={code}",
    ),
    "thing to sign for at the hub": (
        f"handovers t {_COUNTY}",
        "t.state = 'open' AND t.taker_role = 'hub'",
        "/custody/take?code={code}",
    ),
    "thing to sign for at the door": (
        "handovers t JOIN couriers c ON c.county_code = t.county_code JOIN accounts w ON w.id = c.account_id",
        "t.state = 'open' AND t.taker_role = 'courier'",
        "/custody/take?code={code}",
    ),
    "thing to hand on": (
        "devices t JOIN recycler_staff w ON t.holder = 'recycler:' || w.recycler_id",
        "t.handover_id IS NULL",
        "/custody",
    ),
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
