"""A browser that cannot hear records, and the county's recognizer hears: nothing is bought by voice."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from market.web.storefront.speech import register
from tests.builders.places import a_county
from tests.builders.recognizer import Ears
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser

MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
DEAF = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"


@pytest.fixture
def address(app: Flask, session: Session, ears: Ears) -> Iterator[str]:
    """Where a county with a recognizer is served, one request after the other."""
    a_county(session)
    app.extensions["settings"] = replace(app.extensions["settings"], speech_url=ears.url)
    register(app)
    server = make_server("127.0.0.1", 0, app)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()


@pytest.fixture
def page(browsers: Callable[..., Browser]) -> Iterator[Page]:
    browser = browsers(*MICROPHONE)
    page = browser.new_page(viewport=PHONE, locale="zh-CN")
    page.add_init_script(DEAF)
    yield page
    browser.close()


def test_what_was_recorded_is_heard_and_must_be_confirmed(page: Page, address: str, ears: Ears) -> None:
    page.goto(address)
    button, said = page.locator("[data-speak]"), page.locator("form.search + [role=status]")
    button.click()
    assert said.inner_text() == "再按一下开始录音。录音送到县里的服务器变成文字，不保存。"
    assert ears.files == []
    button.click()
    page.wait_for_selector("[data-speak][aria-pressed=true]")
    assert said.inner_text() == "请说想找什么，说完再按一下。"
    page.wait_for_timeout(600)
    button.click()
    page.wait_for_url("**/search?**said=1")
    ((name, kind, sound),) = ears.files
    assert (name, kind, len(sound) > 500) == ("said.webm", "audio/webm", True)
    heard = page.get_by_role("region", name="您说的")
    assert heard.locator("p").inner_text() == "您是要找“2 级能效以上 冰箱”吗？"


def test_who_is_not_understood_is_told_and_can_type(page: Page, address: str, ears: Ears) -> None:
    ears.answer = b'{"text": ""}'
    page.goto(address)
    button = page.locator("[data-speak]")
    button.click()
    button.click()
    page.wait_for_selector("[data-speak][aria-pressed=true]")
    page.wait_for_timeout(600)
    button.click()
    expect(page.locator("form.search + [role=status]")).to_have_text("没有听清，请再说一遍，或者打字找。")
    page.fill("#q", "冰箱")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
