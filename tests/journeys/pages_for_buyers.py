"""The pages of visitors and of consumers, and where each finds its arguments.

A row says who looks (several apart by spaces), the endpoint, and what follows SELECT: the first row's columns
are the arguments, those of every row after `each`. It is empty where there are none.
"""

Row = tuple[str, str, str]

ON_SALE = "id AS listing_id FROM listings WHERE shop_id = :shop AND state = 'active' ORDER BY photos DESC, id"
_OWN_ORDER = "FROM orders WHERE account_id = :me"
_OWN_LINE = (
    "l.id AS line_id FROM order_lines l JOIN shop_orders s ON s.id = l.shop_order_id"
    " JOIN orders o ON o.id = s.order_id WHERE o.account_id = :me AND s.state = 'delivered'"
)
_REVIEWED = " AND EXISTS (SELECT FROM reviews r WHERE r.reference = 'order_line:' || l.id)"
_UNTOUCHED = (
    f"{_OWN_LINE} AND NOT EXISTS (SELECT FROM return_requests r WHERE r.order_line_id = l.id)"
    " ORDER BY o.placed_at DESC"
)

STOREFRONT: tuple[Row, ...] = (
    ("visitor consumer", "storefront.home", ""),
    ("visitor", "account.sign_in", ""),
    ("visitor", "account.register", ""),
    ("visitor", "reading.sizes", ""),
    ("visitor consumer", "storefront.cart", ""),
    ("visitor consumer", "storefront.category", "'washer' AS code"),
    ("visitor consumer", "storefront.listing", ON_SALE),
    ("visitor consumer", "storefront.listing_reviews", "listing_id FROM reviews WHERE shop_id = :shop"),
    ("visitor", "storefront.model", "product_id FROM listings WHERE shop_id = :shop AND state = 'active'"),
    ("visitor consumer", "storefront.savings", ON_SALE),
    ("visitor consumer", "storefront.scenes", ""),
    ("visitor", "storefront.search", "each q FROM (VALUES ('空调'), ('没有这种东西')) AS asked (q)"),
    ("visitor", "storefront.shop", ":shop AS shop_id"),
    ("visitor", "storefront.zone", ""),
    ("visitor", "storefront.fairs", ""),
    (
        "visitor consumer", "storefront.fair_stop",
        "id AS stop_id FROM fair_stops WHERE now() BETWEEN starts_at AND ends_at + interval '1 hour'",
    ),
    ("visitor", "storefront.groups", ""),
    ("visitor neighbor", "storefront.group", "each DISTINCT ON (state) id AS group_id FROM group_orders"),
    ("consumer", "storefront.group", "id AS group_id FROM group_orders WHERE state = 'ready'"),
    ("visitor consumer", "recycle.home", ""),
    ("visitor", "recycle.trade_in_quote", ""),
)  # fmt: skip

ACCOUNT: tuple[Row, ...] = (
    ("consumer owner courier", "account.home", ""),
    ("consumer", "account.addresses", ""),
    ("consumer", "account.edit_address", "id AS address_id FROM addresses WHERE account_id = :me"),
    ("consumer", "account.new_address", ""),
    ("consumer", "account.appliances", ""),
    ("consumer", "account.edit_appliance", "id AS appliance_id FROM appliances WHERE account_id = :me"),
    ("consumer", "account.new_appliance", ""),
    ("consumer", "account.close", ""),
    ("consumer", "account.rating", ""),
    ("consumer", "account.appeal", "id AS event_id FROM rating_events WHERE subject_id = :me"),
    ("consumer", "account.own_data", ""),
    ("consumer", "account.password", ""),
    ("consumer", "account.privacy", ""),
    ("consumer", "account.profile", ""),
    ("owner", "account.second_factor", ""),
    ("consumer", "storefront.own_groups", ""),
    ("consumer courier", "storefront.inbox", ""),
    ("consumer", "storefront.points", ""),
    ("consumer", "storefront.subsidies", ""),
    ("neighbor", "joining.application", ""),
    ("neighbor", "joining.join", ""),
)

OWN: tuple[Row, ...] = (
    ("consumer", "storefront.review_order", ""),
    ("consumer", "storefront.choose_address", ""),
    ("consumer", "storefront.choose_delivery", ""),
    ("consumer", "storefront.choose_payment", ""),
    ("consumer", "storefront.choose_trade_in", ""),
    ("consumer", "storefront.orders", ""),
    (
        "consumer", "storefront.order",
        "each DISTINCT ON (s.state, o.state) o.id AS order_id FROM orders o"
        " JOIN shop_orders s ON s.order_id = o.id WHERE o.account_id = :me",
    ),
    ("consumer", "storefront.receipt", f"id AS order_id {_OWN_ORDER} AND state <> 'canceled'"),
    ("consumer", "storefront.pay_return", f"id AS order {_OWN_ORDER} AND payment_method = 'stripe'"),
    (
        "consumer", "storefront.invoice",
        "s.order_id, i.id AS invoice_id FROM invoices i JOIN shop_orders s ON s.id = i.shop_order_id"
        " JOIN orders o ON o.id = s.order_id WHERE o.account_id = :me",
    ),
    ("consumer", "storefront.aftersales", _UNTOUCHED),
    ("consumer", "storefront.aftersales_remedy", f"'fault' AS ground, {_UNTOUCHED}"),
    ("consumer", "storefront.ask_repair", _UNTOUCHED),
    ("consumer", "storefront.ask_return", f"'damaged' AS ground, 'refund' AS remedy, {_UNTOUCHED}"),
    ("consumer", "storefront.review", f"{_OWN_LINE} ORDER BY o.placed_at DESC"),
    ("consumer", "storefront.review_weight", f"{_OWN_LINE}{_REVIEWED}"),
    ("consumer", "storefront.recalls", ""),
    ("consumer", "storefront.recall", "id AS unit_id FROM recall_units WHERE account_id = :me"),
    ("consumer", "storefront.return_", "id AS return_id FROM return_requests WHERE account_id = :me"),
    ("consumer", "storefront.repair", "id AS repair_id FROM repairs WHERE account_id = :me"),
    (
        "consumer", "storefront.trade_in",
        "each DISTINCT ON (state) id AS trade_in_id FROM trade_ins WHERE account_id = :me",
    ),
    (
        "consumer", "storefront.buy_form",
        "g.id AS goods_id FROM fair_goods g JOIN fair_stops s USING (fair_id) WHERE s.starts_at < now()",
    ),
    (
        "consumer", "storefront.complete_form",
        "p.id AS place_id FROM group_places p JOIN group_orders g ON g.id = p.group_id"
        " WHERE p.account_id = :me AND g.state = 'ready'",
    ),
    ("consumer", "recycle.safety", "'phone' AS category_code"),
    ("consumer", "recycle.bring_it", "'phone' AS kind"),
    (
        "consumer", "recycle.order",
        "each DISTINCT ON (state) id AS order_id FROM recycling_orders WHERE account_id = :me",
    ),
    (
        "consumer", "recycle.label",
        "id AS order_id FROM recycling_orders WHERE account_id = :me AND state = 'label_issued'",
    ),
    ("courier operator recycler", "custody.home", ""),
    ("courier", "custody.take", "code FROM handovers WHERE state = 'open' AND taker_role = 'courier'"),
    ("dismantler", "custody.take", "code FROM handovers WHERE state = 'open' AND taker_role = 'dismantler'"),
    ("recycler", "custody.document", "id AS handover_id FROM handovers WHERE offered_by_id = :me"),
    ("consumer", "custody.document", "id AS handover_id FROM handovers WHERE offered_by_id = :me"),
    (
        "consumer recycler", "custody.certificate",
        "w.device_id FROM wipe_certificates w JOIN recycling_orders o ON o.id = w.device_id",
    ),
)  # fmt: skip

_HERE = ":county AS county_code"
OPEN: tuple[Row, ...] = (
    ("visitor operator", "open.home", ""),
    ("visitor", "open.county", _HERE),
    ("visitor", "open.draws", _HERE),
    ("visitor", "open.inspections", _HERE),
    ("visitor", "open.collection_points", _HERE),
    ("visitor", "open.producer_report", _HERE),
    ("visitor", "open.ratings_of", _HERE),
    ("visitor", "open.recyclers", _HERE),
    (
        "visitor", "open.recycler",
        "county_code, recycler_id FROM inspections WHERE county_code = :county AND published_at IS NOT NULL",
    ),
    ("visitor", "open.report", _HERE),
    ("visitor", "open.shops", _HERE),
    ("visitor", "open.case", "number FROM reported_cases WHERE county_code = :county"),
    ("visitor", "open.privacy", ""),
    ("visitor", "open.programmes", ""),
    ("visitor", "open.ratings", ""),
    (
        "visitor", "open.rating",
        "each DISTINCT ON (subject_kind) subject_kind AS kind, subject_id FROM ratings"
        " WHERE subject_kind <> 'buyer'",
    ),
    ("visitor", "open.recalls", ""),
    ("visitor", "open.rules", ""),
    ("visitor", "open.trace", ""),
    ("visitor", "open.trace_serial", "serial FROM trace_events"),
)  # fmt: skip
