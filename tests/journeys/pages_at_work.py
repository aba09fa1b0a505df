"""The pages of those who work in the market, and where each finds its arguments; rows are as for buyers."""

from tests.journeys.pages_for_buyers import ON_SALE, Row

_DELIVERED = "id AS shop_order_id FROM shop_orders WHERE shop_id = :shop AND state = 'delivered'"
_CHARGE = "id AS charge_id FROM fraud_charges WHERE subject_kind ="
_EVENT = "id AS event_id FROM rating_events WHERE subject_kind = '{}' AND subject_id = {} AND kind = '{}'"

SHOP_DOOR: tuple[Row, ...] = (
    ("owner clerk", "shop.home", ""),
    ("clerk", "shop.assist", ""),
    (
        "clerk", "shop.assisted",
        "each DISTINCT ON (state) id AS assist_id FROM assisted_orders WHERE shop_id = :shop",
    ),
    (
        "clerk", "shop.assist_receipt",
        "id AS assist_id FROM assisted_orders WHERE shop_id = :shop AND order_id IS NOT NULL",
    ),
    ("clerk", "shop.assist_consent_form", ""),
    ("owner", "shop.claims", ""),
    ("owner", "shop.claim", "each DISTINCT ON (state) id AS claim_id FROM claims WHERE shop_id = :shop"),
    ("owner", "shop.fairs", ""),
    ("owner", "shop.fair", "each DISTINCT ON (state) id AS fair_id FROM fairs WHERE county_code = :county"),
    ("owner", "shop.figures", ""),
    ("owner", "shop.fraud", f"{_CHARGE} 'shop' AND subject_id = :shop"),
    ("owner", "shop.groups", ""),
    (
        "owner", "shop.group",
        "each DISTINCT ON (state) id AS group_id FROM group_orders WHERE shop_id = :shop",
    ),
    ("owner", "shop.new_group", ""),
    ("clerk", "shop.hand_overs", ""),
    ("owner", "shop.invoices", ""),
    ("owner", "shop.invoice", "id AS invoice_id FROM invoices WHERE shop_id = :shop"),
    ("owner clerk", "shop.listings", ""),
    ("owner", "shop.listing", ON_SALE),
    ("owner", "shop.certificate", ON_SALE),
    ("owner", "shop.edit", ON_SALE),
    ("owner", "shop.label", ON_SALE),
    ("owner", "shop.photos", ON_SALE),
    ("owner", "shop.price", ON_SALE),
    ("clerk", "shop.stock", ON_SALE),
    ("owner", "shop.choose_category", ""),
    ("owner", "shop.new_listing", "'fridge' AS code"),
    ("owner", "shop.sheet", ""),
    ("owner", "shop.sheet_import", "id AS import_id FROM sheet_imports WHERE shop_id = :shop"),
    ("clerk", "shop.orders", ""),
    (
        "clerk", "shop.order",
        "each DISTINCT ON (state) id AS shop_order_id FROM shop_orders WHERE shop_id = :shop",
    ),
    (
        "clerk", "shop.order_label",
        "id AS shop_order_id FROM shop_orders WHERE shop_id = :shop AND state = 'confirmed'",
    ),
    ("owner", "shop.refund_form", _DELIVERED),
    ("clerk", "shop.packing", ""),
    ("clerk", "shop.labels", "number FROM shop_orders WHERE shop_id = :shop AND state = 'confirmed'"),
    ("owner", "shop.papers", ""),
    ("owner", "shop.paper", "kind FROM shop_papers WHERE shop_id = :shop AND jpeg IS NOT NULL"),
    ("owner", "shop.people", ""),
    ("owner", "shop.rating", ""),
    ("owner", "shop.appeal", _EVENT.format("shop", ":shop", "handed_over_late")),
    ("owner", "shop.recalls", ""),
    ("owner", "shop.returns", ""),
    ("owner", "shop.return_", "id AS return_id FROM return_requests WHERE shop_id = :shop"),
    ("owner", "shop.reviews", ""),
    ("owner", "shop.review", "id AS review_id FROM reviews WHERE shop_id = :shop ORDER BY created_at DESC"),
    ("owner", "shop.scenes", ""),
    ("owner", "shop.scene", "id AS set_id FROM scene_sets WHERE shop_id = :shop"),
    ("owner", "shop.new_scene", ""),
    ("owner", "shop.settlements", ""),
    ("owner", "shop.settlement", "id AS sheet_id FROM settlement_sheets WHERE shop_id = :shop"),
    ("owner", "shop.trade_ins", ""),
)  # fmt: skip

_OWN_STOP = (
    "s.id AS stop_id FROM stops s JOIN runs r ON r.id = s.run_id JOIN couriers c ON c.id = r.courier_id"
    " WHERE c.account_id = :me AND r.state <> 'planned'"
)
_OWN_COURIER = "(SELECT id FROM couriers WHERE account_id = :me)"
COURIER_DOOR: tuple[Row, ...] = (
    ("courier", "courier.home", ""),
    ("courier", "courier.app", ""),
    ("courier", "courier.cash", ""),
    ("courier", "courier.fraud", f"{_CHARGE} 'courier' AND subject_id = {_OWN_COURIER}"),
    ("courier", "courier.rating", ""),
    ("courier", "courier.appeal", _EVENT.format("courier", _OWN_COURIER, "delivered_late")),
    ("courier", "courier.stop", f"each DISTINCT ON (s.state) {_OWN_STOP}"),
    ("keeper", "station.home", ""),
    ("keeper", "keeper.home", ""),
    ("keeper", "keeper.point", "id AS point_id FROM collection_points WHERE keeper_id = :me"),
)

_HERE = "WHERE county_code = :county"
_OF_SHOP = ":shop AS shop_id"
_PLANNED_STOP = (
    "b.id AS batch_id, s.id AS stop FROM stops s JOIN runs r ON r.id = s.run_id JOIN batches b"
    f" ON b.id = r.batch_id {_HERE} AND b.state = 'planned'"
)
_BEFORE_PEOPLE = (
    f"each DISTINCT ON (state) id AS claim_id FROM claims {_HERE} AND state NOT IN ('held', 'committed')"
)
COUNTY_DOOR: tuple[Row, ...] = (
    ("operator", "county.home", ""),
    ("operator", "county.appeals", ""),
    ("operator", "county.appeal", f"id AS appeal_id FROM rating_appeals {_HERE}"),
    ("operator", "county.batch_list", ""),
    ("operator", "county.batch", f"each DISTINCT ON (state) id AS batch_id FROM batches {_HERE}"),
    ("operator", "county.move", _PLANNED_STOP),
    ("operator", "county.closed_days", ""),
    ("operator", "county.cases", ""),
    ("operator", "county.case", f"id AS case_id FROM reported_cases {_HERE} AND handler_id IS NOT NULL"),
    ("operator", "county.cash", ""),
    ("operator", "county.certificates", ""),
    ("operator auditor", "county.claims", ""),
    ("operator auditor", "county.claim", _BEFORE_PEOPLE),
    ("operator", "county.collection_points", ""),
    ("operator", "county.collection_point", f"id AS point_id FROM collection_points {_HERE}"),
    ("operator", "county.edit_point_form", f"id AS point_id FROM collection_points {_HERE}"),
    ("operator", "county.new_point", ""),
    ("operator", "county.edits", ""),
    ("operator", "county.fairs", ""),
    ("operator", "county.new_fair", ""),
    ("operator", "county.frauds", ""),
    ("operator", "county.fraud_charge", f"id AS charge_id FROM fraud_charges {_HERE}"),
    ("operator", "county.freight_campaigns", ""),
    ("operator", "county.groups", ""),
    ("operator", "county.hub", ""),
    ("operator", "county.inspections", ""),
    (
        "operator", "county.inspection",
        f"each DISTINCT ON (state) id AS inspection_id FROM inspections {_HERE}",
    ),
    ("operator", "county.invoices", ""),
    ("operator", "county.labels", ""),
    ("operator", "county.made_to_order", ""),
    ("operator", "county.mail_in", ""),
    ("operator", "county.mass_balance", ""),
    ("operator", "county.points", ""),
    ("operator", "county.programmes", ""),
    ("operator", "county.programme", "each DISTINCT ON (state) id AS programme_id FROM programmes"),
    ("operator", "county.edit_programme", "id AS programme_id FROM programmes WHERE state = 'draft'"),
    ("operator", "county.recalls", "'电饭煲' AS q"),
    ("operator", "county.recall", f"each DISTINCT ON (state) id AS recall_id FROM recalls {_HERE}"),
    ("operator", "county.recall_calls", f"recall_id FROM recall_units {_HERE}"),
    ("operator", "county.declare_recall_form", "product_id FROM listings WHERE shop_id = :shop"),
    ("operator", "county.recall_unit", f"id AS unit_id FROM recall_units {_HERE}"),
    ("operator", "county.recycler_register", ""),
    ("operator", "county.recycler", f"id AS recycler_id FROM recyclers {_HERE}"),
    ("operator", "county.edit_entry", f"id AS recycler_id FROM recyclers {_HERE}"),
    ("operator", "county.new_recycler", ""),
    ("operator", "county.refunds", ""),
    ("operator", "county.refund_form", _DELIVERED),
    ("operator", "county.repairs", ""),
    ("operator", "county.repair", f"id AS repair_id FROM repairs {_HERE}"),
    ("operator", "county.returns", ""),
    ("operator", "county.reviews", ""),
    ("operator", "county.review", "id AS review_id FROM reviews WHERE shop_id = :shop"),
    ("operator", "county.scenes", ""),
    ("operator", "county.settlements", ""),
    ("operator", "county.settlement", f"id AS sheet_id FROM settlement_sheets {_HERE}"),
    ("operator", "county.bank_number", _OF_SHOP),
    ("operator", "county.shop_register", ""),
    ("operator", "county.shop", _OF_SHOP),
    (
        "operator", "county.owner_factor",
        "f.account_id, s.shop_id FROM second_factors f JOIN shop_staff s USING (account_id)",
    ),
    ("operator", "county.shop_paper", "shop_id, kind FROM shop_papers WHERE shop_id = :shop"),
    ("operator", "county.recycler_statements", ""),
    ("operator", "county.station_list", ""),
    ("operator", "county.trade_ins", ""),
    ("operator", "county.treasury", ""),
    ("operator", "county.treasury_batch", f"id AS batch_id FROM treasury_batches {_HERE}"),
    ("operator", "county.treasury_answers", f"id AS import_id FROM treasury_imports {_HERE}"),
    ("operator", "county.vehicles", ""),
    ("operator", "county.search_words", ""),
)  # fmt: skip

_THIS_FIRM = "recycler_id IN (SELECT recycler_id FROM recycler_staff WHERE account_id = :me)"
RECYCLER_DOOR: tuple[Row, ...] = (
    ("recycler dismantler", "recycler.home", ""),
    ("recycler", "recycler.arrivals", ""),
    ("recycler", "recycler.done", ""),
    ("recycler", "recycler.oversight", ""),
    (
        "recycler", "recycler.parcel",
        f"each DISTINCT ON (state) id AS order_id FROM recycling_orders WHERE {_THIS_FIRM}",
    ),
    ("recycler", "recycler.rating", ""),
    (
        "recycler", "recycler.appeal",
        "e.id AS event_id FROM rating_events e JOIN recycler_staff s ON s.recycler_id = e.subject_id"
        " WHERE s.account_id = :me AND e.kind = 'offer_lowered' ORDER BY e.happened_at DESC",
    ),
    ("recycler", "recycler.statements", ""),
    ("recycler dismantler", "recycler.stock", ""),
    (
        "recycler", "recycler.trade_in",
        f"each DISTINCT ON (state) id AS trade_in_id FROM trade_ins WHERE {_THIS_FIRM}",
    ),
)  # fmt: skip
