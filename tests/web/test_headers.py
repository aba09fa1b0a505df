"""What every answer carries, and what is said when something is wrong."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

import market
from market.settings import Settings
from market.web.logs import Redacting
from market.web.security import content_security_policy
from tests.builders.web import Browser


@pytest.mark.parametrize("path", ["/account/sign-in", "/no/such/page", "/static/app.css"])
def test_every_answer_carries_the_security_headers(client: Browser, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "X-Request-ID" in headers


def test_forms_may_end_at_the_payment_page_and_nowhere_else(settings: Settings) -> None:
    real = content_security_policy(replace(settings, stripe_api_base=""))
    assert real.endswith("form-action 'self' https://checkout.stripe.com")
    local = content_security_policy(replace(settings, stripe_api_base="http://127.0.0.1:4242/v1"))
    assert local.endswith("form-action 'self' http://127.0.0.1:4242")


def test_pages_are_not_kept_by_caches_and_static_files_are_for_a_year(client: Browser) -> None:
    assert client.get("/account/sign-in").headers["Cache-Control"] == "private, no-cache"
    assert "max-age=31536000" in client.get("/static/app.css").headers["Cache-Control"]


def test_the_address_of_a_static_file_changes_with_its_content(app: Flask, tmp_path: Path) -> None:
    with app.test_request_context():
        address = app.url_for("static", filename="app.css")
        assert "?v=" in address
        assert address == app.url_for("static", filename="app.css")
        assert app.url_for("static", filename="gone.css") == "/static/gone.css"


@pytest.mark.parametrize(("accepted", "used"), [("br, gzip", "br"), ("zstd, gzip", "zstd"), ("gzip", "gzip")])
def test_pages_are_compressed_as_the_browser_can(client: Browser, accepted: str, used: str) -> None:
    answer = client.get("/account/sign-in", headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == used


def test_production_cookies_travel_only_over_https(settings: Settings) -> None:
    app = market.create_app(replace(settings, env="production"))
    assert app.config["SESSION_COOKIE_SECURE"] is True
    headers = app.test_client().get("/nowhere", base_url="https://market.example").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_proxys_word_counts_only_when_it_is_trusted(settings: Settings) -> None:
    told = {"X-Forwarded-For": "203.0.113.9"}
    for hops, expected in ((0, "127.0.0.1"), (1, "203.0.113.9")):
        app = market.create_app(replace(settings, trusted_proxies=hops))
        seen = []
        app.before_request(lambda seen=seen: seen.append(_remote_address()))
        app.test_client().get("/nowhere", headers=told)
        assert seen == [expected]


def _remote_address() -> str | None:
    from flask import request

    return request.remote_addr


def test_without_a_secret_key_all_processes_share_one_kept_beside_the_data(settings: Settings) -> None:
    bare = replace(settings, secret_key="")
    first, second = market.create_app(bare), market.create_app(bare)
    assert len(first.config["SECRET_KEY"]) >= 32
    assert first.config["SECRET_KEY"] == second.config["SECRET_KEY"]
    assert (settings.data_dir / "secret_key").stat().st_mode & 0o077 == 0


def test_an_old_secret_key_still_opens_cookies(settings: Settings) -> None:
    app = market.create_app(
        replace(settings, secret_key_fallbacks=("the-key-of-last-year-0123456789abcdef",))
    )
    assert app.config["SECRET_KEY_FALLBACKS"] == ["the-key-of-last-year-0123456789abcdef"]


def test_a_request_keeps_the_id_its_proxy_gave_it_unless_it_is_odd(client: Browser) -> None:
    given = client.get("/account/sign-in", headers={"X-Request-ID": "abcdef0123456789"})
    assert given.headers["X-Request-ID"] == "abcdef0123456789"
    odd = client.get("/account/sign-in", headers={"X-Request-ID": "a b\tc"})
    assert odd.headers["X-Request-ID"] != "a b\tc"


def test_no_log_line_holds_a_telephone_number() -> None:
    record = logging.LogRecord(
        "x", logging.INFO, "", 0, "key (phone)=(%s) of 1%s", ("13800138000", "2"), None
    )
    assert Redacting("%(message)s").format(record) == "key (phone)=(138****8000) of 12"


def test_an_upload_beyond_the_limit_is_answered_with_a_sentence(client: Browser) -> None:
    answer = client.post("/language", data=b"x" * (13 * 1024 * 1024), content_type="text/plain")
    assert answer.status_code in (400, 413)


def test_valkey_gone_makes_no_page_fail(settings: Settings) -> None:
    app = market.create_app(replace(settings, redis_url="redis://127.0.0.1:9/0"))
    browser = Browser(app)
    for _ in range(3):
        answer = browser.submit("/account/register", {"phone": "1", "name": "x", "password": "y"})
        assert answer.status_code == 422
