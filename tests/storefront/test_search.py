"""The search page: what was understood is shown and can be taken off, and the address says it all."""

import re
from datetime import datetime
from urllib.parse import unquote

import pytest
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.rules import LabelKind
from market.shops.models import Shop
from market.subsidies import programmes
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft
from tests.builders.web import Browser


@pytest.fixture
def fridge(session: Session, shop: Shop, now: datetime) -> Listing:
    """1,799 yuan, three doors, 218 liters, grade 1 proven."""
    offer = an_offer_draft(list_price_fen=179_900, price_fen=179_900)
    draft = a_product_draft(name_zh="禾润 218升 三门冰箱")
    listing = a_listing(session, shop, now, category="fridge", product=draft, offer=offer)
    a_verified_label(session, listing, now, standard_number="GB 12021.2-2015")
    return listing


def chips(page: str) -> dict[str, str]:
    """The filters shown, with where taking one off leads."""
    found = re.findall(r'<a class="btn chip" href="([^"]+)">([^<]+) <span aria-hidden', page)
    return {text: unquote(url.replace("&amp;", "&")) for url, text in found}


def test_a_sentence_is_shown_as_filters_that_can_be_taken_off(client: Browser, fridge: Listing) -> None:
    page = client.get("/search?q=费电少的三门冰箱 一千五以内").text
    found = chips(page)
    assert set(found) == {"2 级能效以上", "三门", "冰箱", "售价 1,500 元以内"}
    assert "没有完全合适的，下面是相近的：冰箱" in page
    wider = client.get(found["售价 1,500 元以内"]).text
    assert set(chips(wider)) == {"2 级能效以上", "三门", "冰箱"}
    assert fridge.product.name_zh in wider
    assert "一共 1 件" in wider


def test_a_dialect_word_finds_it_and_says_that_nobody_reviewed_it(client: Browser, fridge: Listing) -> None:
    page = client.get("/search?q=雪柜").text
    assert "“雪柜”按“冰箱”找，粤、客家的说法" in page
    assert "还没有人核对过" in page
    assert fridge.product.name_zh in page
    assert fridge.product.name_zh not in client.get("/search?q=雪柜&exact=1").text


@pytest.mark.parametrize("typed", ["bingxiang", "bx", "冰厢", "箱冰"])
def test_pinyin_and_slips_find_it_and_say_so(client: Browser, fridge: Listing, typed: str) -> None:
    page = client.get(f"/search?q={typed}").text
    assert fridge.product.name_zh in page
    assert f"不，就按“{typed}”原样找" in page


def test_facets_count_what_they_narrow_to(client: Browser, fridge: Listing, washer: Listing) -> None:
    page = client.get("/search?q=禾润").text
    assert "一共 2 件" in page
    assert re.search(r'category=fridge">冰箱 <span class="soft">\(1\)', page)
    assert washer.product.name_zh not in client.get("/search?q=禾润&category=fridge").text


@pytest.mark.parametrize(
    ("bound", "found"),
    [
        ("paid_upto=1529.15", True),
        ("paid_upto=1529.14", False),
        ("paid_from=1529.15", True),
        ("paid_from=1529.16", False),
    ],
)
def test_a_bound_on_what_is_paid_counts_the_subsidy_and_stands_in_the_address(
    client: Browser, session: Session, shop: Shop, fridge: Listing, now: datetime, bound: str, found: bool
) -> None:
    """15 % of 1,799 yuan are 269.85."""
    data = next(row for row in programmes.shipped() if row["id"] == "GB-2026")
    whenever = data | {"valid_from": "2020-01-01T00:00:00+08:00", "valid_to": "2099-12-31T23:59:59+08:00"}
    programmes.fund(session, programmes.publish(session, whenever), shop.county_code, 1_000_000, now)
    page = client.get(f"/search?q=冰箱&{bound}").text
    assert (fridge.product.name_zh in page and "相近的" not in page) is found
    way = "以内" if "upto" in bound else "以上"
    chip = f"补贴后 {bound.split('=')[1].replace('1529', '1,529')} 元{way}"
    assert chips(page) == {"冰箱": f"/search?q=冰箱&off=category&{bound}", chip: "/search?q=冰箱"}


def test_a_bound_that_cannot_be_read_is_kept_as_typed_and_narrows_nothing(
    client: Browser, fridge: Listing
) -> None:
    page = client.get("/search?q=冰箱&paid_upto=两千块&order=price_up").text
    assert fridge.product.name_zh in page
    assert 'value="两千块"' in page
    assert "请填金额，例如 2599 或 2599.90" in page
    assert '<input type="hidden" name="order" value="price_up">' in page


def test_a_water_grade_counts_those_that_are_better_too(
    client: Browser, session: Session, fridge: Listing, shop: Shop, now: datetime
) -> None:
    for grade, number in ((1, "ONE"), (2, "TWO"), (2, "THREE")):
        draft = a_product_draft(model=number, name_zh=f"禾润洗衣机 {number}")
        listing = a_listing(session, shop, now, product=draft)
        a_verified_label(session, listing, now, kind=LabelKind.water, grade=grade)
    page = client.get("/search?q=禾润").text
    assert re.findall(r'water=(\d)">([^<]+) <span class="soft">\((\d)\)', page) == [
        ("2", "2 级水效以上", "3"), ("1", "1 级水效以上", "1"),
    ]  # fmt: skip
    narrowed = client.get("/search?q=禾润&water=1").text
    assert re.findall(r"禾润洗衣机 (\w+)", narrowed.split("<main")[1]) == ["ONE"]
    assert chips(narrowed)["1 级水效以上"] == "/search?q=禾润"


def test_nothing_found_offers_a_telephone(client: Browser, fridge: Listing) -> None:
    page = client.get("/search?q=拖拉机").text
    assert "没有找到合适的" in page
    assert 'class="btn btn-primary" href="tel:09150000000"' in page


def test_what_was_said_is_asked_back_before_it_is_found(client: Browser, fridge: Listing) -> None:
    page = client.get("/search?q=冰箱&said=1").text
    assert "您是要找“冰箱”吗？" in page
    assert fridge.product.name_zh not in page
    assert fridge.product.name_zh in client.get("/search?q=冰箱").text


def test_orders_stand_in_the_address(client: Browser, fridge: Listing, washer: Listing) -> None:
    page = client.get("/search?q=禾润&order=price_up").text
    assert page.index(fridge.product.name_zh) < page.index(washer.product.name_zh)
    page = client.get("/search?q=禾润&order=price_down").text
    assert page.index(washer.product.name_zh) < page.index(fridge.product.name_zh)


def test_suggestions_are_words_with_a_tag(client: Browser, fridge: Listing) -> None:
    answer = client.get("/search/words?q=bing")
    assert answer.json == {"words": ["冰箱", "冷柜"]}  # 冰柜 is another name of the latter
    assert client.get("/search/words?q=雪").json == {"words": ["冰箱", "冷柜"]}  # 雪藏柜
    assert client.get("/search/words?q=").json == {"words": []}
    tag = answer.headers["ETag"]
    assert client.get("/search/words?q=bing", headers={"If-None-Match": tag}).status_code == 304


def test_a_warm_search_asks_the_database_three_times(
    client: Browser, fridge: Listing, statements: list[str]
) -> None:
    client.get("/search?q=冰箱")
    statements.clear()
    client.get("/search?q=冰箱 省电 两千以内")
    assert len(statements) <= 3, "\n".join(statements)
