"""What was said becomes words by the county's recognizer, where it has one; never an order, never kept."""

from dataclasses import replace

import pytest
from flask import Flask

from market.search.speech import MOST_BYTES, RemoteRecognizer
from market.settings import SettingsError, read
from market.web.storefront.speech import register
from tests.builders.recognizer import Ears
from tests.builders.web import Browser

WEBM = "audio/webm;codecs=opus"


@pytest.fixture
def hearing(app: Flask, ears: Ears) -> Flask:
    """The application of a county that runs a recognizer."""
    app.extensions["settings"] = replace(app.extensions["settings"], speech_url=ears.url)
    register(app)
    return app


def say(client: Browser, sound: bytes = b"sound", kind: str = WEBM) -> tuple[int, dict[str, str] | None]:
    token = {"X-CSRFToken": client.csrf_token(), "Accept": "application/json"}
    answer = client.post("/search/speech", data=sound, content_type=kind, headers=token)
    return answer.status_code, answer.json


def test_a_recording_comes_back_as_words(hearing: Flask, ears: Ears) -> None:
    assert say(Browser(hearing)) == (200, {"words": "费电少的冰箱。"})
    assert ears.files == [("said.webm", "audio/webm", b"sound")]


def test_silence_and_a_recognizer_out_of_order_are_said_in_the_readers_words(
    hearing: Flask, ears: Ears
) -> None:
    ears.answer = b'{"text": "  "}'
    assert say(Browser(hearing)) == (422, {"error": "没有听清，请再说一遍，或者打字找。"})
    for status, answer in ((500, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b'{"text": null}')):
        ears.status, ears.answer = status, answer
        assert say(Browser(hearing)) == (503, {"error": "现在听不了，请打字找。"})


def test_a_recognizer_that_is_gone_is_out_of_order_too(hearing: Flask) -> None:
    hearing.extensions["recognizer"] = RemoteRecognizer("http://127.0.0.1:1/inference")
    assert say(Browser(hearing))[0] == 503


@pytest.mark.parametrize(
    ("sound", "kind", "status"),
    [(b"x", "image/png", 415), (b"x", "", 415), (b"x" * (MOST_BYTES + 1), WEBM, 413)],
)
def test_what_is_no_short_recording_is_refused_and_goes_nowhere(
    hearing: Flask, ears: Ears, sound: bytes, kind: str, status: int
) -> None:
    assert say(Browser(hearing), sound, kind)[0] == status
    assert ears.files == []


def test_a_recording_without_a_token_is_refused(hearing: Flask, ears: Ears) -> None:
    answer = Browser(hearing).post("/search/speech", data=b"sound", content_type=WEBM)
    assert (answer.status_code, ears.files) == (400, [])


def test_who_asks_too_often_is_told_to_wait(hearing: Flask, ears: Ears) -> None:
    client = Browser(hearing)
    assert [say(client)[0] for _ in range(11)] == [200] * 10 + [429]
    assert len(ears.files) == 10


def test_it_is_off_unless_a_recognizer_is_named(app: Flask) -> None:
    assert say(Browser(app))[0] == 404
    assert "data-listen" not in Browser(app).get("/search").text


def test_the_page_says_first_where_the_recording_goes(hearing: Flask) -> None:
    page = Browser(hearing).get("/search?q=never").text
    assert 'data-listen="/search/speech"' in page
    assert "录音送到县里的服务器变成文字，不保存" in page


def test_an_address_that_is_none_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="SPEECH_URL must be an address"):
        read({"SPEECH_URL": "localhost:9000"})
