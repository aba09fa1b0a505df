"""The zone's page: found by bounds that stay in its address, honestly counted, and without paid places."""

from datetime import datetime

import pytest
from flask import Flask, render_template_string
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recall import leave_zone
from market.kernel.clock import local_date
from market.search.browse import of_category
from market.shops.models import Shop
from market.web.storefront.offers import Offer
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label
from tests.builders.people import an_operator
from tests.builders.web import Browser


@pytest.fixture
def hood(session: Session, shop: Shop, now: datetime) -> Listing:
    listing = a_listing(
        session, shop, now, category="range_hood", product=a_product_draft(name_zh="侧吸油烟机")
    )
    a_verified_label(session, listing, now, grade=2, standard_number="GB 29539-2013")
    return listing


def test_who_comes_for_the_first_time_sees_no_error_and_a_made_up_order_is_told(
    client: Browser, washer: Listing
) -> None:
    page = client.get("/zone").text
    assert washer.product.name_zh in page
    assert '<option selected value="newest">' in page
    assert 'class="error"' not in page
    assert 'class="error"' in client.get("/zone?order=cheapest_for_me").text


def test_bounds_in_the_address_narrow_it_and_stay_in_the_form(
    client: Browser, washer: Listing, hood: Listing
) -> None:
    page = client.get("/zone?grade=1&price_upto=2600&order=price_up").text
    assert washer.product.name_zh in page
    assert hood.product.name_zh not in page
    assert "一共 1 件" in page
    assert 'value="2600"' in page
    assert '<option selected value="1">' in page
    assert "本区没有付费排位" in page
    assert "一年电费未知" in page


def test_a_category_is_counted_and_chosen(client: Browser, washer: Listing, hood: Listing) -> None:
    page = client.get("/zone?category=range_hood").text
    assert "一共 1 件" in page
    assert '<option selected value="range_hood">吸油烟机 (1)</option>' in page
    assert "洗衣机 (1)" in page
    assert washer.product.name_zh not in page


def test_nothing_found_keeps_the_bounds(client: Browser, washer: Listing) -> None:
    page = client.get("/zone?category=washer&price_upto=1").text
    assert "一共 0 件" in page
    assert "没有这样的家电" in page
    assert '<option selected value="washer">洗衣机 (0)</option>' in page


@pytest.mark.parametrize("field", ["price_from", "price_upto", "cost_upto", "subsidy_from"])
def test_a_bound_that_is_no_amount_gets_its_sentence(client: Browser, washer: Listing, field: str) -> None:
    page = client.get(f"/zone?{field}=很便宜").text
    assert f'id="{field}-error"' in page
    assert 'value="很便宜"' in page
    assert washer.product.name_zh in page


def test_a_strange_order_and_cursor_do_no_harm(client: Browser, washer: Listing) -> None:
    for query in ("order=paid", "order=grade_up&after=x", "category=%00", "after=" + "9" * 40):
        assert client.get(f"/zone?{query}").status_code == 200


def test_what_is_paid_for_would_be_marked_an_advertisement(
    app: Flask, session: Session, washer: Listing, now: datetime
) -> None:
    found = of_category(session, "610924", local_date(now), "washer")
    assert found
    shown = "{% from 'storefront/_cards.html' import cards %}{{ cards([offer]) }}"
    with app.test_request_context():
        for paid in (True, False):
            offer = Offer(found.page.cards[0], 0, advertisement=paid)
            assert ("广告" in render_template_string(shown, offer=offer)) is paid


def test_the_product_page_says_why_it_is_not_in_the_zone(
    client: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    assert "在绿色专区" in client.get(f"/listing/{washer.id}").text
    operator = an_operator(session, now)
    leave_zone(session, washer.product_id, "漏电", operator.id, now)
    page = client.get(f"/listing/{washer.id}").text
    assert "不在绿色专区：这款产品正在召回" in page
    assert washer.product.name_zh not in client.get("/zone").text
