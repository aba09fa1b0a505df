"""Kept pages: rendered once, each visitor's own token and keys in them, and gone with the next change."""

import gzip
import re
from datetime import datetime, timedelta

import pytest
from flask import Flask, request
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from market.catalog.change_price import change_price
from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.inventory.queries import left
from market.inventory.receive import adjust
from market.kernel import clock, shown
from market.kernel.db import Base
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.shops import a_shop
from tests.builders.subsidies import a_funded_programme
from tests.builders.web import Browser, hidden

PUBLIC = ("/", "/category/washer", "/search?q=洗衣机", "/zone", "/scenes", "/cart")


@pytest.fixture
def washer(session: Session, now: datetime) -> Listing:
    listing = a_listing(session, a_shop(session, now), now)
    a_verified_label(session, listing, now)
    return listing


@pytest.fixture(autouse=True)
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def renders(app: Flask) -> list[str]:
    """The paths that Flask was asked for."""
    asked: list[str] = []
    app.before_request(lambda: asked.append(request.full_path))
    return asked


def pages(listing: Listing) -> list[str]:
    return [
        *PUBLIC,
        f"/listing/{listing.id}",
        f"/p/{listing.product_id}",
        f"/shops/{listing.shop_id}",
        f"/listing/{listing.id}/reviews",
    ]


def without_own(page: str) -> str:
    """The page without tokens and keys."""
    return re.sub(r'name="(csrf_token|Idempotency-Key)"( type="hidden")? value="[^"]*"', "", page)


def test_two_visitors_get_one_page_that_was_rendered_once_with_a_token_and_keys_of_their_own(
    app: Flask, washer: Listing, renders: list[str]
) -> None:
    for path in pages(washer):
        first, second = Browser(app).get(path), Browser(app).get(path)
        assert (first.status_code, second.status_code) == (200, 200)
        assert without_own(first.text) == without_own(second.text)
        mine, hers = hidden(first.text, "csrf_token"), hidden(second.text, "csrf_token")
        assert mine["csrf_token"] != hers["csrf_token"]
        keys = re.findall(r'name="Idempotency-Key" value="([^"]*)"', first.text + second.text)
        assert len(keys) == len(set(keys))
    assert len(renders) == len(pages(washer))


def test_a_kept_page_carries_the_headers_of_the_one_that_was_rendered(app: Flask, washer: Listing) -> None:
    first, second = Browser(app).get("/zone"), Browser(app).get("/zone")
    own = {"Set-Cookie", "X-Request-ID", "ETag", "Content-Length", "Vary"}
    general = [{it for it in page.headers if it[0] not in own} for page in (first, second)]
    assert general[0] == general[1]
    assert second.headers["Set-Cookie"].startswith("session=")
    assert "HttpOnly" in second.headers["Set-Cookie"]
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_a_kept_page_is_small_and_comes_out_of_gzip_as_it_is(app: Flask, washer: Listing) -> None:
    for path in pages(washer):
        Browser(app).get(path)
        packed = Browser(app).get(path, headers={"Accept-Encoding": "gzip"})
        plain = Browser(app).get(path)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert without_own(gzip.decompress(packed.data).decode()) == without_own(plain.text)
        assert len(packed.data) < 9_000


def test_the_form_of_a_kept_page_can_be_sent(app: Flask, session: Session, washer: Listing) -> None:
    Browser(app).get(f"/listing/{washer.id}")
    her = Browser(app)
    fields = hidden(her.get(f"/listing/{washer.id}").text, "listing_id")
    assert her.post("/cart", data={**fields, "quantity": "2"}).status_code == 303
    assert 'value="2"' in her.get("/cart").text
    assert Browser(app).post("/cart", data={**fields, "quantity": "2"}).status_code == 400


def test_a_browser_that_has_the_page_is_told_so_until_something_changes(
    app: Flask, session: Session, washer: Listing, now: datetime, renders: list[str]
) -> None:
    her = Browser(app)
    her.get("/zone")
    etag = her.get("/zone").headers["ETag"]
    again = her.get("/zone", headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert Browser(app).get("/zone", headers={"If-None-Match": etag}).status_code == 200
    change_price(session, washer.shop_id, washer.id, 199_900, 199_900, None, now)
    changed = her.get("/zone", headers={"If-None-Match": etag})
    assert (changed.status_code, "1,999" in changed.text, len(renders)) == (200, True, 2)


def test_who_has_a_cart_never_gets_yesterdays_keys(app: Flask, session: Session, washer: Listing) -> None:
    her, path = Browser(app), f"/listing/{washer.id}"
    her.get(path)
    put = hidden(her.get(path).text, "listing_id")
    her.post("/cart", data={**put, "quantity": "1"})
    her.get(path)
    page = her.get(path)
    again = her.get(path, headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 200
    her.post("/cart", data={**hidden(again.text, "listing_id"), "quantity": "1"})
    assert 'value="2"' in her.get("/cart").text


def test_what_changes_is_seen_on_the_next_request(
    app: Flask, client: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    path, owner = f"/listing/{washer.id}", an_account(session, now)
    assert "¥2,599.00" in client.get(path).text
    change_price(session, washer.shop_id, washer.id, 279_900, 249_900, owner.id, now)
    assert "¥2,499.00" in client.get(path).text
    adjust(session, washer.id, -left(session, [washer.id])[washer.id], "盘点", now)
    assert "没货" in client.get(path).text
    set_state(session, washer.shop_id, washer.id, ListingState.paused, now)
    assert client.get(path).status_code == 404
    assert washer.product.name_zh not in client.get("/zone").text


def test_a_page_is_rendered_anew_when_the_minute_is_over(
    app: Flask, washer: Listing, renders: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clock.now().replace(second=30)
    monkeypatch.setattr(clock, "now", lambda: moment)
    Browser(app).get("/zone")
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(seconds=29))
    Browser(app).get("/zone")
    assert len(renders) == 1
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(seconds=30))
    Browser(app).get("/zone")
    assert len(renders) == 2


def test_what_pages_have_in_common_is_read_once_until_it_changes(
    app: Flask, session: Session, washer: Listing, now: datetime, statements: list[str]
) -> None:
    Browser(app).get("/category/washer?never=1")
    statements.clear()
    assert "政府补贴 ¥" not in Browser(app).get("/category/washer?never=2").text
    assert [it for it in statements if "FROM counties" in it] == []
    a_funded_programme(session, washer.shop.county_code, now)
    statements.clear()
    assert "政府补贴 ¥" in Browser(app).get("/category/washer?never=3").text
    assert len([it for it in statements if "FROM counties" in it]) == 1


def test_languages_and_sizes_and_counties_do_not_mix(app: Flask, session: Session, washer: Listing) -> None:
    a_county(session, code="610728")
    Browser(app).get("/zone")
    english = Browser(app).get("/zone", headers={"Accept-Language": "en"}).text
    large, elsewhere = Browser(app), Browser(app)
    large.submit("/reading", {"px": "26"})
    elsewhere.submit("/region", {"county": "610924"})
    assert 'lang="en"' in english
    assert 'class="elder size-26"' in large.get("/zone").text
    assert washer.product.name_zh in elsewhere.get("/zone").text
    plain = Browser(app).get("/zone").text
    said = ('lang="zh-CN"' in plain, "elder size" in plain, washer.product.name_zh in plain)
    assert said == (True, False, False)


def test_what_is_somebodys_is_never_kept(
    app: Flask, session: Session, washer: Listing, now: datetime, renders: list[str]
) -> None:
    her = Browser(app)
    her.become(an_account(session, now))
    assert "ETag" not in her.get("/").headers
    assert "登录" in Browser(app).get("/").text
    assert "登录" in Browser(app).get("/").text
    assert ">登录<" not in her.get("/").text
    assert len(renders) == 3


def test_a_sentence_for_one_visitor_is_shown_to_her_alone(
    app: Flask, session: Session, washer: Listing
) -> None:
    her = Browser(app)
    with her.session_transaction() as cookie:
        cookie["_flashes"] = [("bad", "这句话只给她")]
    assert "这句话只给她" in her.get("/zone").text
    assert "这句话只给她" not in Browser(app).get("/zone").text


def test_a_forged_session_is_nobodys(app: Flask, washer: Listing) -> None:
    her = Browser(app)
    her.set_cookie("session", "eyJjc3JmX3Rva2VuIjoieCJ9.x.y")
    assert her.get("/zone").status_code == 200


def test_looks_at_a_kept_page_are_counted(app: Flask, client: Browser, washer: Listing, valkey) -> None:
    for agent in ("Mozilla/5.0 (Linux; Android 9)", "Mozilla/5.0 (Linux; Android 9)", "curl/8"):
        Browser(app).get(f"/listing/{washer.id}", headers={"User-Agent": agent})
    (name,) = valkey.keys("tally:views:*")
    assert valkey.hgetall(name) == {str(washer.id).encode(): b"2"}


def test_every_table_that_a_kept_page_reads_tells_of_its_changes(
    app: Flask, connection: Connection, washer: Listing
) -> None:
    read: set[str] = set()

    def listen(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        read.update(name for name in Base.metadata.tables if re.search(rf"(FROM|JOIN) {name}\b", statement))

    event.listen(connection, "before_cursor_execute", listen)
    for path in pages(washer):
        assert Browser(app).get(path).status_code == 200
    event.remove(connection, "before_cursor_execute", listen)
    assert "listings" in read
    assert read - set(shown.TABLES) - {"shown_changes"} == set()


def test_the_tables_that_are_said_to_tell_have_the_trigger(connection: Connection) -> None:
    found = connection.scalars(
        text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'count_shown_change'")
    ).all()
    assert sorted(found) == sorted(shown.TABLES)


def test_the_number_moves_when_others_can_see_the_change_and_not_before(fresh_engine) -> None:
    with fresh_engine.connect() as writer, fresh_engine.connect() as reader:
        reader = reader.execution_options(isolation_level="AUTOCOMMIT")
        before = reader.scalar(text(shown.SUM))
        writer.execute(text("UPDATE listings SET price_fen = price_fen"))
        assert reader.scalar(text(shown.SUM)) == before
        writer.commit()
        after = reader.scalar(text(shown.SUM))
        assert after > before
        writer.execute(text("UPDATE listings SET price_fen = price_fen"))
        writer.rollback()
        assert reader.scalar(text(shown.SUM)) == after


def test_backends_that_are_gone_are_folded_and_the_number_stays(fresh_engine) -> None:
    with Session(fresh_engine) as session:
        session.execute(text("INSERT INTO shown_changes VALUES (4000001, 7), (4000002, 5)"))
        session.commit()
        before = session.scalar(text(shown.SUM))
        shown.fold(session)
        shown.fold(session)
        session.commit()
        gone = session.scalars(text("SELECT 1 FROM shown_changes WHERE backend_pid > 4000000")).all()
        assert (session.scalar(text(shown.SUM)), gone) == (before, [])
