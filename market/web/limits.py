"""Rate limits, counted in Valkey for all processes; while Valkey is gone each process counts for itself."""

import hashlib

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user

from market.people.rules import normalize_phone
from market.settings import Settings

limiter = Limiter(
    get_remote_address,
    strategy="moving-window",
    # A rate limiter that is out of order must never be the reason why a page fails.
    in_memory_fallback_enabled=True,
    swallow_errors=True,
)


def register(app: Flask) -> None:
    """Count on `app`'s Valkey."""
    settings: Settings = app.extensions["settings"]
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    if settings.redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}
    limiter.init_app(app)


def failed(response: Response) -> bool:
    """Whether an attempt was refused: only failures count against somebody."""
    return response.status_code >= 400


def by_account() -> str:
    """The signed-in person."""
    return f"account:{current_user.id}"


def by_phone() -> str:
    """The number in the form, hashed: the counters hold no personal data."""
    phone = normalize_phone(request.form.get("phone", "")) or "none"
    return "phone:" + hashlib.sha256(phone.encode()).hexdigest()[:24]
