"""A browser's own token, by which two reviews from one device are told: kept in a cookie, stored by hash."""

import hashlib
import secrets
from typing import Final

from flask import Response, after_this_request, current_app, request

COOKIE: Final = "device"
_YEAR_SECONDS = 365 * 86_400
_CHARS = 43


def device_hash() -> str:
    """The SHA-256 of this browser's token; one that has none gets one with this answer."""
    token = request.cookies.get(COOKIE, "")
    if len(token) != _CHARS:
        token = secrets.token_urlsafe(32)
        after_this_request(lambda answer: _keep(answer, token))
    return hashlib.sha256(token.encode()).hexdigest()


def _keep(answer: Response, token: str) -> Response:
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(COOKIE, token, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=is_secure)
    return answer
