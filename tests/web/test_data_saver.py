"""省流量: no page has a picture for who asks for none, by the browser's word or the switch on each page."""

import re
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from market.catalog.listing_photos import add_photos
from market.catalog.models import Listing
from market.kernel import clock
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.people import an_account
from tests.builders.recycling import a_photo
from tests.builders.shops import a_shop
from tests.builders.web import Browser

SAVING = {"Save-Data": "on"}
PICTURE = re.compile(r"<(?:img|picture|source|image|svg)\b[^>]*>|[^\"]*\.svg[^\"]*|url\([^)]*\)")


@pytest.fixture(autouse=True)
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def washer(session: Session, now: datetime) -> Listing:
    listing = a_listing(session, a_shop(session, now), now)
    a_verified_label(session, listing, now)
    return listing


def pages(listing: Listing) -> list[str]:
    return [
        "/", "/category/washer", "/category/fridge", "/search?q=洗衣机", "/search?q=没有的", "/zone",
        "/scenes", "/cart", "/recycle", "/fairs", "/groups", "/account/sign-in", "/nowhere",
        f"/listing/{listing.id}",
        f"/p/{listing.product_id}", f"/shops/{listing.shop_id}", f"/listing/{listing.id}/reviews",
    ]  # fmt: skip


def pictures(client: Browser, path: str, headers: dict[str, str] | None = None) -> list[str]:
    return PICTURE.findall(client.get(path, headers=headers or {}).text)


def test_a_browser_that_saves_data_gets_pages_without_a_picture(app: Flask, washer: Listing) -> None:
    found = {path: pictures(Browser(app), path, SAVING) for path in pages(washer)}
    assert {path: it for path, it in found.items() if it} == {}


def test_every_page_has_pictures_otherwise(app: Flask, washer: Listing) -> None:
    assert [path for path in pages(washer) if not pictures(Browser(app), path)] == []


def test_the_switch_is_kept_on_the_device_and_leads_back_to_the_page(app: Flask, washer: Listing) -> None:
    client = Browser(app)
    answer = client.submit("/data-saver", {"pictures": "off", "next": "/cart?x=1"})
    assert (answer.status_code, answer.location) == (303, "/cart?x=1")
    assert pictures(client, "/") == pictures(client, f"/listing/{washer.id}") == []
    assert 'name="pictures" value="on"' in client.get("/").text
    client.submit("/data-saver", {"pictures": "on"})
    assert len(pictures(client, "/")) > 2


def test_what_the_visitor_chose_counts_for_more_than_what_the_browser_says(
    app: Flask, washer: Listing
) -> None:
    client = Browser(app)
    client.submit("/data-saver", {"pictures": "on"})
    assert len(pictures(client, "/", SAVING)) > 2


@pytest.mark.parametrize("choice", ["", "maybe", "1", "off;x"])
def test_a_choice_that_there_is_not_changes_nothing(app: Flask, washer: Listing, choice: str) -> None:
    client = Browser(app)
    client.submit("/data-saver", {"pictures": "off"})
    client.submit("/data-saver", {"pictures": choice})
    assert pictures(client, "/") == []


def test_a_stranger_cannot_send_the_reader_elsewhere(client: Browser) -> None:
    assert client.submit("/data-saver", {"pictures": "off", "next": "https://example.com/"}).location == "/"


def test_a_kept_page_is_another_for_who_saves_data(app: Flask, washer: Listing) -> None:
    chosen = Browser(app)
    chosen.submit("/data-saver", {"pictures": "off"})
    for path in ("/", f"/listing/{washer.id}"):
        with_pictures, without = Browser(app).get(path), Browser(app).get(path, headers=SAVING)
        for answer in (with_pictures, without, Browser(app).get(path)):
            assert "Save-Data" in answer.headers["Vary"]
        assert pictures(Browser(app), path) == PICTURE.findall(with_pictures.text) != []
        assert pictures(Browser(app), path, SAVING) == pictures(chosen, path) == []
        assert without.headers["ETag"] != with_pictures.headers["ETag"]


def test_the_photos_of_one_page_can_still_be_had(app: Flask, washer: Listing, session: Session) -> None:
    add_photos(session, washer.shop_id, washer.id, [a_photo()], clock.now())
    page = Browser(app).get(f"/listing/{washer.id}", headers=SAVING).text
    assert PICTURE.findall(page) == []
    assert '<a class="btn" href="?pictures=1">看 1 张照片</a>' in page
    asked = Browser(app).get(f"/listing/{washer.id}?pictures=1", headers=SAVING).text
    assert "/pictures/" in asked


def test_a_signed_in_person_goes_without_them_too(app: Flask, washer: Listing, session: Session) -> None:
    client = Browser(app)
    client.become(an_account(session, clock.now()))
    for path in ("/", "/account", "/orders", "/recycle"):
        assert pictures(client, path, SAVING) == []
