"""The data map knows every table that knows a person."""

import re
from datetime import datetime, timedelta

import pytest

import market
from market.kernel.db import Base
from market.privacy.data_map import BY_NAME, HOLDINGS
from market.privacy.holding import Basis, Holding
from market.web import privacy_text

market.load_models()

# What looks like a person's and is not, or is a person's at work, by the reason why it is not in the map.
WORK = "what somebody did at work, under the office's own records"
GOODS = "goods, places and firms"
NOBODY = "nobody is named and no account is known"
NOT_MAPPED = {
    WORK: {
        "bank_files", "destructions", "listing_edits", "recall_payments", "recycler_statements",
        "review_answers", "review_masks", "sheet_imports", "transfers", "cash_breaks",
        "cash_collections", "cash_deposits",
        "cash_hand_ins", "certificates", "claim_flags", "claim_reviews", "claim_steps", "clawbacks",
        "couriers",
        "county_staff", "findings", "fraud_charges", "freight_campaigns", "handovers", "inspection_draws",
        "inspections",
        "label_records", "lottery_rounds", "price_changes", "product_recalls", "programmes", "recall_duties",
        "recall_shelf_checks", "recall_steps", "recalls", "recycler_documents", "recycler_staff",
        "recycling_assessments", "register_changes", "reported_cases", "resales", "search_rulings",
        "settlement_sheets",
        "shop_bank_accounts", "shop_changes", "shop_papers", "shop_staff",
        "station_keepers", "stock_movements", "subsidy_auditors",
        "trade_in_assessments", "trade_in_dues", "treasury_batches", "treasury_imports", "wipe_certificates",
    },
    GOODS: {
        "categories", "collection_points", "counties", "listings", "products", "recyclers", "regions",
        "group_orders", "shops",
        "devices", "scene_sets", "standards", "stations", "vehicle_types", "vehicles", "product_scans",
        "treasury_lines",
    },
    NOBODY: {"case_photos", "payment_breaks", "custody_events", "trace_events", "recycling_parcel_scans"},
}  # fmt: skip
PERSONAL = re.compile(
    r"(^|_)(phone|name|address|detail|lat|lon|photo|jpeg|note|words|text|recipient|holder|sealed|fingerprint"
    r"|user_agent|ip|signature|slip_photo)($|_(?!zh|en|mm|at))"
)


def knows_a_person(table: str) -> bool:
    columns = Base.metadata.tables[table].columns
    points = any(key.column.table.name == "accounts" for column in columns for key in column.foreign_keys)
    return points or any(PERSONAL.search(column.name) for column in columns)


def test_every_table_that_knows_a_person_is_in_the_map_or_says_why_not() -> None:
    known = {name for name in Base.metadata.tables if knows_a_person(name)}
    excused = set().union(*NOT_MAPPED.values())
    assert known - set(BY_NAME) - excused == set()


def test_nothing_is_excused_that_does_not_exist_or_is_in_the_map() -> None:
    excused = set().union(*NOT_MAPPED.values())
    assert excused - set(Base.metadata.tables) == set()
    assert excused & set(BY_NAME) == set()


def test_every_holding_has_its_words() -> None:
    assert set(privacy_text.WHAT) == set(BY_NAME)
    assert set(privacy_text.WHY) == set(Basis)
    assert len(BY_NAME) == len(HOLDINGS)


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda it: it.name)
def test_a_time_has_a_beginning_and_what_goes_is_a_column(holding: Holding) -> None:
    assert (holding.days is None) == (holding.since is None)
    columns = Base.metadata.tables[holding.name].columns
    assert set(holding.blanks) <= set(columns.keys())
    for name, value in holding.blanks.items():
        assert value is not None or columns[name].nullable, f"{holding.name}.{name} can't be empty"


@pytest.mark.parametrize("holding", [it for it in HOLDINGS if it.days], ids=lambda it: it.name)
def test_what_is_kept_by_law_is_kept_three_years(holding: Holding) -> None:
    now = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
    assert holding.due(now) is not None
    if holding.basis in (Basis.trade, Basis.record) and holding.name != "courier_events":
        assert timedelta(days=holding.days or 0) == timedelta(days=1095)
