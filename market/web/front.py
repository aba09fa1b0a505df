"""What stands above Flask: answers from the shelf, or asks Flask and keeps what it may (see `kept`)."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.http import dump_cookie, parse_cookie

from market.kernel import clock
from market.kernel.ids import new_id
from market.web import data_saver, language, logs, reading
from market.web.kept_page import KeptPage
from market.web.seen import is_person, look
from market.web.shelf import Copy, Key, Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ANYBODY = {"csrf_token", "locale", "county"}
"""All that the session of somebody who is nobody in particular may hold."""

SLOT = "market.kept"
"""Where a request that may be kept has what `Front` and `kept` tell each other."""

VERSION = "shown_version"
_LONGEST_QUERY_CHARS = 400
_OWN_HEADERS = {"set-cookie", "content-length", "content-encoding", "etag", "x-request-id", "vary"}
_VARY = "Accept-Encoding, Accept-Language, Cookie, Save-Data"

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is nobody in particular: her session's secret and her choices.

    Before her first page she has no secret ("").
    """

    csrf: str
    key: Key
    has_cart: bool


class Front:
    """The WSGI application that answers from the shelf, or asks Flask and keeps what it may."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        self._app, self._inner, self._shelf = app, inner, Shelf()
        sessions: Any = app.session_interface
        self._sessions, self._signed = sessions, sessions.get_signing_serializer(app)
        self._tokens = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        started = time.perf_counter()
        visitor = self._visitor(environ)
        version = self._app.extensions[VERSION]() if visitor else None
        if visitor is None or version is None:
            return self._inner(environ, start_response)
        holds = (version, int(clock.now().timestamp()) // 60)
        copy = self._shelf.find(visitor.key, holds)
        if copy is None:
            return self._render(environ, start_response, visitor, holds)
        environ["HTTP_X_REQUEST_ID"] = logs.id_of(environ)
        answer = self._answer(environ, start_response, visitor, copy)
        logs.answered(environ, 200 if answer else 304, started)
        return answer

    def _visitor(self, environ: "WSGIEnvironment") -> Visitor | None:
        """Who asks, if a kept page may be for her."""
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_RANGE" in environ or len(query) > _LONGEST_QUERY_CHARS:
            return None
        cookies = parse_cookie(environ)
        known = self._session(cookies.get(self._app.config["SESSION_COOKIE_NAME"], ""))
        if known is None:
            return None
        key = (
            environ.get("PATH_INFO", ""),
            query,
            language.of_visitor(known.get("locale"), environ.get("HTTP_ACCEPT_LANGUAGE", "")),
            str(known.get("county", "")),
            cookies.get(reading.COOKIE, "") if cookies.get(reading.COOKIE) in reading.SIZES else "",
            environ.get("HTTP_HOST", ""),
            environ.get("wsgi.url_scheme", ""),
            str("cart" in cookies),
            str(data_saver.saves(cookies, environ.get("HTTP_SAVE_DATA", ""))),
        )
        return Visitor(str(known.get("csrf_token", "")), key, "cart" in cookies)

    def _session(self, cookie: str) -> Mapping[str, Any] | None:
        """What the session's cookie holds; None where it makes her somebody."""
        if not cookie:
            return {}
        lifetime = int(self._app.permanent_session_lifetime.total_seconds())
        try:
            found = self._signed.loads(cookie, max_age=lifetime)
        except BadSignature:
            return None
        is_anybody = "csrf_token" in found and found.keys() <= ANYBODY
        return found if is_anybody else None

    def _render(
        self,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
        visitor: Visitor,
        holds: tuple[int, int],
    ) -> Iterable[bytes]:
        slot: dict[str, Any] = {"holds": holds}
        said: list[Any] = []

        def listen(status: str, headers: Headers, _problem: Any = None) -> Callable[[bytes], object]:
            said[:] = [status, headers]
            return lambda _body: None

        environ[SLOT] = slot
        body = self._inner(environ, listen)
        status, headers = said
        page: KeptPage | None = slot.get("page")
        if page is not None:
            general = tuple(it for it in headers if it[0].lower() not in _OWN_HEADERS)
            self._shelf.put(visitor.key, Copy(page, general, holds, slot["looked_at"]))
            headers = [*headers, ("ETag", _etag(page, slot["csrf"]))]
        start_response(status, headers)
        return body

    def _answer(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", visitor: Visitor, copy: Copy
    ) -> list[bytes]:
        """The copy for this visitor; no body where her browser has it still."""
        if copy.looked_at and is_person(environ):
            look(self._app, copy.looked_at)
        csrf = visitor.csrf or hashlib.sha1(os.urandom(64), usedforsecurity=False).hexdigest()
        etag = _etag(copy.page, csrf)
        headers = [
            *copy.headers,
            ("ETag", etag),
            ("Vary", _VARY),
            ("X-Request-ID", environ["HTTP_X_REQUEST_ID"]),
        ]
        if environ.get("HTTP_IF_NONE_MATCH") == etag and not (copy.page.keys and visitor.has_cart):
            start_response("304 Not Modified", [it for it in headers if it[0] != "Content-Type"])
            return []
        if not visitor.csrf:
            headers.append(("Set-Cookie", self._cookie(csrf)))
        keys = [str(new_id()) for _ in range(copy.page.keys)]
        token = str(self._tokens.dumps(csrf))
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body = copy.page.gzipped(token, keys)
            headers.append(("Content-Encoding", "gzip"))
        else:
            body = copy.page.filled(token, keys)
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _cookie(self, csrf: str) -> str:
        """The session's cookie of a visitor whose first page this is."""
        interface, app = self._sessions, self._app
        return dump_cookie(
            app.config["SESSION_COOKIE_NAME"],
            self._signed.dumps({"csrf_token": csrf}),
            httponly=True,
            samesite=interface.get_cookie_samesite(app),
            secure=interface.get_cookie_secure(app),
        )


def _etag(page: KeptPage, csrf: str) -> str:
    """Weak, since it is the same page in every encoding; of the session as well, whose token the page has."""
    return f'W/"{page.digest}{hashlib.sha256(csrf.encode()).hexdigest()[:8]}"'
