from datetime import date

import pytest
from sqlalchemy import func, select

from market.catalog.change_price import change_price
from market.catalog.edit_listing import edit_listing, set_state
from market.catalog.list_item import list_item
from market.catalog.models import InstallSkill, LabelRecord, Listing, ListingState, PriceChange, Product
from market.catalog.queries import for_sale, listing_of, price_history
from market.catalog.snapshot import snapshot
from market.inventory.on_offer import with_others
from market.kernel.errors import NotFound, Refused
from market.shops.change_state import change_state
from market.shops.models import ShopState
from market.words.segment import term
from tests.builders.catalog import (
    a_label_draft,
    a_listing,
    a_product_draft,
    a_verified_label,
    an_offer_draft,
    categories,
)
from tests.builders.people import an_operator
from tests.builders.shops import a_clerk, a_shop


@pytest.fixture
def shop(session, now):
    categories(session)
    return a_shop(session, now)


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


def test_an_item_is_listed_with_its_product_price_and_label_in_one_go(session, now, shop):
    clerk = a_clerk(session, shop, now)
    listing = list_item(
        session, shop.id, "washer", a_product_draft(), an_offer_draft(), a_label_draft(), clerk.id, now
    )
    assert (listing.state, listing.price_fen, listing.product.category_code) == (
        ListingState.active,
        259_900,
        "washer",
    )
    assert [label.grade for label in listing.product.labels] == [1]
    assert [(c.list_price_fen, c.price_fen, c.changed_by) for c in price_history(session, listing.id)] == [
        (279_900, 259_900, clerk.id)
    ]
    assert for_sale(session, listing.id) is listing


def test_two_shops_sell_one_model(session, now, shop):
    mine = a_listing(session, shop, now, product=a_product_draft(model="HR-SAME"))
    other = a_shop(session, now, name="远山家电")
    theirs = a_listing(
        session,
        other,
        now,
        product=a_product_draft(model="HR-SAME", net_weight_grams=1),
        offer=an_offer_draft(price_fen=250_000),
    )
    assert mine.product_id == theirs.product_id
    assert mine.product.net_weight_grams == 68_000
    assert [it.listing for it in with_others(session, mine.id).offers] == [theirs, mine]


@pytest.mark.parametrize(
    ("category", "product", "offer", "label", "code", "field"),
    [
        ("washer", {"model": "HR-TAKEN"}, {}, None, "catalog.already_listed", "model"),
        ("fridge", {"model": "HR-TAKEN"}, {}, None, "catalog.other_category", "model"),
        ("washer", {"gtin": "6901234567892"}, {}, None, "catalog.gtin_taken", "gtin"),
        ("washer", {}, {"price_fen": 300_000}, None, "catalog.price_above_list", "price"),
        ("washer", {}, {}, {"record_number": "2025-1"}, "catalog.record_shape", "record_number"),
        ("washer", {}, {}, {"grade": 6}, "catalog.grade_outside", "grade"),
        (
            "washer",
            {},
            {},
            {"standard_number": "GB 21455-2019"},
            "catalog.standard_other_category",
            "standard_number",
        ),
        ("washer", {}, {}, {"issued_on": date(2026, 11, 24)}, "catalog.label_issued_later", "issued_on"),
        ("washer", {}, {}, {"expires_on": date(2025, 3, 10)}, "catalog.label_expires_first", "expires_on"),
    ],
)
def test_what_cannot_be_listed_leaves_nothing(
    session, now, shop, category, product, offer, label, code, field
):
    a_listing(session, shop, now, product=a_product_draft(model="HR-TAKEN", gtin="6901234567892"), stock=0)
    label_draft = a_label_draft(**label) if label is not None else None
    with pytest.raises(Refused) as refused, session.begin_nested():
        list_item(
            session,
            shop.id,
            category,
            a_product_draft(**product),
            an_offer_draft(**offer),
            label_draft,
            None,
            now,
        )
    assert (refused.value.code, refused.value.field) == (code, field)
    assert [count(session, model) for model in (Product, Listing, PriceChange, LabelRecord)] == [1, 1, 1, 0]


def test_an_unknown_category_is_not_found(session, now, shop):
    with pytest.raises(NotFound):
        list_item(session, shop.id, "spaceship", a_product_draft(), an_offer_draft(), None, None, now)


def test_a_paused_listing_or_a_suspended_shop_sells_nothing(session, now, shop):
    listing = a_listing(session, shop, now)
    set_state(session, shop.id, listing.id, ListingState.paused, now)
    assert for_sale(session, listing.id) is None
    set_state(session, shop.id, listing.id, ListingState.active, now)
    set_state(session, shop.id, listing.id, ListingState.active, now)
    assert for_sale(session, listing.id) is listing
    change_state(
        session, shop.county_code, an_operator(session, now).id, shop.id, ShopState.suspended, "检查", now
    )
    assert for_sale(session, listing.id) is None


def test_an_edit_changes_what_people_read_and_find(session, now, shop):
    listing = a_listing(session, shop, now)
    draft = a_product_draft(name_zh="山泉波轮洗衣机", gtin="6901234567892", net_weight_grams=30_000)
    edit_listing(session, shop.id, listing.id, draft, 1, InstallSkill.none, 0, now)
    product = listing.product
    assert (product.name_zh, product.gtin, product.net_weight_grams) == (
        "山泉波轮洗衣机",
        "6901234567892",
        30_000,
    )
    assert (listing.people_required, listing.install_skill, listing.install_seconds) == (
        1,
        InstallSkill.none,
        0,
    )
    assert product.model == draft.model
    assert term("gram", "山泉") in product.search_terms


def test_a_model_that_another_shop_sells_too_keeps_its_description(session, now, shop):
    listing = a_listing(session, shop, now, product=a_product_draft(model="HR-SAME"))
    a_listing(session, a_shop(session, now, name="远山家电"), now, product=a_product_draft(model="HR-SAME"))
    draft = a_product_draft(model="HR-SAME", name_zh="别的")
    edit = edit_listing(session, shop.id, listing.id, draft, 2, InstallSkill.none, 0, now)
    assert (edit.state, edit.changes) == ("waiting", {"name_zh": ["禾润 10 公斤滚筒洗衣机", "别的"]})
    assert listing.product.name_zh == "禾润 10 公斤滚筒洗衣机"


def test_another_shops_listing_is_not_found_and_stays(session, now, shop):
    listing = a_listing(session, shop, now)
    other = a_shop(session, now, name="远山家电")
    assert listing_of(session, other.id, listing.id) is None
    with pytest.raises(NotFound):
        set_state(session, other.id, listing.id, ListingState.paused, now)
    with pytest.raises(NotFound):
        change_price(session, other.id, listing.id, 100, 100, None, now)
    with pytest.raises(NotFound):
        edit_listing(session, other.id, listing.id, a_product_draft(), 1, InstallSkill.none, 0, now)
    assert (listing.state, listing.price_fen) == (ListingState.active, 259_900)


def test_a_snapshot_holds_what_an_order_line_keeps(session, now, shop):
    listing = a_listing(session, shop, now)
    a_verified_label(session, listing, now, grade=2)
    kept = snapshot(listing, shop.name)
    assert kept["title"] == "禾润 10 公斤滚筒洗衣机"
    assert (kept["list_price_fen"], kept["price_fen"]) == (279_900, 259_900)
    assert (kept["packed_weight_grams"], kept["packed_volume_cm3"], kept["longest_side_mm"]) == (
        74_800,
        386_100,
        900,
    )
    assert [(label["kind"], label["grade"], label["expires_on"]) for label in kept["labels"]] == [
        ("energy", 2, "2030-03-09")
    ]
