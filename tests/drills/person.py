"""Somebody at a browser while the market's processes die: asks again, with the same key, until answered."""

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import requests

from tests.journeys.stack import Stack

BACK_WITHIN_SECONDS = 60
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
_SAID = re.compile(r'role="(?:status|alert)"[^>]*>\s*(?:<[^>]*>\s*)*([^<]*)')


class Lost(Exception):
    """The market did not answer, or answered that it is out of order."""


class Unheard(requests.RequestException):
    """A form was turned away before anybody looked at it: its page is old, or its buyer is signed out."""


class Person:
    """A browser of one account. `journal` holds each answer's status and address, and what was lost."""

    def __init__(self, stack: Stack, phone: str, password: str) -> None:
        self.stack, self.phone, self.password = stack, phone, password
        self.http = requests.Session()
        self.journal: list[str] = []

    def get(self, path: str) -> requests.Response:
        """Open a page, signing in anew where that is asked."""
        url = path if path.startswith("http") else self.stack.url + path

        def once() -> requests.Response:
            answer = self.http.get(url, timeout=20)
            if "/sign-in" in answer.url:
                self._sign_in(answer.url, answer.text)
                answer = self.http.get(url, timeout=20)
            return answer

        return self.patiently("GET", once)

    def post(
        self, path: str, form_path: str, fields: dict[str, Any], key: str = "", *, page: str = ""
    ) -> requests.Response:
        """Send the form; its key stays the same however often the answer is lost."""
        key = key or fields.get("Idempotency-Key", "")
        pages = [page] if page else []  # a form that was turned away is opened anew

        def once() -> requests.Response:
            token = _TOKEN.search(pages.pop() if pages else self.get(form_path).text)
            data = {**fields, "csrf_token": unescape(token[1]) if token else ""}
            if key:
                data["Idempotency-Key"] = key
            answer = self.http.post(self.stack.url + path, data, timeout=20)
            if answer.status_code == 400 or "/sign-in" in answer.url:
                raise Unheard(f"{answer.status_code} {answer.url}")
            return answer

        return self.patiently("POST", once)

    def patiently(self, method: str, ask: Callable[[], requests.Response]) -> requests.Response:
        """Ask again until there is an answer that is not the market's own trouble. Raises Lost."""
        end = time.monotonic() + 2 * BACK_WITHIN_SECONDS
        trouble = ""
        while time.monotonic() < end:
            try:
                answer = ask()
                trouble = f"{answer.status_code} {answer.url}"
                self.journal.append(f"{method} {trouble}")
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
            except requests.RequestException as error:
                trouble = f"{type(error).__name__} {error}"
                self.journal.append(f"{method} {trouble[:120]}")
            time.sleep(0.5)
        raise Lost(trouble)

    def _sign_in(self, url: str, page: str) -> None:
        token = _TOKEN.search(page)
        data = {"phone": self.phone, "password": self.password}
        answer = self.http.post(url, {**data, "csrf_token": unescape(token[1]) if token else ""}, timeout=20)
        if answer.status_code >= 400 or "/sign-in" in answer.url:
            raise Unheard(f"{answer.status_code} {answer.url}")


def said(page: str) -> str:
    """The sentence that a page has for her; empty where it has none."""
    found = _SAID.search(page)
    return found[1].strip() if found else ""
