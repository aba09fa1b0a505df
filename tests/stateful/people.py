"""People of a walk: what they have before them, and which form they press."""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from flask import Flask

from market.kernel.clock import local_date
from market.people.models import Account
from tests.builders.forms import Form, Seen, read
from tests.builders.web import Browser
from tests.stateful.people_memory import Memory, pattern
from tests.stateful.people_till import HOST, Till

DOORS = {
    "consumer": (
        "/", "/orders", "/recycle", "/recycle/bring", "/cart", "/account", "/points", "/zone", "/notices",
        "/recalls", "/subsidies", "/checkout/payment",
    ),
    "owner": ("/shop", "/shop/orders", "/shop/listings", "/shop/returns", "/shop/recalls"),
    "clerk": ("/shop/orders", "/shop/returns", "/shop/trade-ins", "/shop/claims"),
    "courier": ("/courier/", "/courier/", "/courier/cash", "/custody"),
    "operator": (
        "/county", "/county/hub", "/county/batches", "/county/trade-ins", "/county/mail-in",
        "/county/returns",
        "/county/repairs", "/county/recalls", "/county/recyclers", "/county/inspections", "/county/cases",
        "/county/collection-points", "/county/refunds", "/county/freight", "/county/cash", "/custody",
        "/county/labels", "/county/settlements", "/county/certificates", "/county/treasury",
    ),
    "recycler": ("/recycler", "/recycler", "/recycler/oversight", "/custody"),
    "station": ("/station", "/keeper"),
    "auditor": ("/county/claims",),
}  # fmt: skip
BUSY = {"consumer": 8, "recycler": 5, "operator": 5, "courier": 6, "owner": 3, "station": 2}
# Who does so is gone or reads another language.
NOT_PRESSED = re.compile(
    r"^/(account/(sign-|password|register|sessions)|language)|"
    r"\.(pdf|csv|xlsx|svg|json|js)$|/(photos?|static|scans)(/|$)"
)
_CODE = re.compile(r"\b[A-Z]{1,2}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")
_SPOKEN = re.compile(r'class="price code">(\d{6,})<')  # a courier's, who hands in her cash
MOST_LINKS, TOKEN_SECONDS = 120, 1_200


class Person:
    """Somebody before a page."""

    def __init__(self, app: Flask, account: Account, role: str, cookie: str | None) -> None:
        self.account, self.role, self.doors = account, role, DOORS[role]
        self.browser = Browser(app)
        self.seen, self.left, self.links = Seen([], []), list[Form](), dict[str, None]()
        self.knows: Mapping[str, object] = {}
        self._token, self._token_until = "", 0.0
        if cookie:
            self._be(cookie)

    def become(self) -> str:
        """Sign in; the session's token."""
        self.browser.become(self.account)
        with self.browser.session_transaction() as cookie:
            return str(cookie["_user_id"])

    def _be(self, token: str) -> None:
        with self.browser.session_transaction() as cookie:
            cookie["_user_id"] = token

    def look(self, path: str, memory: Memory) -> int:
        """Open a page; an expired sign-in is made anew."""
        answer = self.browser.get(path, follow_redirects=True)
        if "/account/sign-in" in answer.request.path:
            self.browser.become(self.account)
            self._token_until = 0
            answer = self.browser.get(path, follow_redirects=True)
        if answer.mimetype == "text/html":
            self._read(answer.text, answer.request.path, memory)
            memory.looked(path, self.forms())
        return answer.status_code

    def _read(self, page: str, url: str, memory: Memory) -> None:
        self.seen = read(page, url)
        for code in _CODE.findall(page) + _SPOKEN.findall(page):
            memory.codes.pop(code, None)
            memory.codes[code] = None
        self.left = [*self.left, *self.forms()][-60:]
        for link in self.seen.links:
            if not NOT_PRESSED.search(link):
                self.links.pop(link, None)
                self.links[link] = None
        while len(self.links) > MOST_LINKS:
            self.links.pop(next(iter(self.links)))

    def forms(self) -> list[Form]:
        """What she may press on the page before her."""
        return [it for it in self.seen.forms if it.method == "post" and not NOT_PRESSED.search(it.action)]

    def wander(self, chance: Random, memory: Memory) -> str | None:
        """A page to open next: a door of hers, what she has seen a link to, or a code somebody shows her."""
        if memory.codes and self.role in ("courier", "operator", "recycler") and chance.random() < 0.04:
            shown = [code for code in memory.codes if code.startswith("Q-")][-8:]
            if shown:
                return f"/custody/take?code={chance.choice(shown)}"
        if not self.links or chance.random() < 0.3:
            return chance.choice(self.doors)
        links = list(self.links)
        return chance.choices(links, [memory.link_weight(link) for link in links])[0]

    def press(self, form: Form, chance: Random, now: datetime, memory: Memory) -> tuple[int, dict[str, Any]]:
        """Send the form with her own token; the page that follows is before her."""
        data = form.filled(chance, local_date(now), list(memory.codes)[-60:], self.knows)
        answer = self.browser.post(form.action, data=data | {"csrf_token": self._csrf()})
        kept = memory.accepted if answer.status_code == 303 else memory.refused
        kept[pattern(form.action)] += 1
        if answer.status_code == 303:
            self.seen = Seen([], [])
            if answer.location.startswith(HOST):
                self.look(self._till.visit(answer.location, chance), memory)
            elif answer.location.startswith("/") and chance.random() < memory.wish(answer.location):
                self.look(answer.location, memory)
        elif answer.mimetype == "text/html" and answer.status_code in (200, 422):
            self._read(answer.text, form.action, memory)
        return answer.status_code, data

    @property
    def _till(self) -> Till:
        till: Till = self.browser.application.extensions["payment_provider"]
        return till

    def _csrf(self) -> str:
        if time.monotonic() > self._token_until:
            self._token, self._token_until = self.browser.csrf_token(), time.monotonic() + TOKEN_SECONDS
        return self._token
