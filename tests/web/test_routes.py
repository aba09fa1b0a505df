"""Every route has its audience and its guard, and the guard holds."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.web.routes import EVERYBODY, UNGUARDED, Route, routes
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.web import Browser

STAFF = {"shop", "courier", "county", "recycler", "station", "keeper"}


def attempts(app: Flask, audiences: set[str]) -> Iterator[tuple[str, str]]:
    """Each method and path of those audiences, with ids that belong to nobody."""
    for route in routes(app):
        if route.audience in audiences and route.guard:
            path = filled(route.path)
            yield from ((method, path) for method in route.methods)


def filled(path: str) -> str:
    """The path with ids that belong to nobody, and words that may stand there."""
    path = re.sub(r"<uuid:\w+>", lambda _: str(new_id()), path)
    return re.sub(r"<\w+>", "fridge", re.sub(r"<any\((\w+)[^>]*>", r"\1", path))


def open_as(browser: Browser, method: str, path: str) -> tuple[int, str | None]:
    answer = browser.submit(path) if method == "POST" else browser.open(path, method=method)
    return answer.status_code, answer.location


def test_every_route_has_a_guard_or_is_open_on_purpose(app: Flask) -> None:
    bare = [route for route in routes(app) if route.guard is None and route.endpoint not in UNGUARDED]
    assert bare == []


def test_what_is_open_on_purpose_exists(app: Flask) -> None:
    assert set(UNGUARDED) - {route.endpoint for route in routes(app)} == set()


def test_a_route_says_its_methods_audience_and_guard(app: Flask) -> None:
    known = {route.endpoint: route for route in routes(app)}
    assert known["account.profile"] == Route(
        "/account/profile", "account.profile", ("GET", "POST"), "consumer", "signed_in"
    )
    assert known["shop.confirm"].guard == "require_clerk"
    assert (known["storefront.home"].audience, known["storefront.home"].guard) == (EVERYBODY, None)


def test_a_stranger_is_sent_to_sign_in_from_every_guarded_route(
    app: Flask, client: Browser, session: Session
) -> None:
    a_county(session)
    for method, path in attempts(app, STAFF | {"consumer"}):
        status, location = open_as(client, method, path)
        assert (status, (location or "")[:16]) == (303, "/account/sign-in"), (method, path)


def test_a_villager_finds_no_page_behind_any_working_door(
    app: Flask, client: Browser, session: Session, now: datetime
) -> None:
    client.become(an_account(session, now))
    a_county(session)
    for method, path in attempts(app, STAFF):
        assert open_as(client, method, path)[0] == 404, (method, path)


def test_what_belongs_to_nobody_is_not_found_by_anybody(
    app: Flask, client: Browser, session: Session, now: datetime
) -> None:
    client.become(an_account(session, now))
    a_county(session)
    for method, path in attempts(app, {"consumer"}):
        if re.search(r"[0-9a-f]{8}-", path):
            assert open_as(client, method, path)[0] == 404, (method, path)


def test_no_post_is_heard_without_our_token(
    app: Flask, client: Browser, session: Session, now: datetime
) -> None:
    client.become(an_account(session, now))
    a_county(session)
    posts = [route.path for route in routes(app) if "POST" in route.methods and route.audience != "stripe"]
    for path in posts:
        answer = client.post(filled(path))
        assert answer.status_code == 400, path


@pytest.mark.parametrize("path", ["/orders/not-an-id", "/shop/listings/1", "/recycle/%00"])
def test_what_is_no_id_is_not_found(client: Browser, session: Session, path: str) -> None:
    a_county(session)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("door", ["/recycler", "/open", "/recycle", "/station", "/keeper"])
def test_a_door_opens_with_and_without_a_slash(client: Browser, session: Session, door: str) -> None:
    a_county(session)
    statuses = [client.get(path).status_code for path in (door, f"{door}/")]
    assert statuses[0] == statuses[1]
    assert statuses[0] in (200, 302, 303)
