"""The open door: everyone may read it, and it says what is estimated."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.catalog.load import load_catalog
from market.shops.models import Shop
from market.subsidies import programmes
from tests.builders.shops import a_shop
from tests.builders.subsidies import a_funded_programme


@pytest.fixture
def shop(session: Session, now) -> Shop:
    found = a_shop(session, now)
    a_funded_programme(session, found.county_code, now, budget_fen=2_000_000_00)
    session.commit()
    return found


def test_a_stranger_reads_every_page(client: FlaskClient, shop: Shop) -> None:
    county = f"/open/{shop.county_code}"
    for path in (
        "/open",
        county,
        f"{county}/shops",
        f"{county}/recyclers",
        "/open/programmes",
        "/open/rules",
    ):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 200)


def test_the_county_page_shows_its_pot_whole_and_calls_its_hub_an_estimate(
    client: FlaskClient, shop: Shop
) -> None:
    page = client.get(f"/open/{shop.county_code}").text
    assert "¥2,000,000.00" in page
    assert '<rect x="0" width="600"' in page
    assert "这个位置是估计的" in page


def test_the_register_names_the_licence(client: FlaskClient, shop: Shop) -> None:
    page = client.get(f"/open/{shop.county_code}/shops").text
    assert shop.licence_number in page
    assert f"/shops/{shop.id}" in page


def test_the_rules_page_prints_the_figures_the_code_uses(client: FlaskClient, shop: Shop) -> None:
    page = client.get("/open/rules").text
    assert "等级在 2 级以内" in page
    assert "1 级商品得 2 倍" in page
    assert "最多抵货款的 30%" in page
    assert "店铺" in page


def test_a_programme_is_shown_with_its_number_and_its_source(client: FlaskClient, shop: Shop) -> None:
    page = client.get("/open/programmes").text
    assert "GB-2026:1" in page
    assert "商办流通函〔2025〕469号" in page


def test_no_programme_of_a_chinese_page_is_told_in_codes_or_english(
    session: Session, client: FlaskClient, shop: Shop
) -> None:
    load_catalog(session)
    for data in programmes.shipped():
        programmes.publish(session, data)
    session.commit()
    page = client.get("/open/programmes", headers={"Accept-Language": "zh-CN"}).text
    assert "灶具 每人 1 件" in page
    assert "洗碗机 每人 1 件" in page
    assert "facts §" not in page
    assert not re.search(r"\b(cooktop|range_hood|dishwasher|rice_cooker|water_purifier|unknown)\b", page)


def test_a_county_without_a_market_is_not_found(client: FlaskClient, shop: Shop) -> None:
    assert client.get("/open/110101").status_code == 404
    assert client.get("/open/110101/shops").status_code == 404
