"""Whose each row is that a path may name, from the tables alone: for trying what is not one's own."""

# Of each name in a path: the rows it may name, each with its county, shop, account and recycler. An empty
# string is nobody's.
_ORDER = "JOIN orders o ON o.id = {}"
_NONE = "''"
_NOBODYS = (_NONE, _NONE, _NONE)
_TRADE_IN = "JOIN trade_ins i ON i.id = t.trade_in_id"
_LISTING = "JOIN listings l ON l.id = t.listing_id JOIN shops s ON s.id = l.shop_id"
_INSPECTION = "JOIN inspections n ON n.id = t.inspection_id"
_SETS_COUNTY = "coalesce(t.county_code, s.county_code)"
_SHOP = "JOIN shops s ON s.id = t.shop_id"
_POINT = "JOIN collection_points k ON k.id = t.point_id"
_OF_PART = "JOIN shop_orders p ON p.id = t.shop_order_id " + _ORDER.format("p.order_id")


def _rated(kind: str) -> str:
    return f"CASE t.subject_kind WHEN '{kind}' THEN t.subject_id END"


_PART = (
    "shop_orders t " + _ORDER.format("t.order_id"),
    "t.id",
    "o.county_code",
    "t.shop_id",
    "o.account_id",
    _NONE,
)
ROWS = {
    "account_id": (f"shop_staff t {_SHOP}", "t.account_id", "s.county_code", "t.shop_id", _NONE, _NONE),
    "address_id": ("addresses t", "t.id", "t.county_code", _NONE, "t.account_id", _NONE),
    "appeal_id": ("rating_appeals t", "t.id", "t.county_code", *_NOBODYS),
    "appliance_id": ("appliances t", "t.id", _NONE, _NONE, "t.account_id", _NONE),
    "assist_id": (f"assisted_orders t {_SHOP}", "t.id", "s.county_code", "t.shop_id", _NONE, _NONE),
    "batch_id": ("batches t", "t.id", "t.county_code", *_NOBODYS),
    "break_id": ("cash_breaks t", "t.id", "t.county_code", *_NOBODYS),
    "charge_id": ("fraud_charges t", "t.id", "t.county_code", *_NOBODYS),
    "campaign_id": ("freight_campaigns t", "t.id", "t.county_code", *_NOBODYS),
    "case_id": ("reported_cases t", "t.id", "t.county_code", *_NOBODYS),
    "claim_id": ("claims t", "t.id", "t.county_code", "t.shop_id", "t.account_id", _NONE),
    "due_id": (f"trade_in_dues t {_TRADE_IN}", "t.id", "i.county_code", *_NOBODYS),
    "edit_id": (f"listing_edits t {_LISTING}", "t.id", "s.county_code", "l.shop_id", _NONE, _NONE),
    "event_id": ("rating_events t", "t.id", _NONE, _rated("shop"), _rated("buyer"), _rated("recycler")),
    "file_id": ("bank_files t", "t.id", "t.county_code", *_NOBODYS),
    "finding_id": (f"findings t {_INSPECTION}", "t.id", "n.county_code", _NONE, _NONE, "n.recycler_id"),
    "flag_id": ("claim_flags t JOIN claims m ON m.id = t.claim_id", "t.id", "m.county_code", *_NOBODYS),
    "fair_id": ("fairs t", "t.id", "t.county_code", *_NOBODYS),
    "group_id": (f"group_orders t {_SHOP}", "t.id", "s.county_code", "t.shop_id", _NONE, _NONE),
    "hand_in_id": ("cash_hand_ins t", "t.id", "t.county_code", *_NOBODYS),
    "inspection_id": ("inspections t", "t.id", "t.county_code", *_NOBODYS),
    "invoice_id": (f"invoices t {_OF_PART}", "t.id", "o.county_code", "t.shop_id", "o.account_id", _NONE),
    "line_id": (f"order_lines t {_OF_PART}", "t.id", "o.county_code", "p.shop_id", "o.account_id", _NONE),
    "listing_id": (
        "listings t JOIN shops s ON s.id = t.shop_id",
        "t.id",
        "s.county_code",
        "s.id",
        _NONE,
        _NONE,
    ),
    "part_id": _PART,
    "place_id": ("group_places t", "t.id", _NONE, _NONE, "t.account_id", _NONE),
    "point_id": ("collection_points t", "t.id", "t.county_code", *_NOBODYS),
    "recycler_id": ("recyclers t", "t.id", "t.county_code", _NONE, _NONE, "t.id"),
    "refund_id": ("refunds t", "t.id", "t.county_code", *_NOBODYS),
    "repair_id": ("repairs t", "t.id", "t.county_code", "t.shop_id", "t.account_id", _NONE),
    "return_id": ("return_requests t", "t.id", "t.county_code", "t.shop_id", "t.account_id", _NONE),
    "review_id": (
        "reviews t JOIN shops s ON s.id = t.shop_id",
        "t.id",
        "s.county_code",
        "s.id",
        _NONE,
        _NONE,
    ),
    "set_id": (
        f"scene_sets t LEFT {_SHOP}",
        "t.id",
        "coalesce(t.county_code, s.county_code)",
        "t.shop_id",
        _NONE,
        _NONE,
    ),
    "session_id": ("account_sessions t", "t.id", _NONE, _NONE, "t.account_id", _NONE),
    "sheet_id": ("settlement_sheets t", "t.id", "t.county_code", "t.shop_id", _NONE, _NONE),
    "shop_id": ("shops t", "t.id", "t.county_code", *_NOBODYS),
    "shop_order_id": _PART,
    "statement_id": ("recycler_statements t", "t.id", "t.county_code", _NONE, _NONE, "t.recycler_id"),
    "trade_in_id": ("trade_ins t", "t.id", "t.county_code", _NONE, "t.account_id", "t.recycler_id"),
    "transfer_id": (f"transfers t {_POINT}", "t.id", "k.county_code", _NONE, _NONE, "t.recycler_id"),
    "unit_id": ("recall_units t", "t.id", "t.county_code", _NONE, "t.account_id", _NONE),
    # One name for two tables: what was bought or sent in, the treasury's file or a shop's, as the path says.
    "order_id": ("orders t", "t.id", "t.county_code", _NONE, "t.account_id", _NONE),
    "order_id sent in": (
        "recycling_orders t",
        "t.id",
        "t.county_code",
        _NONE,
        "t.account_id",
        "t.recycler_id",
    ),
    "import_id": ("treasury_imports t", "t.id", "t.county_code", *_NOBODYS),
    "import_id shop": ("sheet_imports t", "t.id", _NONE, "t.shop_id", _NONE, _NONE),
}
# Rows that no one county, shop, person or recycler owns, or whose owner is not in these four keys.
NOT_TRIED = {
    "certificate_id": "a model's proof, whose shop is found by the listing beside it",
    "label_id": "a model's proof, whose shop is found by the listing beside it",
    "scan_id": "a model's proof, for every shop that sells it and every county",
    "product_id": "a model, which every county may stop",
    "goods_id": "whoever stands before the van may buy of it",
    "recall_id": "a recall concerns every county in which the thing was sold",
    "round_id": "a draw is public",
    "device_id": "whoever has it now; tests/recycling tries both ends",
    "handover_id": "its two ends; tests/recycling tries both",
}
