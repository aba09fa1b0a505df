"""A POST that moves money or goods is done once."""

import pytest
from flask import Blueprint, Flask, redirect, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.once import IdempotencyKey
from market.web.once import once
from tests.builders.web import Browser

KEY = "Idempotency-Key"


@pytest.fixture
def done(app: Flask) -> list[str]:
    """What the guarded view of these tests did."""
    did: list[str] = []
    bp = Blueprint("parcels", __name__)

    @bp.post("/send")
    @once("parcels.send")
    def send() -> Response | tuple[str, int]:
        weight = request.form["weight"]
        if weight == "0":
            return "too light", 422
        if weight == "-1":
            raise Refused("state.illegal_move")
        did.append(weight)
        return redirect(f"/parcels/{len(did)}", 303)

    app.register_blueprint(bp)
    return did


def test_the_same_key_does_it_once_and_leads_to_the_same_place(client: Browser, done: list[str]) -> None:
    form = {"weight": "5", KEY: str(new_id())}
    places = [client.submit("/send", form).location for _ in range(3)]
    assert places == ["/parcels/1"] * 3
    assert done == ["5"]


def test_the_key_may_travel_in_the_header(client: Browser, done: list[str]) -> None:
    key = {KEY: "a-key-of-my-own"}
    for _ in range(2):
        assert client.submit("/send", {"weight": "5", KEY: ""}, headers=key).location == "/parcels/1"
    assert done == ["5"]


def test_another_key_is_another_parcel(client: Browser, done: list[str]) -> None:
    places = [client.submit("/send", {"weight": "5"}).location for _ in range(2)]
    assert places == ["/parcels/1", "/parcels/2"]


@pytest.mark.parametrize("weight", ["0", "-1"])
def test_a_refused_attempt_leaves_its_key_free(
    client: Browser, session: Session, done: list[str], weight: str
) -> None:
    key = str(new_id())
    assert client.submit("/send", {"weight": weight, KEY: key}).status_code in (409, 422)
    assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
    assert client.submit("/send", {"weight": "5", KEY: key}).location == "/parcels/1"


@pytest.mark.parametrize("key", ["", "short", "x" * 201])
def test_without_a_proper_key_nothing_is_done(client: Browser, done: list[str], key: str) -> None:
    answer = client.submit("/send", {"weight": "5", KEY: key})
    assert answer.status_code == 409
    assert "页面已过期" in answer.text
    assert done == []


def test_the_keys_of_two_people_never_meet(client: Browser, done: list[str]) -> None:
    form = {"weight": "5", KEY: "the-same-key"}
    other = Browser(client.application)
    assert [client.submit("/send", form).location, other.submit("/send", form).location] == [
        "/parcels/1",
        "/parcels/2",
    ]
