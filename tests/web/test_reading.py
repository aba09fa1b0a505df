"""长辈版: one switch on every page, kept on the device, found by search, with amounts in words."""

import re
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.builders.catalog import a_listing, an_offer_draft
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.web import Browser


def look(client: Browser, path: str = "/account/register") -> str | None:
    """The class of the page's root."""
    found = re.search(r'<html lang="[^"]*"(?: class="([^"]*)")?>', client.get(path).text)
    assert found
    return found[1]


def test_pages_are_ordinary_until_somebody_asks(client: Browser) -> None:
    assert look(client) is None
    assert "elder.css" not in client.get("/account/register").text


@pytest.mark.parametrize("px", [22, 26, 30])
def test_a_size_is_kept_on_the_device_and_leads_back_to_the_page(client: Browser, px: int) -> None:
    answer = client.submit("/reading", {"px": str(px), "next": "/cart?x=1"})
    assert (answer.status_code, answer.location) == (303, "/cart?x=1")
    assert look(client) == look(client, "/cart") == f"elder size-{px}"


def test_the_ordinary_pages_are_one_press_away(client: Browser) -> None:
    client.submit("/reading", {"px": "26"})
    client.submit("/reading", {"px": "0"})
    assert look(client) is None


@pytest.mark.parametrize("px", ["", "500", "-1", "22;x", "二十二"])
def test_a_size_that_there_is_not_changes_nothing(client: Browser, px: str) -> None:
    client.submit("/reading", {"px": "26"})
    client.submit("/reading", {"px": px})
    assert look(client) == "elder size-26"
    client.set_cookie("reading", px)
    assert look(client) is None


def test_a_stranger_cannot_send_the_reader_elsewhere(client: Browser) -> None:
    assert client.submit("/reading", {"px": "22", "next": "https://example.com/"}).location == "/"


def test_the_choice_outlives_signing_out(client: Browser, session: Session, now: datetime) -> None:
    client.become(an_account(session, now))
    client.submit("/reading", {"px": "30"})
    client.submit("/account/sign-out", {})
    assert look(client) == "elder size-30"


@pytest.mark.parametrize("words", ["长辈版", "关怀模式", "字太小 大字", "Elder mode"])
def test_who_searches_for_large_letters_is_asked_whether_to_open_them(
    client: Browser, session: Session, now: datetime, words: str
) -> None:
    a_shop(session, now)
    assert 'action="/reading"' in client.get("/search", query_string={"q": words}).text.split("<main")[1]


def test_who_searches_for_an_appliance_is_not(client: Browser, session: Session, now: datetime) -> None:
    a_shop(session, now)
    assert 'action="/reading"' not in client.get("/search?q=冰箱").text.split("<main")[1]


def test_prices_are_also_said_in_words(client: Browser, session: Session, now: datetime) -> None:
    listing = a_listing(session, a_shop(session, now), now, offer=an_offer_draft(price_fen=260_000))
    path = f"/listing/{listing.id}"
    assert "二千六百元" not in client.get(path).text
    client.submit("/reading", {"px": "22"})
    assert "二千六百元" in client.get(path).text
    assert "two thousand six hundred yuan" in client.get(path, headers={"Accept-Language": "en"}).text
