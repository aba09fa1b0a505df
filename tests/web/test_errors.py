"""Error pages: nothing is a traceback, and a refusal nobody caught is still a sentence."""

from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from market.kernel.errors import NotFound, Refused
from tests.builders.web import Browser

ERRORS = {
    "not-found": NotFound(),
    "field": Refused("people.phone_shape", field="phone"),
    "moment": Refused("state.illegal_move"),
    "database": OperationalError("select 1", {"phone": "13800138000"}, Exception("gone")),
    "unforeseen": RuntimeError("secret detail"),
}


@pytest.fixture
def browser(app: Flask) -> Browser:
    def fail(name: str) -> NoReturn:
        raise ERRORS[name]

    app.add_url_rule("/fail/<name>", view_func=fail)
    return Browser(app)


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("not-found", 404, "找不到这个页面"),
        ("field", 422, "请填 11 位手机号码"),
        ("moment", 409, "现在不能这样操作"),
        ("database", 503, "系统正忙"),
        ("unforeseen", 500, "系统出错了"),
    ],
)
def test_every_error_is_a_page_with_a_sentence(
    browser: Browser, name: str, status: int, sentence: str
) -> None:
    answer = browser.get(f"/fail/{name}")
    assert answer.status_code == status
    assert sentence in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_an_error_is_json_where_json_is_asked_for(browser: Browser) -> None:
    answer = browser.get("/fail/moment", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"].startswith("现在不能这样操作")


def test_a_wrong_method_says_which_are_right(browser: Browser) -> None:
    answer = browser.get("/language")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_error_speaks_the_readers_language(browser: Browser) -> None:
    answer = browser.get("/fail/moment", headers={"Accept-Language": "en-GB"})
    assert '<html lang="en">' in answer.text
